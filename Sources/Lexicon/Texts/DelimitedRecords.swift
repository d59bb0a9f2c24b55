import Files

/// Reads comma-separated records with RFC 4180 quoting: `"a, ""b"""`, line ends inside quotes included.
///
/// Stricter than spreadsheets: a quote inside an unquoted cell is text, anything but a comma after a closing quote is
/// an error.
struct DelimitedRecords {
    private let reader: LineReader
    /// The line the last record began at.
    private(set) var line = 0

    init(path: String) throws { reader = try LineReader(path: path) }

    /// The cells of the next record, or nil at the end. Blank lines are records of one empty cell.
    /// - Throws: `LexiconError`, `SystemFault`.
    mutating func next() throws -> [[UInt8]]? {
        guard var bytes = try reader.next() else { return nil }
        line = reader.lineNumber
        var cells: [[UInt8]] = []
        var cell: [UInt8] = []
        var length = 0
        var state = State.cellStart
        while true {
            for byte in bytes {
                switch (state, byte) {
                case (.cellStart, UInt8(ascii: "\"")):
                    state = .quoted
                case (.cellStart, UInt8(ascii: ",")), (.plain, UInt8(ascii: ",")), (.closed, UInt8(ascii: ",")):
                    cells.append(cell)
                    cell = []
                    state = .cellStart
                case (.cellStart, _), (.plain, _):
                    cell.append(byte)
                    state = .plain
                case (.quoted, UInt8(ascii: "\"")):
                    state = .closed
                case (.quoted, _):
                    cell.append(byte)
                case (.closed, UInt8(ascii: "\"")):
                    cell.append(byte)
                    state = .quoted
                case (.closed, _):
                    throw malformed("text after a closing quote in cell \(cells.count + 1)")
                }
            }
            guard state == .quoted else { break }
            length += bytes.count + 1
            guard length <= reader.maximalLineBytes, let more = try reader.next() else {
                throw malformed("a quote in cell \(cells.count + 1) that is never closed")
            }
            cell.append(UInt8(ascii: "\n"))
            bytes = more
        }
        cells.append(cell)
        return cells
    }

    private enum State {
        case cellStart, plain, quoted, closed
    }

    private func malformed(_ found: String) -> LexiconError {
        .malformedLine(
            path: reader.path, line: line, expected: "comma-separated cells, quoted as in RFC 4180", found: found,
            advice: "correct the quoting")
    }
}
