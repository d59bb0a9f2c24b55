import Files

/// Reads lines of two tab-separated cells into two tables of equal length.
enum PairedLines {
    /// - Parameters:
    ///   - allowsSpaces: whether a line without a tab may hold two words separated by spaces.
    ///   - expected: what an empty file lacks, for its error.
    static func read(
        path: String, allowsSpaces: Bool, expected: String
    ) throws -> (first: TextTable, second: TextTable) {
        let reader = try LineReader(path: path)
        var first = TextTable()
        var second = TextTable()
        while let line = try reader.next() {
            let cells = split(line, allowsSpaces: allowsSpaces)
            guard cells.count == 2, !cells[0].isEmpty, !cells[1].isEmpty else {
                let separator = allowsSpaces ? "a tab or spaces" : "a tab"
                let problem =
                    line.isEmpty
                    ? "an empty line"
                    : cells.count == 2
                        ? "an empty cell in \(LexiconError.excerpt(line))"
                        : "\(cells.count) in \(LexiconError.excerpt(line))"
                throw LexiconError.malformedLine(
                    path: path, line: reader.lineNumber, expected: "two cells separated by \(separator)",
                    found: problem, advice: "correct or remove the line")
            }
            first.append(UnsafeBufferPointer(rebasing: cells[0]))
            second.append(UnsafeBufferPointer(rebasing: cells[1]))
        }
        guard !first.isEmpty else { throw LexiconError.empty(path: path, expected: expected) }
        return (first, second)
    }

    private static func split(
        _ line: UnsafeBufferPointer<UInt8>, allowsSpaces: Bool
    ) -> [Slice<UnsafeBufferPointer<UInt8>>] {
        let cells = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
        guard cells.count == 1, allowsSpaces else { return cells }
        return line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: true)
    }
}
