import Store

/// Words of another language in a vocabulary: fastText's Finnish list holds *house* and *building*.
///
/// A word counts as one when the very same bytes stand in another stored vocabulary of the checkpoint at a far better
/// frequency rank. Loans that are as common here as there (*hotel*, *radio*) do not.
///
/// Not for several threads at once.
package final class ForeignWords {
    /// How many times better the rank there must be. docs/scores.md, "Words of another language", has what other
    /// factors would do.
    package static let rankRatio = 10

    private let vocabularies: [(language: String, texts: TextList)]
    private var known: [Int: String?] = [:]
    /// Words whose answers are kept: the frequent ones come again and again, and a server's memory must not grow.
    private static let mostKnown = 8_192

    /// - Parameters:
    ///   - target: the vocabulary whose words are asked about.
    ///   - others: the vocabularies they may be from; all of the checkpoint's other ones when left out.
    init(in target: CollectionRecord, of checkpoint: StoredCheckpoint, from others: [CollectionRecord]? = nil) {
        vocabularies = (others ?? checkpoint.collections).compactMap { collection in
            guard let language = collection.wordLanguage, collection.collection != target.collection else { return nil }
            return (language, checkpoint.texts(of: collection))
        }
    }

    /// Of the vocabularies where the word is more frequent by so much, the language where it is most.
    /// - Parameters:
    ///   - row: of the target vocabulary.
    ///   - frequencyRank: there, from 1.
    func language(ofRow row: Int, word: String, frequencyRank: Int) throws -> String? {
        if let answer = known[row] { return answer }
        var best: (language: String, rank: Int)?
        for vocabulary in vocabularies {
            guard let place = try vocabulary.texts.row(of: word) else { continue }
            let rank = Int(try vocabulary.texts.entry(at: place).rank)
            let (needed, overflow) = rank.multipliedReportingOverflow(by: Self.rankRatio)
            if !overflow, needed <= frequencyRank, rank < best?.rank ?? .max { best = (vocabulary.language, rank) }
        }
        if known.count == Self.mostKnown { known.removeAll(keepingCapacity: true) }
        known[row] = .some(best?.language)
        return best?.language
    }
}
