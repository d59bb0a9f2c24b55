import Files
import Fingerprinting

/// Line-aligned sentences in two languages.
package struct SentenceSet: Sendable {
    /// "fra-eng": the other language first, as Tatoeba's files are named.
    package let name: String
    /// Language codes, e.g. "fra" and "eng".
    package let firstLanguage: String
    package let secondLanguage: String
    /// Row i of `first` translates row i of `second`; repeats are kept.
    package let first: TextTable
    package let second: TextTable
    package let path: String
    package let fingerprint: Fingerprint

    package init(
        name: String, firstLanguage: String, secondLanguage: String, first: TextTable, second: TextTable,
        path: String, fingerprint: Fingerprint
    ) {
        self.name = name
        self.firstLanguage = firstLanguage
        self.secondLanguage = secondLanguage
        self.first = first
        self.second = second
        self.path = path
        self.fingerprint = fingerprint
    }

    /// A set with the fingerprint of its languages and all its sentences in order.
    package init(
        name: String, firstLanguage: String, secondLanguage: String, first: TextTable, second: TextTable, path: String
    ) {
        precondition(first.count == second.count, "\(first.count) first sentences, \(second.count) second sentences")
        let builder = FingerprintBuilder()
        builder.combine("sentences 1")
        builder.combine(firstLanguage)
        builder.combine(secondLanguage)
        first.combine(into: builder)
        second.combine(into: builder)
        self.init(
            name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: first, second: second,
            path: path, fingerprint: builder.finish())
    }
}

/// Reads parallel sentences: two line-aligned files, or one of two tab-separated columns.
///
/// Sentences are kept to the byte. A blank line (nothing but ASCII spaces and tabs) is an error: dropping it would
/// shift every later pair.
package enum SentenceSetReader {
    /// Every set of a folder, sorted by name.
    /// - Throws: `LexiconError`, `SystemFault`.
    package static func readFolder(_ folder: String) throws -> [SentenceSet] {
        try SentenceFolder.list(folder).map(read)
    }

    package static func read(_ files: SentenceFolder.Files) throws -> SentenceSet {
        guard let second = files.second else {
            return try read(
                columns: files.first, name: files.name, firstLanguage: files.firstLanguage,
                secondLanguage: files.secondLanguage)
        }
        return try read(
            first: files.first, second: second, name: files.name, firstLanguage: files.firstLanguage,
            secondLanguage: files.secondLanguage)
    }

    /// Two files, line i of one translating line i of the other.
    package static func read(
        first: String, second: String, name: String, firstLanguage: String, secondLanguage: String
    ) throws -> SentenceSet {
        let (one, other) = (try sentences(of: first), try sentences(of: second))
        // Blank lines come after lengths: a file that was cut short often ends with one, and removing it would help
        // nobody.
        guard one.table.count == other.table.count else {
            throw LexiconError.lineCounts(
                first: first, firstLines: one.table.count, second: second, secondLines: other.table.count)
        }
        for (path, line) in [(first, one.firstBlank), (second, other.firstBlank)] {
            if let line { throw LexiconError.blankLine(path: path, line: line) }
        }
        return SentenceSet(
            name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: one.table,
            second: other.table, path: first)
    }

    /// One file of two tab-separated columns, kept to the byte.
    package static func read(
        columns path: String, name: String, firstLanguage: String, secondLanguage: String
    ) throws -> SentenceSet {
        let reader = try LineReader(path: path)
        var first = TextTable(), second = TextTable()
        while let line = try reader.next() {
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
        }
        guard !first.isEmpty else { throw LexiconError.empty(path: path, expected: "at least one sentence pair") }
        return SentenceSet(
            name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: first, second: second,
            path: path)
    }

    private static func sentences(of path: String) throws -> (table: TextTable, firstBlank: Int?) {
        let reader = try LineReader(path: path)
        var table = TextTable()
        var firstBlank: Int?
        while let line = try reader.next() {
            if firstBlank == nil, isBlank(line) { firstBlank = reader.lineNumber }
            table.append(line)
        }
        guard !table.isEmpty else { throw LexiconError.empty(path: path, expected: "at least one sentence") }
        return (table, firstBlank)
    }

    private static func isBlank(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }
}
