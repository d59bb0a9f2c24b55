/// Streams a table of constraints: Polylex's TSV or the CSV of the babelbert-dataset, told apart by the header.
///
/// Columns are found by name, so they may stand in any order and others may stand between them (pandas writes an index
/// column without a name). Required are the two words, the two languages and the synset; gloss columns may be missing.
package final class ConstraintReader {
    package let path: String
    package let format: ConstraintFormat
    /// The line the last row began at.
    package private(set) var lineNumber = 1
    private var source: Source
    private let columns: Columns

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
    }

    /// The next row, or nil at the end.
    /// - Throws: `LexiconError`, `SystemFault`.
    package func next() throws -> Constraint? {
        let cells: [String]
        switch source {
        case .tabs(let reader):
            guard let line = try reader.next() else { return nil }
            lineNumber = reader.lineNumber
            cells = line.split(separator: 0x09, omittingEmptySubsequences: false).map {
                String(decoding: $0, as: UTF8.self)
            }
        case .commas(var records):
            let record = try records.next()
            source = .commas(records)
            guard let record else { return nil }
            lineNumber = records.line
            cells = record.map { String(decoding: $0, as: UTF8.self) }
        }
        guard cells.count == columns.count else {
            throw problem("\(columns.count) cells, as in the header", "\(cells.count)")
        }
        let values = columns.positions.map { $0.map { cells[$0] } ?? "" }
        for column in Self.required where values[column].isEmpty {
            throw problem("a value in column \(Self.names[column].joined(separator: " or "))", "an empty cell")
        }
        for column in [0, 2] where !LanguageCode.isWellFormed(values[column]) {
            throw problem("a language code in column \(Self.names[column][0])", "'\(values[column].prefix(40))'")
        }
        return Constraint(
            firstLanguage: values[0], firstWord: values[1], secondLanguage: values[2], secondWord: values[3],
            firstGlossLanguage: values[4], firstGloss: values[5], secondGlossLanguage: values[6],
            secondGloss: values[7], synset: values[8])
    }

    private func problem(_ expected: String, _ found: String) -> LexiconError {
        .malformedLine(
            path: path, line: lineNumber, expected: expected, found: found, advice: "correct or remove the row")
    }
}
