/// Which member of an archive a reader of one text takes.
///
/// The one that bears the archive's own name (`en.vec` in `en.vec.zip`), else the first whose name ends as a text does
/// (`.vec`, `.txt`, `.tsv`, …), else the first. Attachments (hidden files, `__MACOSX`, README, LICENSE, …) are taken
/// only where there is nothing else.
struct MemberChoice: Equatable {
    let name: String
    let others: [String]

    private static let textEndings = [
        ".vec", ".txt", ".tsv", ".csv", ".trans", ".xml", ".tab", ".jsonl", ".msgpack", ".dic", ".dict",
    ]
    private static let attachments = [
        "readme", "license", "licence", "copying", "citation", "changelog", "authors", "index",
    ]

    /// - Returns: nil when there is no member.
    init?(_ names: [String], archive path: String) {
        let own = Self.last(PackedName.plain(path))
        let proper = names.filter { !Self.isAttachment($0) }
        let chosen =
            proper.first { Self.last($0) == own }
            ?? proper.first { name in Self.textEndings.contains { name.hasSuffix($0) } }
            ?? proper.first ?? names.first
        guard let chosen else { return nil }
        name = chosen
        others = proper.filter { $0 != chosen }
    }

    /// What is said of the choice; nil when there was none to make.
    func remark(path: String) -> String? {
        guard !others.isEmpty else { return nil }
        let shown = others.prefix(5).map(Self.printable).joined(separator: ", ")
        return "\(path): takes \(Self.printable(name)) and leaves out \(shown)"
            + (others.count > 5 ? " and \(others.count - 5) more" : "")
            + "; to use another, unpack the archive and name the file"
    }

    static func isAttachment(_ name: String) -> Bool {
        let parts = name.split(separator: "/")
        if parts.contains(where: { $0.hasPrefix(".") || $0 == "__MACOSX" }) { return true }
        let stem = last(name).split(separator: ".").first?.lowercased() ?? ""
        return attachments.contains(stem)
    }

    /// A member's name for people: archives may write anything.
    static func printable(_ name: String) -> String {
        String(
            String.UnicodeScalarView(
                name.unicodeScalars.prefix(200).map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }))
    }

    static func last(_ path: String) -> String {
        path.utf8.lastIndex(of: UInt8(ascii: "/")).map { String(path[path.utf8.index(after: $0)...]) } ?? path
    }
}
