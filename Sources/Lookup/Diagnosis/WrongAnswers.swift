import Evaluation
import Lexicon
import Store

/// What went wrong with a query whose gold does not stand first: the first kind that holds of the word that does.
package enum WrongAnswerKind: String, CaseIterable, Sendable {
    /// Another gold of the same source word in the same dictionary.
    case otherSense = "other_sense"
    /// The query's own spelling, apart from case.
    case spelledLikeQuery = "spelled_like_query"
    /// Begins as the gold does: an inflected form of it or a word derived from it, as far as spelling tells.
    case inflectedGold = "inflected_gold"
    /// See `ForeignWords`.
    case foreignWord = "foreign_word"
    /// The gold is much rarer than the word that stands before it.
    case rareGold = "rare_gold"
    case other
}

/// The wrong answers of one result, each with its kind.
package struct WrongAnswers: Sendable {
    package struct Answer: Sendable {
        package let kind: WrongAnswerKind
        /// Row of the dictionary, from 0.
        package let position: Int
        package let query: InductionVocabularies.Word
        package let gold: InductionVocabularies.Word
        package let rank: Int
        package let first: InductionVocabularies.Word
        /// Of a foreign word, the language it is from.
        package let language: String?
    }

    /// An inflected form shares so many scalars with the gold from the start, and so large a part of the longer of the
    /// two. Less takes in chance, more misses forms that are there: docs/scores.md, "Wrong answers", has the counts.
    package static let fewestShared = 3
    package static let sharedPart = 0.5

    /// How many times the first word's frequency rank the gold's must be at least. Of two words drawn at random one
    /// pair in twenty is so far apart in this order.
    package static let rareRatio = 10

    package let record: ResultRecord
    package let queries: Int
    /// In the dictionary's order.
    package let answers: [Answer]

    package var right: Int { queries - answers.count }

    package func count(_ kind: WrongAnswerKind) -> Int { answers.count { $0.kind == kind } }

    /// - Parameters:
    ///   - answers: of the result, each with at least one nearest candidate.
    ///   - foreign: knows the target vocabulary.
    init(
        _ record: ResultRecord, _ words: InductionVocabularies, _ answers: [InductionAnswer], foreign: ForeignWords
    ) throws {
        self.record = record
        queries = answers.count
        var golds: [Int: Set<Int>] = [:]
        for case let match? in try words.lookup.matches() { golds[match.source, default: []].insert(match.target) }
        self.answers = try answers.compactMap { answer in
            guard answer.rank.rank > 1, let first = answer.nearest.first else { return nil }
            let query = try words.source(answer.source), gold = try words.target(answer.gold)
            let word = try words.target(first.row)
            var kind = WrongAnswerKind.other, language: String?
            if golds[answer.source]?.contains(first.row) == true {
                kind = .otherSense
            } else if ReferenceLowercase.areAlike(word.text, query.text) {
                kind = .spelledLikeQuery
            } else if Self.isInflected(word.text, of: gold.text) {
                kind = .inflectedGold
            } else {
                language = try foreign.language(
                    ofRow: first.row, word: word.text, frequencyRank: word.frequencyRank)
                if language != nil {
                    kind = .foreignWord
                } else if Self.isRare(gold, beside: word) {
                    kind = .rareGold
                }
            }
            return Answer(
                kind: kind, position: answer.position, query: query, gold: gold, rank: answer.rank.rank, first: word,
                language: language)
        }
    }

    /// Apart from case; composed and decomposed letters are different ones.
    static func isInflected(_ word: String, of gold: String) -> Bool {
        let one = Array(ReferenceLowercase.lower(word).unicodeScalars)
        let other = Array(ReferenceLowercase.lower(gold).unicodeScalars)
        let shared = zip(one, other).prefix { $0 == $1 }.count
        return shared >= fewestShared && Double(shared) >= sharedPart * Double(max(one.count, other.count))
    }

    static func isRare(_ gold: InductionVocabularies.Word, beside word: InductionVocabularies.Word) -> Bool {
        let (limit, overflow) = word.frequencyRank.multipliedReportingOverflow(by: rareRatio)
        return !overflow && gold.frequencyRank >= limit
    }
}

extension LexiconInductionTask {
    /// Wrong answers of some of the run's results, after `perform`; sorted as results are.
    package func wrongAnswers(where wanted: (ResultRecord) -> Bool) throws -> [WrongAnswers] {
        var found: [WrongAnswers] = []
        var foreign: [String: ForeignWords] = [:]
        try forEachResult(nearest: 1, where: wanted) { record, words, answers in
            let key = "\(record.checkpoint) \(words.lookup.target.collection)"
            let vocabulary = foreign[key] ?? ForeignWords(in: words.lookup.target, of: words.checkpoint)
            foreign[key] = vocabulary
            found.append(try WrongAnswers(record, words, answers, foreign: vocabulary))
        }
        return found.sorted {
            ($0.record.checkpoint, $0.record.dataset, $0.record.pair, $0.record.layer)
                < ($1.record.checkpoint, $1.record.dataset, $1.record.pair, $1.record.layer)
        }
    }
}
