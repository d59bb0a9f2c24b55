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
