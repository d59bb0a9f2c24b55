import Files

/// What a file's name tells: its folder, its name without packing, the languages in it.
enum InputFileName {
    /// The path without its packing: `.gz`, `.xz`, `.zip`, …
    static func plain(_ path: String) -> String { PackedName.plain(path) }

    /// The part after the last slash.
    static func last(_ path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }

    /// The part before the last slash, "." when there is none.
    static func folder(_ path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    static func join(_ folder: String, _ name: String) -> String {
        folder.hasSuffix("/") ? folder + name : folder + "/" + name
    }

    /// The name's parts between dots, packing dropped.
    static func parts(_ name: String) -> [String] {
        plain(name).split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// "de-fi" → ("de", "fi"): two well-formed codes without subtags around one hyphen.
    static func pair(_ text: String) -> (first: String, second: String)? {
        let codes = text.split(separator: "-", omittingEmptySubsequences: false).map(String.init)
        guard codes.count == 2, codes.allSatisfy(LanguageCode.isPlain) else { return nil }
        return (codes[0], codes[1])
    }
}
