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
