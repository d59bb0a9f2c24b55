import Testing

@testable import Console

@Suite struct FoldedTextTests {
    @Test func linesAreBrokenAtSpaces() {
        #expect(FoldedText.lines("one two three\n\nfour\n", width: 13) == "one two three\n\nfour\n")
        #expect(FoldedText.lines("one two three four five\n", width: 9) == "one two\n  three\n  four\n  five\n")
        // What goes on below is further in than its line, and spaces inside a line stay.
        #expect(FoldedText.lines("    a  b c d e", width: 10) == "    a  b c\n      d e")
        // Columns count, not characters.
        #expect(FoldedText.lines("家族 e\u{301}te\u{301} x", width: 8) == "家族 e\u{301}te\u{301}\n  x")
    }

    @Test func pathsAndColouredRowsStayWhole() {
        #expect(FoldedText.lines("a /a/long/path/to: 3 files", width: 10) == "a\n  /a/long/path/to:\n  3 files")
        let row = TextStyle.bold.applied(to: "a row of a table")
        #expect(FoldedText.lines(row, width: 16) == row)
    }

    @Test func piecesAreNeverWider() {
        #expect(FoldedText.pieces("", width: 3) == [""])
        #expect(FoldedText.pieces("one two", width: 7) == ["one two"])
        #expect(FoldedText.pieces("one, seventeen", width: 5) == ["one,", "seven", "teen"])
        #expect(FoldedText.pieces("家族家", width: 5) == ["家族", "家"])
        // A character that is wider than all there is cannot be broken.
        #expect(FoldedText.pieces("家族", width: 1) == ["家", "族"])
    }
}
