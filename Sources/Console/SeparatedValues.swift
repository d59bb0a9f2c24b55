import Files

/// Comma-separated values after RFC 4180, with LF line ends.
package enum CommaSeparated {
    /// One record with its line end; fields that hold a comma, a quote or a line end are quoted.
    /// - Parameter raw: whether texts that a spreadsheet would compute (see `SpreadsheetFormula`) stay as they are.
    package static func record(_ fields: [String], raw: Bool = false) -> String {
        fields.map { !raw && SpreadsheetFormula.isOne($0.utf8) ? field("'" + $0) : field($0) }.joined(separator: ",")
            + "\n"
    }

    private static func field(_ text: String) -> String {
        let special: (Unicode.Scalar) -> Bool = { $0 == "," || $0 == "\"" || $0 == "\n" || $0 == "\r" }
        guard text.unicodeScalars.contains(where: special) else { return text }
        var output = "\""
        for scalar in text.unicodeScalars {
            if scalar == "\"" { output += "\"" }
            output.unicodeScalars.append(scalar)
        }
        return output + "\""
    }
}

/// Lines of tab-separated values, which know no quoting.
package enum TabSeparated {
    /// - Parameter raw: whether texts that a spreadsheet would compute stay as they are.
    package static func line(_ cells: [String], raw: Bool) -> String {
        cells.map { cell($0, raw: raw) }.joined(separator: "\t") + "\n"
    }

    /// Tabs and line ends, which would be other cells, become spaces.
    package static func cell(_ text: String, raw: Bool) -> String {
        var bytes = Array(text.utf8)
        if !raw, SpreadsheetFormula.isOne(bytes) { bytes.insert(SpreadsheetFormula.mark, at: 0) }
        for index in bytes.indices where [0x09, 0x0A, 0x0D].contains(bytes[index]) { bytes[index] = 0x20 }
        return String(decoding: bytes, as: UTF8.self)
    }
}
