import Evaluation
import Lexicon
import Store

/// The rows of a dictionary found in a checkpoint's vocabularies, looked up when first needed.
final class DictionaryLookup {
    let entry: EvaluationDictionary
    private let checkpoint: StoredCheckpoint
    let source: CollectionRecord
    let target: CollectionRecord

    init(
        entry: EvaluationDictionary, checkpoint: StoredCheckpoint, source: CollectionRecord,
        target: CollectionRecord
    ) {
        self.entry = entry
        self.checkpoint = checkpoint
        self.source = source
        self.target = target
    }

    private var found: [InductionQueries.Match?]?

    /// One element per dictionary row; nil when a word is in no vocabulary, neither as written nor lower-cased.
    /// - Source: reference `eval_bli`, the same rule on both sides.
    func matches() throws -> [InductionQueries.Match?] {
        if let found { return found }
        let sourceTexts = checkpoint.texts(of: source)
        let targetTexts = checkpoint.texts(of: target)
        let dictionary = entry.dictionary
        let matches = try (0..<dictionary.count).map { row -> InductionQueries.Match? in
            guard let target = try dictionary.target.withBytes(at: row, { try targetTexts.row(ofWord: $0) }),
                let source = try dictionary.source.withBytes(at: row, { try sourceTexts.row(ofWord: $0) })
            else { return nil }
            return InductionQueries.Match(source: source, target: target)
        }
        found = matches
        return matches
    }
}
