/// Cells that a spreadsheet would compute when it opens a table: a word from a file must not become a command there.
///
/// Such a text gets an apostrophe in front, by which spreadsheets know text. Numbers ("-0.5") are harmless and stay.
/// - Source: OWASP, "CSV Injection".
package enum SpreadsheetFormula {
    package static let mark = UInt8(ascii: "'")

    /// Whether the text begins with = + - @, a tab or a carriage return and is no number.
    package static func isOne(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        switch text.first {
        case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0D: true
        case UInt8(ascii: "+"), UInt8(ascii: "-"): !isNumber(text.dropFirst())
        default: false
        }
    }

    /// Whether a table that is read back needs the mark in front: one that has marks already gets another, so that
    /// taking one off (see `isMarked`) gives the text again, whatever it was.
    package static func needsMark(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        isOne(text.drop { $0 == mark })
    }

    /// Whether the first byte is a mark that `needsMark` asked for.
    package static func isMarked(_ text: some BidirectionalCollection<UInt8>) -> Bool {
        text.first == mark && needsMark(text)
    }

    /// Digits, then a fraction, then an exponent; the last two may be missing.
    private static func isNumber(_ text: some Collection<UInt8>) -> Bool {
        var rest = text[...]
        func takeDigits() -> Bool {
            let after = rest.drop { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
            defer { rest = after }
            return after.startIndex != rest.startIndex
        }
        guard takeDigits() else { return false }
        if rest.first == UInt8(ascii: ".") {
            rest = rest.dropFirst()
            guard takeDigits() else { return false }
        }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest = rest.dropFirst()
            if rest.first == UInt8(ascii: "+") || rest.first == UInt8(ascii: "-") { rest = rest.dropFirst() }
            guard takeDigits() else { return false }
        }
        return rest.isEmpty
    }
}
