import Foundation

/// Whether a text is well-formed XML, by a check of its own: FoundationXML is not among the imports the rooms allow.
///
/// Knows what Polylex writes: elements, attributes in double quotes, the five entities; no comments, no CDATA.
enum XML {
    static func isWellFormed(_ text: String) throws -> Bool {
        var open: [Substring] = []
        var roots = 0
        var rest = text[...]
        if rest.hasPrefix("<?xml"), let end = rest.range(of: "?>") { rest = rest[end.upperBound...] }
        while let start = rest.firstIndex(of: "<") {
            guard isText(rest[..<start], inside: !open.isEmpty) else { return false }
            guard let end = rest[start...].firstIndex(of: ">") else { return false }
            let tag = rest[rest.index(after: start)..<end]
            rest = rest[rest.index(after: end)...]
            if tag.hasPrefix("/") {
                guard open.popLast() == tag.dropFirst() else { return false }
                continue
            }
            let isEmpty = tag.hasSuffix("/")
            let body = isEmpty ? tag.dropLast() : tag
            let name = body.prefix { $0.isLetter }
            guard !name.isEmpty, areAttributes(body.dropFirst(name.count)) else { return false }
            if open.isEmpty { roots += 1 }
            if !isEmpty { open.append(name) }
        }
        return open.isEmpty && roots == 1 && isText(rest, inside: false)
    }

    private static func areAttributes(_ text: Substring) -> Bool {
        var names = Set<Substring>()
        var rest = text
        while true {
            rest = rest.drop { $0.isWhitespace }
            if rest.isEmpty { return true }
            let name = rest.prefix { $0.isLetter || $0 == "-" }
            rest = rest.dropFirst(name.count)
            guard !name.isEmpty, names.insert(name).inserted, rest.hasPrefix("=\"") else { return false }
            rest = rest.dropFirst(2)
            guard let end = rest.firstIndex(of: "\""), isText(rest[..<end], inside: true) else { return false }
            rest = rest[rest.index(after: end)...]
        }
    }

    private static func isText(_ text: Substring, inside: Bool) -> Bool {
        if !inside { return text.allSatisfy(\.isWhitespace) }
        var plain = String(text)
        for entity in ["&amp;", "&lt;", "&gt;", "&quot;", "&apos;"] {
            plain = plain.replacingOccurrences(of: entity, with: "")
        }
        return !plain.contains("&") && !plain.contains("<")
    }
}
