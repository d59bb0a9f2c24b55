import Files

/// The licence a checkpoint's model card states: `license` in the YAML head of `README.md`, as the Hugging Face hub has
/// it.
///
/// Of YAML only what cards are made of is read: `license: mit`, quoted or not, or a list of one below the key. Nothing
/// that is not an identifier is handed on, for the card may be a stranger's.
package struct StatedLicence: Hashable, Sendable {
    /// The hub's identifier (`apache-2.0`, `cc-by-nc-sa-4.0`, `other`).
    package let identifier: String
    /// `license_name`, which stands beside `license: other`.
    package let name: String?

    private static let maximumHeadLines = 2_000

    /// Nil when the folder has no card of its own, or its head states no licence that can be read.
    static func of(folder: String) -> StatedLicence? {
        // A card that cannot be read, or is a link to elsewhere, states nothing; it is no part of the checkpoint.
        guard let file = try? OwnFile.openIfPresent("README.md", of: folder),
            let bytes = try? file.contents(limit: ConfigurationFile.maximumBytes)
        else { return nil }
        return StatedLicence(card: String(decoding: bytes, as: UTF8.self))
    }

    init?(card: String) {
        let lines = card.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        guard lines.first?.trimmed == "---" else { return nil }
        let head = lines.dropFirst().prefix(Self.maximumHeadLines).prefix { $0.trimmed != "---" }
        guard let identifier = Self.value(of: "license", in: head) else { return nil }
        self.identifier = identifier
        name = Self.value(of: "license_name", in: head)
    }

    private static func value(of key: String, in head: ArraySlice<Substring>) -> String? {
        guard let place = head.firstIndex(where: { $0.hasPrefix(key + ":") }) else { return nil }
        var text = head[place].dropFirst(key.count + 1).trimmed
        if text.isEmpty, place + 1 < head.endIndex {
            let item = head[place + 1].trimmed
            guard item.hasPrefix("- ") else { return nil }
            text = item.dropFirst(2).trimmed
        }
        if let comment = text.firstRange(of: " #") { text = text[..<comment.lowerBound].trimmed }
        if let quote = text.first, quote == "\"" || quote == "'", text.count > 1, text.last == quote {
            text = text.dropFirst().dropLast()
        }
        let isIdentifier = text.utf8.allSatisfy {
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains($0 | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || $0 == UInt8(ascii: "-")
                || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "_")
        }
        return !text.isEmpty && text.utf8.count <= 64 && isIdentifier ? String(text) : nil
    }
}

extension Substring {
    /// Without blanks at its ends.
    fileprivate var trimmed: Substring {
        let start = drop { $0 == " " || $0 == "\t" }
        guard let end = start.lastIndex(where: { $0 != " " && $0 != "\t" }) else { return start.prefix(0) }
        return start[...end]
    }
}
