/// Lower-casing as Python's `str.lower` does it: what the reference falls back to when a dictionary's word is not in
/// the vocabulary.
///
/// Full case mappings of the Unicode Character Database, one scalar after another, with one rule of context: capital
/// sigma becomes ς at the end of a word, σ elsewhere. Scalars assigned after the Unicode version of a given Python
/// may differ.
/// - Source: CPython `Objects/unicodeobject.c`, `lower_ucs4` and `handle_capital_sigma`.
package enum ReferenceLowercase {
    package static func lower(_ text: String) -> String {
        let scalars = Array(text.unicodeScalars)
        var lowered = String.UnicodeScalarView()
        for (at, scalar) in scalars.enumerated() {
            if scalar.value == 0x3a3 {
                lowered.append(isFinal(scalars, sigma: at) ? "\u{3c2}" : "\u{3c3}")
            } else {
                lowered.append(contentsOf: scalar.properties.lowercaseMapping.unicodeScalars)
            }
        }
        return String(lowered)
    }

    /// Whether two words are spelled alike apart from case, composed and decomposed letters being different ones.
    package static func areAlike(_ first: String, _ second: String) -> Bool {
        lower(first).utf8.elementsEqual(lower(second).utf8)
    }

    /// Bytes in, bytes out: for words lent from a `TextTable`.
    package static func lower(_ text: UnsafeBufferPointer<UInt8>) -> [UInt8] {
        if text.allSatisfy({ $0 < 0x80 }) {
            return text.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        }
        return Array(lower(String(decoding: text, as: UTF8.self)).utf8)
    }

    /// A cased scalar before it and none after it, case-ignorable ones skipped.
    private static func isFinal(_ scalars: [Unicode.Scalar], sigma: Int) -> Bool {
        let before = scalars[..<sigma].last { !$0.properties.isCaseIgnorable }
        guard let before, before.properties.isCased else { return false }
        let after = scalars[(sigma + 1)...].first { !$0.properties.isCaseIgnorable }
        return !(after?.properties.isCased ?? false)
    }
}
