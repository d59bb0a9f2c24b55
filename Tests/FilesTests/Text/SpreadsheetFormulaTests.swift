import Testing

@testable import Files

@Suite struct SpreadsheetFormulaTests {
    @Test(arguments: [
        "=", "=1+1", "@SUM", "+x", "-", "-ness", "--1", "-1 000", "+1e", "-1.", "-.5", "\tx", "\rx", "-1\n",
    ])
    func whatASpreadsheetWouldCompute(text: String) {
        #expect(SpreadsheetFormula.isOne(text.utf8) && SpreadsheetFormula.needsMark(text.utf8))
    }

    @Test(arguments: ["", "a", "a=b", " =1", "-1", "+0.25", "-1.5e-07", "+2E+3", "'", "'a", "漢"])
    func whatItWouldNot(text: String) {
        #expect(!SpreadsheetFormula.isOne(text.utf8) && !SpreadsheetFormula.needsMark(text.utf8))
        #expect(!SpreadsheetFormula.isMarked(text.utf8))
    }

    /// A mark that was put there can be taken off again, whatever the text was.
    @Test(arguments: ["=1", "'=1", "''=1", "'", "''", "'a", "-0.5", "'-0.5", "-x", "'-x", "", "x"])
    func marksComeOffAgain(text: String) {
        let written = SpreadsheetFormula.needsMark(text.utf8) ? "'" + text : text
        let read = SpreadsheetFormula.isMarked(written.utf8) ? String(written.dropFirst()) : written
        #expect(read == text)
    }
}
