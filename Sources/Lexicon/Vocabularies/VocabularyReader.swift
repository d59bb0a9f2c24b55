import Files
import Fingerprinting

/// Reads a vocabulary: fastText text vectors (`.vec`, `.vec.gz`) or a plain list, one entry a line (any other name).
///
/// Entries are never trimmed: fastText vocabularies hold words that begin with, end in or are made of no-break spaces.
package enum VocabularyReader {
    /// - Parameters:
    ///   - language: the code the vocabulary goes by.
    ///   - top: how many entries to read from the start, repeats and empty ones included; nil for all.
    /// - Throws: `LexiconError` (malformed, cut short, not UTF-8, empty), `SystemFault`.
    package static func read(path: String, language: String, top: Int? = nil) throws -> Vocabulary {
        precondition(top ?? 1 > 0, "top must be positive")
        let reader = try LineReader(path: path)
        var entries = Entries(path: path, top: top)
        if InputFileName.plain(path).hasSuffix(".vec") {
            try readVectors(reader, into: &entries)
        } else {
            try readList(reader, into: &entries)
        }
        guard !entries.index.table.isEmpty else {
            throw LexiconError.empty(path: path, expected: "at least one word")
        }
        let words = entries.index.table
        return Vocabulary(
            language: language, path: path, words: words, ranks: entries.ranks, duplicates: entries.duplicates,
            emptyEntries: entries.empty, fingerprint: Vocabulary.fingerprint(words: words, ranks: entries.ranks))
    }

    /// Distinct words so far, and what was left out.
    private struct Entries {
        let path: String
        let top: Int?
        var index = TextIndex()
        var ranks: [UInt32] = []
        var read = 0
        var duplicates = 0
        var empty = 0

        var isComplete: Bool { top.map { read >= $0 } ?? false }

        mutating func add(_ word: UnsafeBufferPointer<UInt8>, line: Int) throws {
            guard let rank = UInt32(exactly: read + 1), index.count < Int(UInt32.max) - 1 else {
                throw LexiconError.malformedLine(
                    path: path, line: line, expected: "at most \(UInt32.max) entries", found: "more",
                    advice: "read the first ones with --top")
            }
            read += 1
            if word.isEmpty {
                empty += 1
            } else if index.insert(word).isNew {
                ranks.append(rank)
            } else {
                duplicates += 1
            }
        }
    }

    private static func readList(_ reader: LineReader, into entries: inout Entries) throws {
        while !entries.isComplete, let line = try reader.next() {
            // A vector file under a list's name would make 100,000 words of numbers.
            if reader.lineNumber <= 2, VectorRows.trailingNumbers(line) >= 8 {
                throw LexiconError.malformedLine(
                    path: reader.path, line: reader.lineNumber, expected: "one word",
                    found: LexiconError.excerpt(line), advice: "name the file .vec if it holds word vectors")
            }
            try entries.add(line, line: reader.lineNumber)
        }
    }

    private static func readVectors(_ reader: LineReader, into entries: inout Entries) throws {
        guard let first = try reader.next() else {
            throw LexiconError.empty(
                path: reader.path, expected: "a header \"count dimension\" and rows of word vectors")
        }
        let rows: VectorRows
        var promised: Int?
        if let header = VectorRows.header(first) {
            // A dimension that cannot fit a line is nonsense; the count is only ever compared, never allocated from.
            guard let count = header.count, let dimension = header.dimension, count > 0,
                (1...reader.maximalLineBytes / 2).contains(dimension)
            else {
                throw LexiconError.malformedLine(
                    path: reader.path, line: reader.lineNumber,
                    expected: "a header \"count dimension\" with two positive numbers of sensible size",
                    found: LexiconError.excerpt(first), advice: "fetch the file again")
            }
            (rows, promised) = (VectorRows(dimension: dimension), count)
        } else {
            let dimension = VectorRows.trailingNumbers(first)
            // One number a row could as well be a count beside a word: that is not guessed.
            guard dimension >= 2 else {
                throw LexiconError.malformedLine(
                    path: reader.path, line: reader.lineNumber,
                    expected: "a header \"count dimension\", or a word and at least two numbers",
                    found: LexiconError.excerpt(first), advice: "name the file .txt if it is a plain word list")
            }
            rows = VectorRows(dimension: dimension)
            try addRow(first, rows, reader, into: &entries)
        }
        while !entries.isComplete, let line = try reader.next() {
            if let promised, entries.read == promised {
                throw LexiconError.rowCount(path: reader.path, expected: promised, found: entries.read + 1)
            }
            try addRow(line, rows, reader, into: &entries)
        }
        if let promised, !entries.isComplete, entries.read < promised {
            throw LexiconError.rowCount(path: reader.path, expected: promised, found: entries.read)
        }
    }

    private static func addRow(
        _ line: UnsafeBufferPointer<UInt8>, _ rows: VectorRows, _ reader: LineReader, into entries: inout Entries
    ) throws {
        switch rows.split(line) {
        case .word(let range):
            try entries.add(UnsafeBufferPointer(rebasing: line[range]), line: reader.lineNumber)
        case .tooShort(let numbers):
            throw LexiconError.malformedLine(
                path: reader.path, line: reader.lineNumber, expected: "a word and \(rows.dimension) numbers",
                found: "\(numbers) numbers in \(LexiconError.excerpt(line))",
                advice: "the file was cut short or damaged, fetch it again")
        }
    }
}
