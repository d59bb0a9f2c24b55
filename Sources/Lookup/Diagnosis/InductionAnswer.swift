import Evaluation
import Lexicon
import Store

/// What one query of a dictionary came to at one layer.
package struct InductionAnswer: Sendable {
    /// Row of the dictionary, from 0.
    package let position: Int
    /// Rows of the two words in their vocabularies.
    package let source: Int
    package let gold: Int
    package let rank: GoldRank
    /// The candidates that stand first, highest first.
    package let nearest: [NearestRows.Match]
}

/// The two vocabularies a dictionary is asked in, by row; every word is read once.
///
/// Not for several threads at once.
package final class InductionVocabularies {
    package struct Word: Sendable {
        package let text: String
        /// Position in the vocabulary file, from 1.
        package let frequencyRank: Int
    }

    package let dictionary: BilingualDictionary
    let checkpoint: StoredCheckpoint
    let lookup: DictionaryLookup
    private let sourceTexts: TextList
    private let targetTexts: TextList
    private var sources: [Int: Word] = [:]
    private var targets: [Int: Word] = [:]

    init(_ lookup: DictionaryLookup, checkpoint: StoredCheckpoint) {
        self.lookup = lookup
        self.checkpoint = checkpoint
        dictionary = lookup.entry.dictionary
        sourceTexts = checkpoint.texts(of: lookup.source)
        targetTexts = checkpoint.texts(of: lookup.target)
    }

    package func source(_ row: Int) throws -> Word { try Self.word(row, in: sourceTexts, &sources) }
    package func target(_ row: Int) throws -> Word { try Self.word(row, in: targetTexts, &targets) }

    private static func word(_ row: Int, in texts: TextList, _ known: inout [Int: Word]) throws -> Word {
        if let word = known[row] { return word }
        let entry = try texts.entry(at: row)
        let word = Word(text: entry.text, frequencyRank: Int(entry.rank))
        known[row] = word
        return word
    }
}
