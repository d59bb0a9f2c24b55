import Foundation

/// What is done to a lemma before it is looked up: marks that lists leave out, characters nobody sees, one normal form.
struct WordCleaning: Sendable {
    let dropsMarks: Bool
    let dropsInvisible: Bool

    struct Result: Equatable {
        var text: String
        var droppedMarks = false
        var droppedInvisible = false
    }

    /// The lemma in NFC without what is dropped; the language is a canonical code.
    func clean(_ lemma: String, language: String) -> Result {
        if lemma.utf8.allSatisfy({ $0 < 0x80 }) { return Result(text: lemma) }
        var result = Result(text: lemma)
        let marks = dropsMarks ? Self.marks(of: language) : nil
        if marks != nil || dropsInvisible {
            var kept = String.UnicodeScalarView()
            for scalar in lemma.unicodeScalars {
                if let marks, marks(scalar.value) {
                    result.droppedMarks = true
                } else if dropsInvisible, Self.isInvisible(scalar.value) {
                    result.droppedInvisible = true
                } else {
                    kept.append(scalar)
                }
            }
            if result.droppedMarks || result.droppedInvisible { result.text = String(kept) }
        }
        result.text = Self.composed(result.text)
        return result
    }

    /// Normalisation form C. Text under U+0300 is in that form as it stands.
    static func composed(_ text: String) -> String {
        if text.unicodeScalars.allSatisfy({ $0.value < 0x300 }) { return text }
        return text.precomposedStringWithCanonicalMapping
    }

    /// Vowel marks and tatweel of the Arabic script, points of the Hebrew one: dictionaries write them, texts do not.
    private static func marks(of language: String) -> ((UInt32) -> Bool)? {
        switch language {
        case "ar", "fa", "ur":
            { (0x64b...0x65f).contains($0) || $0 == 0x670 || $0 == 0x640 }
        case "he":
            { (0x591...0x5c7).contains($0) }
        default: nil
        }
    }

    /// Soft hyphen, zero-width space, word joiner, byte order mark, and marks and controls of writing direction.
    ///
    /// The zero-width joiner and non-joiner stay: they change how Persian and Indic words are written.
    private static func isInvisible(_ value: UInt32) -> Bool {
        switch value {
        case 0xad, 0x61c, 0x200b, 0x200e, 0x200f, 0x202a...0x202e, 0x2060, 0x2066...0x2069, 0xfeff: true
        default: false
        }
    }
}

/// Questions about a text that several rules ask.
enum WordTests {
    /// White space as Python's `str.isspace` has it, or an underscore (how many wordnets and BabelNet join words).
    static func hasSeveralWords(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.value {
            case 0x09...0x0d, 0x1c...0x20, 0x5f, 0x85, 0xa0, 0x1680, 0x2000...0x200a, 0x2028, 0x2029, 0x202f, 0x205f,
                0x3000:
                true
            default: false
            }
        }
    }

    /// Nothing but white space.
    static func isBlank(_ text: String) -> Bool { text.unicodeScalars.allSatisfy { $0.properties.isWhitespace } }

    /// General category L*, as Python's `str.isalpha`.
    static func hasLetter(_ text: String) -> Bool {
        text.unicodeScalars.contains { scalar in
            switch scalar.properties.generalCategory {
            case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
            default: false
            }
        }
    }
}
