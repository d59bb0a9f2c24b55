import Files

/// Streams a table of constraints: Polylex's TSV or the CSV of the babelbert-dataset, told apart by the header.
///
/// Columns are found by name, so they may stand in any order and others may stand between them (pandas writes an index
/// column without a name). Required are the two words, the two languages and the synset; gloss columns may be missing.
package final class ConstraintReader {
    package let path: String
    package let format: ConstraintFormat
    /// The line the last row began at.
    package private(set) var lineNumber = 1
    /// The language codes read so far, as they are spelled, in the order they came.
    package private(set) var languages = TextIndex()
    private var source: Source
    private let columns: Columns
    /// Where the cells of the current row lie in its bytes; one for each column of the header.
    private let cells: UnsafeMutableBufferPointer<Range<Int>>
    /// The current row's cells in the order of `Constraint`'s properties.
    private let values: UnsafeMutableBufferPointer<UnsafeBufferPointer<UInt8>>
    /// The current row's cells one after another, where the file itself has quotes between them.
    private let joined = CellBuffer()

    private enum Source {
        case tabs(LineReader)
        case commas(DelimitedRecords)
    }

    /// Position of each column in a row; nil for those the file does not have.
    private struct Columns {
        var count = 0
        var positions: [Int?] = []
    }

    /// Names of each column in either format, in the order of `Constraint`'s properties.
    private static let names: [[String]] = [
        ["lang1"], ["word1"], ["lang2"], ["word2"], ["gloss1_lang"], ["gloss1", "sent1"], ["gloss2_lang"],
        ["gloss2", "sent2"], ["synset_id", "synsetID"],
    ]
    private static let required = [0, 1, 2, 3, 8]

    /// - Throws: `LexiconError`, `SystemFault`.
    package init(path: String) throws {
        self.path = path
        let peeked = try LineReader(path: path)
        guard let header = try peeked.next() else {
            throw LexiconError.empty(path: path, expected: "a header with the columns of a constraints table")
        }
        let names: [String]
        if header.contains(0x09) {
            format = .tsv
            names = header.split(separator: 0x09, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
            source = .tabs(peeked)
        } else {
            format = .csv
            var records = try DelimitedRecords(path: path)
            names = try records.next()?.map { String(decoding: $0, as: UTF8.self) } ?? []
            source = .commas(records)
        }
        var columns = Columns(count: names.count, positions: [])
        for (column, spellings) in Self.names.enumerated() {
            let found = names.indices.filter { spellings.contains(names[$0]) }
            if found.count > 1 || (found.isEmpty && Self.required.contains(column)) {
                throw LexiconError.malformedLine(
                    path: path, line: 1,
                    expected: "a header with one column \(spellings.joined(separator: " or "))",
                    found: "\(found.count) in '\(names.joined(separator: " ").prefix(80))'",
                    advice: "check that this is a constraints table ('train mine' writes one)")
            }
            columns.positions.append(found.first)
        }
        self.columns = columns
        // Allocated last: deinit runs for an object whose init throws as soon as every property is set, and not before.
        cells = .allocate(capacity: columns.count)
        cells.initialize(repeating: 0..<0)
        values = .allocate(capacity: Self.names.count)
        values.initialize(repeating: UnsafeBufferPointer(start: nil, count: 0))
    }

    deinit {
        cells.deallocate()
        values.deallocate()
    }

    /// The next row, or nil at the end.
    /// - Throws: `LexiconError`, `SystemFault`.
    package func next() throws -> Constraint? { try nextCells()?.constraint }

    /// As `next`, lending the row's bytes until the next call: counting a million rows builds no strings.
    /// - Throws: `LexiconError`, `SystemFault`.
    package func nextCells() throws -> ConstraintCells? {
        guard let row = try nextRow() else { return nil }
        for (column, position) in columns.positions.enumerated() {
            if let position {
                values[column] = UnsafeBufferPointer(rebasing: row[cells[position]])
            } else {
                values[column] = UnsafeBufferPointer(start: nil, count: 0)
            }
        }
        for column in Self.required where values[column].isEmpty {
            throw problem("a value in column \(Self.names[column].joined(separator: " or "))", "an empty cell")
        }
        return ConstraintCells(
            firstLanguageRow: try languageRow(column: 0), secondLanguageRow: try languageRow(column: 2),
            values: UnsafeBufferPointer(values))
    }

    /// The bytes of the next row; where its cells lie in them is in `cells`.
    private func nextRow() throws -> UnsafeBufferPointer<UInt8>? {
        switch source {
        case .tabs(let reader):
            guard let line = try reader.next() else { return nil }
            lineNumber = reader.lineNumber
            var count = 0
            var start = 0
            while start <= line.count {
                let end = line[start...].firstIndex(of: 0x09) ?? line.count
                if count < cells.count { cells[count] = start..<end }
                count += 1
                start = end + 1
            }
            try check(cellCount: count)
            return line
        case .commas(var records):
            let record = try records.next()
            source = .commas(records)
            guard let record else { return nil }
            lineNumber = records.line
            try check(cellCount: record.count)
            joined.removeAll()
            for (position, written) in record.enumerated() {
                // The apostrophe `ConstraintWriter` puts before what a spreadsheet would compute.
                let cell = SpreadsheetFormula.isMarked(written) ? written.dropFirst() : written[...]
                cells[position] = joined.count..<joined.count + cell.count
                joined.append(cell)
            }
            return joined.bytes
        }
    }

    private func check(cellCount: Int) throws {
        guard cellCount == columns.count else {
            throw problem("\(columns.count) cells, as in the header", "\(cellCount)")
        }
    }

    private func languageRow(column: Int) throws -> Int {
        if let row = languages.row(of: values[column]) { return row }
        let code = String(decoding: values[column], as: UTF8.self)
        guard LanguageCode.isWellFormed(code) else {
            throw problem("a language code in column \(Self.names[column][0])", "'\(code.prefix(40))'")
        }
        return languages.insert(code).row
    }

    private func problem(_ expected: String, _ found: String) -> LexiconError {
        .malformedLine(
            path: path, line: lineNumber, expected: expected, found: found, advice: "correct or remove the row")
    }
}

/// One row of a constraints table as bytes its reader lends until it reads on.
package struct ConstraintCells {
    /// Rows of the reader's `languages`.
    package let firstLanguageRow: Int
    package let secondLanguageRow: Int
    /// Nine cells in the order of `Constraint`'s properties; empty for columns the file does not have.
    private let values: UnsafeBufferPointer<UnsafeBufferPointer<UInt8>>

    init(
        firstLanguageRow: Int, secondLanguageRow: Int, values: UnsafeBufferPointer<UnsafeBufferPointer<UInt8>>
    ) {
        self.firstLanguageRow = firstLanguageRow
        self.secondLanguageRow = secondLanguageRow
        self.values = values
    }

    package var firstWord: UnsafeBufferPointer<UInt8> { values[1] }
    package var secondWord: UnsafeBufferPointer<UInt8> { values[3] }
    package var firstGlossLanguage: UnsafeBufferPointer<UInt8> { values[4] }
    package var firstGloss: UnsafeBufferPointer<UInt8> { values[5] }
    package var secondGlossLanguage: UnsafeBufferPointer<UInt8> { values[6] }
    package var secondGloss: UnsafeBufferPointer<UInt8> { values[7] }
    package var synset: UnsafeBufferPointer<UInt8> { values[8] }

    /// The row as a value of its own.
    package var constraint: Constraint {
        let texts = values.map { String(decoding: $0, as: UTF8.self) }
        return Constraint(
            firstLanguage: texts[0], firstWord: texts[1], secondLanguage: texts[2], secondWord: texts[3],
            firstGlossLanguage: texts[4], firstGloss: texts[5], secondGlossLanguage: texts[6], secondGloss: texts[7],
            synset: texts[8])
    }
}

/// Bytes that are filled anew for every row and stay where they are until then.
final class CellBuffer {
    private var storage = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: 4096)
    private(set) var count = 0

    deinit { storage.deallocate() }

    func removeAll() { count = 0 }

    func append(_ bytes: ArraySlice<UInt8>) {
        if count + bytes.count > storage.count {
            let grown = UnsafeMutableBufferPointer<UInt8>.allocate(
                capacity: max(storage.count * 2, count + bytes.count))
            _ = grown.update(fromContentsOf: storage[..<count])
            storage.deallocate()
            storage = grown
        }
        _ = storage[count...].update(fromContentsOf: bytes)
        count += bytes.count
    }

    /// Valid until the next `append`.
    var bytes: UnsafeBufferPointer<UInt8> { UnsafeBufferPointer(rebasing: storage[..<count]) }
}
