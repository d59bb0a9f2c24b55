import Files

/// Reads parallel sentences: two line-aligned files, or one of two tab-separated columns.
///
/// Sentences are kept to the byte. A blank line (nothing but ASCII spaces and tabs) is an error: dropping it would
/// shift every later pair. With `skippingBadLines` it is left out with its translation, and so is a line that cannot be
/// read (no UTF-8, too long, another line end, not two columns): pairs stay pairs, and are counted.
package enum SentenceSetReader {
    /// Every set of a folder, sorted by name.
    /// - Throws: `LexiconError`, `SystemFault`.
    package static func readFolder(_ folder: String) throws -> [SentenceSet] {
        try SentenceFolder.list(folder).map { try read($0) }
    }

    package static func read(_ files: SentenceFolder.Files, skippingBadLines: Bool = false) throws -> SentenceSet {
        guard let second = files.second else {
            return try read(
                columns: files.first, name: files.name, firstLanguage: files.firstLanguage,
                secondLanguage: files.secondLanguage, skippingBadLines: skippingBadLines)
        }
        return try read(
            first: files.first, second: second, name: files.name, firstLanguage: files.firstLanguage,
            secondLanguage: files.secondLanguage, skippingBadLines: skippingBadLines)
    }

    /// Two files, line i of one translating line i of the other.
    /// - Throws: `LexiconError`, also when no pair is left; `FileError`; `SystemFault`.
    package static func read(
        first: String, second: String, name: String, firstLanguage: String, secondLanguage: String,
        skippingBadLines: Bool = false
    ) throws -> SentenceSet {
        let one = try sentences(of: first, skippingBadLines), other = try sentences(of: second, skippingBadLines)
        // Bad lines come after lengths: a file that was cut short often ends with one, and removing it would help
        // nobody.
        guard one.table.count == other.table.count else {
            throw LexiconError.lineCounts(
                first: first, firstLines: one.table.count, second: second, secondLines: other.table.count)
        }
        let faults = one.faults.merging(other.faults) { mine, _ in mine }
        if !skippingBadLines, let fault = one.firstFault ?? other.firstFault { throw fault }
        return try set(
            one.table, other.table, faults: faults, name: name, firstLanguage: firstLanguage,
            secondLanguage: secondLanguage, path: first)
    }

    /// One file of two tab-separated columns, kept to the byte.
    /// - Throws: as for two files.
    package static func read(
        columns path: String, name: String, firstLanguage: String, secondLanguage: String,
        skippingBadLines: Bool = false
    ) throws -> SentenceSet {
        let reader = try LineReader(path: path)
        var first = TextTable(), second = TextTable(), faults: [Int: any Error] = [:]
        while true {
            do {
                guard let line = try reader.next() else { break }
                let cells = line.split(separator: UInt8(ascii: "\t"), omittingEmptySubsequences: false)
                    .map { UnsafeBufferPointer(rebasing: $0) }
                if isBlank(line) || cells.count == 2 && cells.contains(where: isBlank) {
                    throw LexiconError.blankLine(path: path, line: reader.lineNumber)
                }
                guard cells.count == 2 else {
                    throw LexiconError.malformedLine(
                        path: path, line: reader.lineNumber, expected: "two sentences separated by a tab",
                        found: "\(cells.count) in \(LexiconError.excerpt(line))", advice: "correct or remove the line")
                }
                first.append(cells[0])
                second.append(cells[1])
            } catch  where skippingBadLines && isOfOneLine(error) {
                faults[first.count] = error
                first.append([])
                second.append([])
            }
        }
        guard !first.isEmpty else { throw LexiconError.empty(path: path, expected: "at least one sentence pair") }
        return try set(
            first, second, faults: faults, name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage,
            path: path)
    }

    /// The pairs of which neither line is at fault.
    /// - Parameter faults: by row.
    private static func set(
        _ one: TextTable, _ other: TextTable, faults: [Int: any Error], name: String, firstLanguage: String,
        secondLanguage: String, path: String
    ) throws -> SentenceSet {
        guard let firstRow = faults.keys.min(), let fault = faults[firstRow] else {
            return SentenceSet(
                name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: one, second: other,
                path: path)
        }
        guard faults.count < one.count else { throw fault }
        var first = TextTable(), second = TextTable(), lines: [UInt32] = []
        for row in 0..<one.count where faults[row] == nil {
            one.withBytes(at: row) { first.append($0) }
            other.withBytes(at: row) { second.append($0) }
            lines.append(UInt32(clamping: row + 1))
        }
        let pairs = faults.count == 1 ? "1 pair" : "\(faults.count) pairs"
        InputRemark.say("\(path): left out \(pairs) of \(one.count) with a bad line, the first: \(fault)")
        return SentenceSet(
            name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: first, second: second,
            lines: lines, leftOut: faults.count, path: path)
    }

    /// A file's lines; those at fault are empty.
    private struct Lines {
        var table = TextTable()
        /// By row.
        var faults: [Int: any Error] = [:]

        var firstFault: (any Error)? { faults.keys.min().flatMap { faults[$0] } }
    }

    private static func sentences(of path: String, _ skippingBadLines: Bool) throws -> Lines {
        let reader = try LineReader(path: path)
        var lines = Lines()
        while true {
            do {
                guard let line = try reader.next() else { break }
                if isBlank(line), skippingBadLines || lines.faults.isEmpty {
                    lines.faults[lines.table.count] = LexiconError.blankLine(path: path, line: reader.lineNumber)
                }
                lines.table.append(line)
            } catch let error as FileError where skippingBadLines && error.isOfOneLine {
                lines.faults[lines.table.count] = error
                lines.table.append([])
            }
        }
        guard !lines.table.isEmpty else { throw LexiconError.empty(path: path, expected: "at least one sentence") }
        return lines
    }

    private static func isOfOneLine(_ error: any Error) -> Bool {
        switch error {
        case let error as FileError: error.isOfOneLine
        case LexiconError.blankLine, LexiconError.malformedLine: true
        default: false
        }
    }

    private static func isBlank(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }
}
