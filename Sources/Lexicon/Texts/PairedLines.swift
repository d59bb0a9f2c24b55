import Files

/// Reads lines of two words (or expressions, with a tab between) into two tables of equal length.
///
/// Cells are separated by a tab, and where a line has none, by any run of white space: then it holds exactly two words.
/// White space at a cell's ends is no part of it, as in MUSE and VecMap; inside a cell it stays.
enum PairedLines {
    struct Pairs {
        var first = TextTable()
        var second = TextTable()
        /// Lines that are not two words.
        var leftOut = 0
        /// What is wrong with the first of them.
        var firstLeftOut: (any Error)?
    }

    /// - Parameters:
    ///   - isStrict: whether the first line that is not two words is an error instead of being left out and counted.
    ///   - expected: what a file without a pair lacks, for its error.
    /// - Throws: `LexiconError`, also when no line is a pair; `FileError`; `SystemFault`.
    static func read(path: String, isStrict: Bool, expected: String) throws -> Pairs {
        let reader = try LineReader(path: path)
        var pairs = Pairs()
        func refuse(_ error: any Error) throws {
            if isStrict { throw error }
            pairs.leftOut += 1
            if pairs.firstLeftOut == nil { pairs.firstLeftOut = error }
        }
        while true {
            do {
                guard let line = try reader.next() else { break }
                let cells = cells(of: line)
                guard cells.count == 2 else {
                    try refuse(malformed(line, cells: cells.count, reader))
                    continue
                }
                pairs.first.append(UnsafeBufferPointer(rebasing: line[cells[0]]))
                pairs.second.append(UnsafeBufferPointer(rebasing: line[cells[1]]))
            } catch let error as FileError where error.isOfOneLine {
                try refuse(error)
            }
        }
        guard !pairs.first.isEmpty else {
            throw pairs.firstLeftOut ?? LexiconError.empty(path: path, expected: expected)
        }
        return pairs
    }

    /// Where the words of a line lie: two for a pair.
    static func cells(of line: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        var cells: [Range<Int>] = []
        if line.contains(UInt8(ascii: "\t")) {
            for part in line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false) {
                cells.append(trimmed(line, part.startIndex..<part.endIndex))
            }
            // Spreadsheets end rows with empty cells.
            while let last = cells.last, last.isEmpty { cells.removeLast() }
            return cells.contains(where: \.isEmpty) ? [] : cells
        }
        var at = 0
        while at < line.count {
            let space = WhiteSpace.length(line, at: at)
            if space > 0 {
                at += space
                continue
            }
            let start = at
            while at < line.count, WhiteSpace.length(line, at: at) == 0 { at += 1 }
            cells.append(start..<at)
        }
        return cells
    }

    private static func trimmed(_ line: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> Range<Int> {
        let cell = UnsafeBufferPointer(rebasing: line[range])
        let inner = WhiteSpace.trimmed(cell)
        return range.lowerBound + inner.lowerBound..<range.lowerBound + inner.upperBound
    }

    private static func malformed(_ line: UnsafeBufferPointer<UInt8>, cells: Int, _ reader: LineReader) -> LexiconError
    {
        let isBlank = WhiteSpace.trimmed(line).isEmpty
        return .malformedLine(
            path: reader.path, line: reader.lineNumber, expected: "two words, separated by a tab or by spaces",
            found: isBlank
                ? "an empty line" : (cells == 0 ? "an empty cell" : "\(cells)") + " in \(LexiconError.excerpt(line))",
            advice: "correct or remove the line")
    }
}
