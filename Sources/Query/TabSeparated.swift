import Files

/// Lines of tab-separated values, which know no quoting.
enum TabSeparated {
    /// - Parameter raw: whether texts that a spreadsheet would compute stay as they are.
    static func line(_ cells: [String], raw: Bool) -> String {
        cells.map { cell($0, raw: raw) }.joined(separator: "\t") + "\n"
    }

    /// Tabs and line ends, which would be other cells, become spaces.
    static func cell(_ text: String, raw: Bool) -> String {
        var bytes = Array(text.utf8)
        if !raw, SpreadsheetFormula.isOne(bytes) { bytes.insert(SpreadsheetFormula.mark, at: 0) }
        for index in bytes.indices where [0x09, 0x0A, 0x0D].contains(bytes[index]) { bytes[index] = 0x20 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
