/// The two layouts of a table of constraints.
package enum ConstraintFormat: String, Sendable, CaseIterable {
    /// Tab-separated, nine columns, no quoting.
    case tsv
    /// The released babelbert-dataset: comma-separated with RFC 4180 quoting, seven columns, no gloss languages.
    case csv

    /// Column names, in the order they are written.
    package var columns: [String] {
        switch self {
        case .tsv:
            [
                "lang1", "word1", "lang2", "word2", "gloss1_lang", "gloss1", "gloss2_lang", "gloss2", "synset_id",
            ]
        case .csv: ["word1", "word2", "lang1", "lang2", "sent1", "sent2", "synsetID"]
        }
    }

    /// CSV when the name ends in `.csv` or `.csv.gz`, else TSV.
    package init(path: String) { self = InputFileName.plain(path).hasSuffix(".csv") ? .csv : .tsv }
}
