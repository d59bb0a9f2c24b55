import Console
import Files
import Lookup

/// Translations as tab-separated values, an answer a row. The columns are part of the command contract.
enum TranslationRows {
    private static let columns = [
        "query", "from", "to", "checkpoint", "layer", "rank", "word", "score", "frequency_rank",
    ]

    static var header: String { columns.joined(separator: "\t") + "\n" }

    /// A word without a candidate gets one row with empty cells, so that no word asked for is missing.
    /// - Parameter raw: whether words that a spreadsheet would compute stay as they are.
    static func rows(of translation: Translation, raw: Bool) -> String {
        let query = TabSeparated.cell(translation.query, raw: raw), from = translation.from ?? ""
        let head = "\(query)\t\(from)\t\(translation.to)\t\(translation.checkpoint)\t\(translation.layer.number)"
        if translation.results.isEmpty { return head + "\t\t\t\t\n" }
        return translation.results.enumerated().map { index, candidate in
            "\(head)\t\(index + 1)\t\(TabSeparated.cell(candidate.word, raw: raw))\t"
                + "\(JSONValue.number(candidate.score).line)\t\(candidate.frequencyRank)\n"
        }.joined()
    }
}
