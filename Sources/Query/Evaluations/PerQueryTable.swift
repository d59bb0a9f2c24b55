import Console
import Files
import Lookup
import Store

/// `query bli --per-query`: every query of every result, with its rank and what stands first.
///
/// The columns are part of the command contract.
final class PerQueryTable {
    /// Candidates shown of each query.
    static let shown = 5

    private static let columns =
        [
            "dataset", "pair", "checkpoint", "layer", "row", "query", "gold", "rank", "ties", "query_frequency_rank",
            "gold_frequency_rank",
        ] + (1...shown).map { "top\($0)" }

    private let path: String
    private let isRaw: Bool
    private var file: OutputFile?
    private(set) var queries = 0
    /// Rows of dictionaries that are no queries.
    private(set) var others = 0

    /// - Throws: `SystemFault` for a file that cannot be made.
    init(path: String, raw: Bool) throws {
        self.path = path
        isRaw = raw
        try begin()
    }

    /// Begins anew: what an earlier attempt has written is gone.
    func begin() throws {
        file = nil
        (queries, others) = (0, 0)
        let file = try OutputFile(path: path)
        try file.append(TabSeparated.line(Self.columns, raw: true))
        self.file = file
    }

    func append(_ record: ResultRecord, _ words: InductionVocabularies, _ answers: [InductionAnswer]) throws {
        for answer in answers {
            let source = try words.source(answer.source), gold = try words.target(answer.gold)
            var cells = [
                record.dataset, record.pair, record.checkpoint, record.layerName, "\(answer.position)", source.text,
                gold.text, "\(answer.rank.rank)", "\(answer.rank.ties)", "\(source.frequencyRank)",
                "\(gold.frequencyRank)",
            ]
            for place in 0..<Self.shown {
                // A vocabulary may have fewer words.
                cells.append(
                    try answer.nearest.indices.contains(place) ? words.target(answer.nearest[place].row).text : "")
            }
            try file?.append(TabSeparated.line(cells, raw: isRaw))
        }
        queries += answers.count
        others += words.dictionary.count - answers.count
    }

    /// The file gets its name.
    func finish() throws { try file?.finish() }

    var remark: String {
        "\(path): \(Quantity.counted(queries, "query", "queries"))"
            + (others > 0
                ? "; \(Quantity.counted(others, "row is", "rows are")) none, because a word is in no stored vocabulary"
                : "")
    }
}
