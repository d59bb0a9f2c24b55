import Files
import Lexicon

/// Whether two words were among the constraints a checkpoint was trained with.
package enum ConstraintEvidence: Sendable {
    package struct Table: Sendable {
        package let path: String
        /// Rows of the table.
        package let rows: Int
        /// Rows of it that training left out: which, its record does not tell.
        package let leftOut: Int
        /// Rows that hold the query, those that hold the gold, those that hold both, apart from case.
        package let queryRows: Int
        package let goldRows: Int
        package let bothRows: Int
    }

    case unknown(reason: String)
    /// One table, or those of the checkpoints an interpolated one was made of, each once.
    case known([Table])
}

/// Reads the tables of constraints that training records name, each once for two words.
package final class ConstraintTables {
    /// A table as a training record has it.
    struct Named {
        let path: String
        let rows: Int?
        let kept: Int?
    }

    private let path: String?
    /// By path and the words' languages.
    private var known: [[String]: Result<ConstraintEvidence.Table, Unreadable>] = [:]

    /// - Parameter path: where the table is now; nil for where training found it.
    package init(path: String? = nil) { self.path = path }

    private struct Unreadable: Error {
        let reason: String
    }

    /// - Parameter training: contents of the checkpoint's training.json.
    func evidence(
        of query: RankExplanation.Word, _ gold: RankExplanation.Word, in training: String?
    ) throws -> ConstraintEvidence {
        guard let training else {
            return .unknown(reason: "the checkpoint has no training.json: not trained by Polylex, or that file is gone")
        }
        let named: [Named]
        do { named = try Self.tables(of: training) } catch {
            return .unknown(reason: "training.json is no JSON document: \(error)")
        }
        guard !named.isEmpty else { return .unknown(reason: "training.json names no table of constraints") }
        var tables: [ConstraintEvidence.Table] = []
        for table in named where !tables.contains(where: { $0.path == path ?? table.path }) {
            switch find(query, gold, in: table) {
            case .success(let found): tables.append(found)
            case .failure(let unreadable): return .unknown(reason: unreadable.reason)
            }
        }
        return .known(tables)
    }

    // MARK: Training records

    /// Parts of parts are read so deep.
    private static let deepest = 8

    /// The table of a specialised checkpoint; those of the parts of an interpolated one.
    static func tables(of training: String, depth: Int = 0) throws -> [Named] {
        var text = training
        let value = try text.withUTF8 { try JSONReader.read($0, path: "training.json") { try $0.value() } }
        if let constraints = value["constraints"], let path = constraints["path"]?.string {
            return [
                Named(
                    path: path, rows: constraints["rows"]?["read"]?.integer,
                    kept: constraints["rows"]?["kept"]?.integer)
            ]
        }
        guard depth < deepest, let parts = value["interpolation"]?["models"]?.array else { return [] }
        return try parts.compactMap { $0["training"]?.string }.flatMap { try tables(of: $0, depth: depth + 1) }
    }

    // MARK: Tables

    private func find(
        _ query: RankExplanation.Word, _ gold: RankExplanation.Word, in named: Named
    ) -> Result<ConstraintEvidence.Table, Unreadable> {
        let path = self.path ?? named.path
        let key = [path, query.language ?? "", gold.language ?? "", query.text, gold.text]
        let result = known[key] ?? Self.read(path, query, gold)
        known[key] = result
        return result.flatMap { table in
            // What training read is hashed as its tokenizer cut it; a table of other rows is another one in any case.
            if let rows = named.rows, rows != table.rows {
                return .failure(
                    Unreadable(
                        reason:
                            "\(path) has \(table.rows) row\(table.rows == 1 ? "" : "s") now, training read \(rows): "
                            + "it is another table"))
            }
            return .success(
                ConstraintEvidence.Table(
                    path: path, rows: table.rows, leftOut: max(0, table.rows - (named.kept ?? table.rows)),
                    queryRows: table.queryRows, goldRows: table.goldRows, bothRows: table.bothRows))
        }
    }

    private static func read(
        _ path: String, _ query: RankExplanation.Word, _ gold: RankExplanation.Word
    ) -> Result<ConstraintEvidence.Table, Unreadable> {
        var rows = 0, queryRows = 0, goldRows = 0, bothRows = 0
        do {
            // A record may name anything: a pipe would be waited for.
            _ = try RegularFile(reading: path)
            let reader = try ConstraintReader(path: path)
            var query = Wanted(query), gold = Wanted(gold)
            while let cells = try reader.nextCells() {
                rows += 1
                let words = [
                    (ReferenceLowercase.lower(cells.firstWord), cells.firstLanguageRow),
                    (ReferenceLowercase.lower(cells.secondWord), cells.secondLanguageRow),
                ]
                let hasQuery = words.contains { query.matches($0.0, $0.1, reader) }
                let hasGold = words.contains { gold.matches($0.0, $0.1, reader) }
                if hasQuery { queryRows += 1 }
                if hasGold { goldRows += 1 }
                if hasQuery && hasGold { bothRows += 1 }
            }
        } catch {
            return .failure(
                Unreadable(
                    reason: "the table training.json names cannot be read (--constraints says where it is): \(error)"))
        }
        return .success(
            .init(path: path, rows: rows, leftOut: 0, queryRows: queryRows, goldRows: goldRows, bothRows: bothRows))
    }

    /// A word to be found in its language, or in any where that is not known.
    private struct Wanted {
        private let lowered: [UInt8]
        private let language: String?
        /// By row of the reader's languages.
        private var isLanguage: [Bool] = []

        init(_ word: RankExplanation.Word) {
            lowered = Array(ReferenceLowercase.lower(word.text).utf8)
            language = word.language
        }

        mutating func matches(_ word: [UInt8], _ languageRow: Int, _ reader: ConstraintReader) -> Bool {
            guard word == lowered else { return false }
            while isLanguage.count <= languageRow {
                let code = reader.languages.table.string(at: isLanguage.count)
                isLanguage.append(language.map { LanguageCode.areSame($0, code) } ?? true)
            }
            return isLanguage[languageRow]
        }
    }
}
