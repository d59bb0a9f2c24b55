import Evaluation
import Lexicon
import Store

/// The rows of a dictionary found in a checkpoint's vocabularies, looked up when first needed.
final class DictionaryLookup {
    let entry: DictionarySelection.Entry
    private let checkpoint: StoredCheckpoint
    let source: CollectionRecord
    let target: CollectionRecord

    init(
        entry: DictionarySelection.Entry, checkpoint: StoredCheckpoint, source: CollectionRecord,
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
            guard let target = try StoredWord.row(of: dictionary.target, at: row, in: targetTexts),
                let source = try StoredWord.row(of: dictionary.source, at: row, in: sourceTexts)
            else { return nil }
            return InductionQueries.Match(source: source, target: target)
        }
        found = matches
        return matches
    }
}

/// How a word is found in a stored vocabulary: by its bytes, else by those of its lower-cased form.
enum StoredWord {
    static func row(of table: TextTable, at row: Int, in texts: TextList) throws -> Int? {
        try table.withBytes(at: row) { try self.row(of: $0, in: texts) }
    }

    static func row(of word: UnsafeBufferPointer<UInt8>, in texts: TextList) throws -> Int? {
        try VocabularyMatch.row(of: word) { try texts.row(of: $0) }
    }
}
