import Files

/// Writes constraints as TSV or as the CSV of the babelbert-dataset, gzip when the name ends in `.gz`.
///
/// TSV has no quoting, so tabs and line ends inside a cell become spaces; `replacedCells` counts the cells. CSV is what
/// spreadsheets open: a cell they would compute gets an apostrophe in front, which `ConstraintReader` takes off again;
/// `markedCells` counts those.
package final class ConstraintWriter {
    package let format: ConstraintFormat
    package private(set) var count = 0
    package private(set) var replacedCells = 0
    package private(set) var markedCells = 0
    private let file: OutputFile
    private let marksFormulas: Bool

    /// - Parameter marksFormulas: false writes CSV cells as they are (`--csv-raw`).
    /// - Throws: `SystemFault`.
    package init(path: String, format: ConstraintFormat? = nil, marksFormulas: Bool = true) throws {
        self.format = format ?? ConstraintFormat(path: path)
        self.marksFormulas = marksFormulas
        file = try OutputFile(path: path)
        let separator = self.format == .tsv ? "\t" : ","
        try file.append(self.format.columns.joined(separator: separator) + "\n")
    }

    package func write(_ row: Constraint) throws {
        count += 1
        var replaced = 0
        var marked = 0
        try file.append { output in
            switch format {
            case .tsv:
                let cells = [
                    row.firstLanguage, row.firstWord, row.secondLanguage, row.secondWord, row.firstGlossLanguage,
                    row.firstGloss, row.secondGlossLanguage, row.secondGloss, row.synset,
                ]
                for (column, cell) in cells.enumerated() {
                    if column > 0 { output.append(0x09) }
                    if Self.appendPlain(cell, to: &output) { replaced += 1 }
                }
            case .csv:
                let cells = [
                    row.firstWord, row.secondWord, row.firstLanguage, row.secondLanguage, row.firstGloss,
                    row.secondGloss, row.synset,
                ]
                for (column, cell) in cells.enumerated() {
                    if column > 0 { output.append(UInt8(ascii: ",")) }
                    let isMarked = marksFormulas && SpreadsheetFormula.needsMark(cell.utf8)
                    if isMarked { marked += 1 }
                    Self.appendQuoted(isMarked ? "'" + cell : cell, to: &output)
                }
            }
            output.append(0x0a)
        }
        replacedCells += replaced
        markedCells += marked
    }

    /// Gives the file its name; without it nothing is left.
    package func finish() throws { try file.finish() }

    /// - Returns: whether a tab or a line end was replaced.
    private static func appendPlain(_ cell: String, to output: inout [UInt8]) -> Bool {
        let start = output.count
        output.append(contentsOf: cell.utf8)
        var replaced = false
        for at in start..<output.count where output[at] == 0x09 || output[at] == 0x0a || output[at] == 0x0d {
            output[at] = 0x20
            replaced = true
        }
        return replaced
    }

    private static func appendQuoted(_ cell: String, to output: inout [UInt8]) {
        let quote = UInt8(ascii: "\"")
        let special = cell.utf8.contains { $0 == quote || $0 == UInt8(ascii: ",") || $0 == 0x0a || $0 == 0x0d }
        guard special else { return output.append(contentsOf: cell.utf8) }
        output.append(quote)
        for byte in cell.utf8 {
            if byte == quote { output.append(quote) }
            output.append(byte)
        }
        output.append(quote)
    }
}
