/// Language codes of file names: which are well-formed, and which mean the same language.
///
/// Files use ISO 639-1 (`fi`), ISO 639-3 (`fin`), the older bibliographic codes (`fre`, `ger`) or upper case (`FIN`).
/// `canonical` maps all of these to one spelling, so that a test set's FIN finds the stored `words/fi`.
package enum LanguageCode {
    /// Two or three lower-case letters, then subtags of one to ten letters or digits after `-` or `_`.
    package static func isWellFormed(_ code: String) -> Bool {
        let parts = code.utf8.split(whereSeparator: { $0 == 0x2d || $0 == 0x5f }).map(Array.init)
        let separators = code.utf8.count - parts.reduce(0) { $0 + $1.count }
        guard let primary = parts.first, separators == parts.count - 1 else { return false }
        return (2...3).contains(primary.count) && primary.allSatisfy { (0x61...0x7a).contains($0) }
            && parts.dropFirst().allSatisfy { part in
                part.count <= 10
                    && part.allSatisfy {
                        (0x61...0x7a).contains($0) || (0x41...0x5a).contains($0) || (0x30...0x39).contains($0)
                    }
            }
    }

    /// Well-formed and without subtags.
    package static func isPlain(_ code: String) -> Bool {
        code.utf8.count <= 3 && isWellFormed(code)
    }

    /// The two-letter code of a language given by a two- or three-letter one in any case; nil when it has none.
    ///
    /// A member of a macro-language that stands for it in practice counts as it: `cmn` → `zh`, `arb` → `ar`, `pes` →
    /// `fa`.
    package static func iso639_1(of code: String) -> String? {
        let code = code.lowercased()
        if code.utf8.count == 2 { return twoLetterCodes.contains(code) ? code : nil }
        return twoLetter[code]
    }

    /// The three-letter (ISO 639-3) code of a language given by a two- or three-letter one; nil when unknown.
    package static func iso639_3(of code: String) -> String? {
        guard let two = iso639_1(of: code) else { return nil }
        return threeLetter[two]
    }

    /// One spelling for all codes of a language: the two-letter one when there is one; subtags follow in lower case
    /// after `-`.
    package static func canonical(_ code: String) -> String {
        let parts = code.lowercased().split(whereSeparator: { $0 == "-" || $0 == "_" }).map(String.init)
        guard let primary = parts.first else { return code.lowercased() }
        return ([iso639_1(of: primary) ?? primary] + parts.dropFirst()).joined(separator: "-")
    }

    /// Whether two codes mean the same language.
    package static func areSame(_ one: String, _ other: String) -> Bool { canonical(one) == canonical(other) }
}
