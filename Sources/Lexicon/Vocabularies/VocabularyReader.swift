import Files
import Fingerprinting

/// Reads a vocabulary: word vectors as text (`.vec`), or a list with one entry a line (any other name).
///
/// Under a list's name other layouts are recognised by the first thousand lines, and a remark says so: word vectors
/// with or without a header (MUSE's exports, GloVe), and a word with its count (FrequencyWords). ASCII spaces at an
/// entry's ends are dropped and counted; no-break spaces stay, because fastText vocabularies hold words that are made
/// of them.
package enum VocabularyReader {
    /// - Parameters:
    ///   - language: the code the vocabulary goes by.
    ///   - top: how many entries to read from the start, repeats and empty ones included; nil for all.
    ///   - skippingBadLines: leaves out lines that are not UTF-8, too long or no row of the layout, counts them and
    ///     says so; else the first is an error.
    /// - Throws: `LexiconError`, `FileError` (cut short, not UTF-8), `SystemFault`.
    package static func read(
        path: String, language: String, top: Int? = nil, skippingBadLines: Bool = false
    ) throws -> Vocabulary {
        precondition(top ?? 1 > 0, "top must be positive")
        let reader = try LineReader(path: path)
        do {
            return try read(reader, path: path, language: language, top: top, skippingBadLines: skippingBadLines)
        } catch let error as FileError {
            // Google's word vectors: a header of text, then numbers as they lie in memory.
            guard case .notUTF8(_, let line, _, let found) = error, line > 1,
                InputFileName.plain(path).hasSuffix(".bin")
            else { throw error }
            throw LexiconError.malformedLine(
                path: path, line: line, expected: "word vectors as text", found: "binary data (\(found))",
                advice:
                    "this is word2vec's binary format: save it as text, "
                    + "with gensim's save_word2vec_format(FILE, binary=False)"
            )
        }
    }

    private static func read(
        _ reader: LineReader, path: String, language: String, top: Int?, skippingBadLines: Bool
    ) throws -> Vocabulary {
        var entries = Entries(path: path, top: top, skipsBadLines: skippingBadLines)
        if InputFileName.plain(path).hasSuffix(".vec")
            || reader.member.map({ InputFileName.plain($0).hasSuffix(".vec") }) == true
        {
            try readVectors(reader, head: Head(), into: &entries)
        } else {
            try readList(reader, into: &entries)
        }
        guard !entries.index.table.isEmpty else {
            throw LexiconError.empty(path: path, expected: "at least one word")
        }
        if entries.trimmed > 0 {
            let trimmed = entries.trimmed == 1 ? "1 entry ends or begins" : "\(entries.trimmed) entries end or begin"
            InputRemark.say("\(path): \(trimmed) with spaces, which are no part of the word")
        }
        if entries.bad > 0 {
            let lines = entries.bad == 1 ? "line" : "lines"
            InputRemark.say("\(path): \(entries.bad) bad \(lines) left out, the first: \(entries.firstBad ?? "")")
        }
        let words = entries.index.table
        return Vocabulary(
            language: language, path: path, words: words, ranks: entries.ranks, duplicates: entries.duplicates,
            emptyEntries: entries.empty, badLines: entries.bad,
            fingerprint: Vocabulary.fingerprint(words: words, ranks: entries.ranks))
    }

    /// Distinct words so far, and what was left out.
    private struct Entries {
        let path: String
        let top: Int?
        let skipsBadLines: Bool
        var index = TextIndex()
        var ranks: [UInt32] = []
        var read = 0
        var duplicates = 0
        var empty = 0
        var trimmed = 0
        var bad = 0
        var firstBad: String?

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

        /// Counts a bad line, which keeps its place in the count of ranks, or throws what is wrong with it.
        mutating func refuse(_ error: any Error) throws {
            guard skipsBadLines else { throw error }
            read += 1
            bad += 1
            if firstBad == nil { firstBad = "\(error)" }
        }

        /// The next line that can be read.
        mutating func next(_ reader: LineReader) throws -> UnsafeBufferPointer<UInt8>? {
            while true {
                do {
                    return try reader.next()
                } catch let error as FileError where error.isOfOneLine {
                    try refuse(error)
                    if isComplete { return nil }
                }
            }
        }
    }

    // MARK: Lists

    /// The first lines of a file, which tell its layout, and what is wrong with those that cannot be read.
    private struct Head {
        var lines = TextTable()
        var numbers: [Int] = []
        /// Each with how many good lines stand before it.
        var bad: [(position: Int, error: FileError)] = []

        private static let maximalLines = 1000
        private static let maximalBytes = 4 << 20

        /// No line at all.
        init() {}

        init(_ reader: LineReader, top: Int?, skippingBadLines: Bool) throws {
            let limit = min(Self.maximalLines, top ?? Self.maximalLines)
            while lines.count + bad.count < limit, lines.byteCount < Self.maximalBytes {
                do {
                    guard let line = try reader.next() else { return }
                    lines.append(line)
                    numbers.append(reader.lineNumber)
                } catch let error as FileError where error.isOfOneLine && skippingBadLines {
                    bad.append((lines.count, error))
                }
            }
        }

        /// Hands the lines out in their order until the entries are complete.
        func replay(
            into entries: inout Entries, _ body: (UnsafeBufferPointer<UInt8>, Int, inout Entries) throws -> Void
        ) throws {
            var next = 0
            for row in 0...lines.count {
                while next < bad.count, bad[next].position == row, !entries.isComplete {
                    try entries.refuse(bad[next].error)
                    next += 1
                }
                guard row < lines.count, !entries.isComplete else { return }
                try lines.withBytes(at: row) { try body($0, numbers[row], &entries) }
            }
        }
    }

    private static func readList(_ reader: LineReader, into entries: inout Entries) throws {
        let head = try Head(reader, top: entries.top, skippingBadLines: entries.skipsBadLines)
        if let dimension = VectorRows.dimension(of: head.lines) {
            InputRemark.say(
                "\(entries.path): holds vectors of \(dimension) numbers; its words are read as a vocabulary")
            return try readVectors(reader, head: head, into: &entries)
        }
        let isCounted = CountedWord.describes(head.lines)
        if isCounted {
            InputRemark.say(
                "\(entries.path): a word and its count a line; the words are taken in their order, "
                    + "the counts are not used"
            )
        }
        func add(_ line: UnsafeBufferPointer<UInt8>, _ number: Int, into entries: inout Entries) throws {
            // A vector file under a list's name would make 100,000 words of numbers.
            if number <= 2, VectorRows.trailingNumbers(line) >= 8 {
                throw LexiconError.malformedLine(
                    path: reader.path, line: number, expected: "one word", found: LexiconError.excerpt(line),
                    advice: "name the file .vec if it holds word vectors")
            }
            guard isCounted else {
                let word = trimmed(line)
                if word.count < line.count { entries.trimmed += 1 }
                return try entries.add(word, line: number)
            }
            guard let word = CountedWord.split(line)?.word else {
                return try entries.refuse(
                    LexiconError.malformedLine(
                        path: reader.path, line: number, expected: "a word and its count, as in the lines before",
                        found: LexiconError.excerpt(line), advice: "correct or remove the line"))
            }
            try entries.add(UnsafeBufferPointer(rebasing: line[word]), line: number)
        }
        try head.replay(into: &entries, add)
        while !entries.isComplete, let line = try entries.next(reader) {
            try add(line, reader.lineNumber, into: &entries)
        }
    }

    /// Without ASCII spaces and tabs at its ends; no-break spaces stay, they are words of fastText's.
    private static func trimmed(_ line: UnsafeBufferPointer<UInt8>) -> UnsafeBufferPointer<UInt8> {
        let isSpace = { (byte: UInt8) in byte == 0x20 || byte == 0x09 }
        guard let first = line.firstIndex(where: { !isSpace($0) }), let last = line.lastIndex(where: { !isSpace($0) })
        else {
            return UnsafeBufferPointer(rebasing: line[..<0])
        }
        return UnsafeBufferPointer(rebasing: line[first...last])
    }

    // MARK: Vectors

    /// - Parameter head: lines that were read already.
    private static func readVectors(_ reader: LineReader, head: Head, into entries: inout Entries) throws {
        var rows: VectorRows?
        var promised: Int?
        func take(_ line: UnsafeBufferPointer<UInt8>, _ number: Int, into entries: inout Entries) throws {
            guard let known = rows else {
                (rows, promised) = try layout(line, number: number, path: reader.path)
                if promised == nil, let rows { try addRow(line, rows, number, reader.path, into: &entries) }
                return
            }
            if let promised, entries.read == promised {
                throw LexiconError.rowCount(path: reader.path, expected: promised, found: entries.read + 1)
            }
            try addRow(line, known, number, reader.path, into: &entries)
        }
        try head.replay(into: &entries, take)
        while !entries.isComplete, let line = try entries.next(reader) {
            try take(line, reader.lineNumber, into: &entries)
        }
        guard rows != nil else {
            throw LexiconError.empty(
                path: reader.path, expected: "a header \"count dimension\" and rows of word vectors")
        }
        if let promised, !entries.isComplete, entries.read < promised {
            throw LexiconError.rowCount(path: reader.path, expected: promised, found: entries.read)
        }
    }

    /// What the first line says: the header's dimension and count, or the dimension of a row without a header.
    private static func layout(
        _ first: UnsafeBufferPointer<UInt8>, number: Int, path: String
    ) throws -> (rows: VectorRows, promised: Int?) {
        if let header = VectorRows.header(first) {
            // A dimension that cannot fit a line is nonsense; the count is only ever compared, never allocated from.
            guard let count = header.count, let dimension = header.dimension, count > 0,
                (1...VectorRows.maximalDimension).contains(dimension)
            else {
                throw LexiconError.malformedLine(
                    path: path, line: number,
                    expected: "a header \"count dimension\" with two positive numbers of sensible size",
                    found: LexiconError.excerpt(first), advice: "fetch the file again")
            }
            return (VectorRows(dimension: dimension), count)
        }
        let dimension = VectorRows.trailingNumbers(first)
        // One number a row could as well be a count beside a word: that is not guessed.
        guard dimension >= 2 else {
            throw LexiconError.malformedLine(
                path: path, line: number,
                expected: "a header \"count dimension\", or a word and at least two numbers",
                found: LexiconError.excerpt(first), advice: "name the file .txt if it is a plain word list")
        }
        return (VectorRows(dimension: dimension), nil)
    }

    private static func addRow(
        _ line: UnsafeBufferPointer<UInt8>, _ rows: VectorRows, _ number: Int, _ path: String,
        into entries: inout Entries
    ) throws {
        switch rows.split(line) {
        case .word(let range):
            try entries.add(UnsafeBufferPointer(rebasing: line[range]), line: number)
        case .tooShort(let numbers):
            try entries.refuse(
                LexiconError.malformedLine(
                    path: path, line: number, expected: "a word and \(rows.dimension) numbers",
                    found: "\(numbers) numbers in \(LexiconError.excerpt(line))",
                    advice: "the file was cut short or damaged, fetch it again"))
        }
    }
}
