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
        let firstSentences = try sentences(of: first)
        let secondSentences = try sentences(of: second)
        guard firstSentences.count == secondSentences.count else {
            throw LexiconError.lineCounts(
                first: first, firstLines: firstSentences.count, second: second, secondLines: secondSentences.count)
        }
        return SentenceSet(
            name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: firstSentences,
            second: secondSentences, path: first)
    }

    /// One file of two tab-separated columns.
    package static func read(
        columns path: String, name: String, firstLanguage: String, secondLanguage: String
    ) throws -> SentenceSet {
        let (first, second) = try PairedLines.read(
            path: path, allowsSpaces: false, expected: "at least one sentence pair")
        for table in [first, second] {
            for row in 0..<table.count where table.withBytes(at: row, isBlank) {
                throw LexiconError.blankLine(path: path, line: row + 1)
            }
        }
        return SentenceSet(
            name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: first, second: second,
            path: path)
    }

    private static func sentences(of path: String) throws -> TextTable {
        let reader = try LineReader(path: path)
        var table = TextTable()
        while let line = try reader.next() {
            if isBlank(line) { throw LexiconError.blankLine(path: path, line: reader.lineNumber) }
            table.append(line)
        }
        guard !table.isEmpty else { throw LexiconError.empty(path: path, expected: "at least one sentence") }
        return table
    }

    private static func isBlank(_ line: UnsafeBufferPointer<UInt8>) -> Bool {
        line.allSatisfy { $0 == 0x20 || $0 == 0x09 }
    }
}
