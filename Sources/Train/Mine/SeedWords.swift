import Lexicon

/// The English words whose synsets are fetched: the most frequent ones, minus stop words and entries without a letter.
struct SeedWords: Sendable {
    /// Keyed by bytes; in order of frequency.
    let index: TextIndex
    /// How many of the first entries were stop words, and how many had no letter.
    let stopWords: Int
    let withoutLetter: Int

    /// - Parameters:
    ///   - entries: the first N entries of the English list. N counts before stop words are removed (1,000 entries give
    ///     853 seeds with NLTK's list): the paper can be read either way.
    ///   - stopWords: nil when the rule is off.
    init(entries: TextTable, stopWords list: TextIndex?) {
        var index = TextIndex()
        var stopWords = 0
        var withoutLetter = 0
        for row in 0..<entries.count {
            let word = entries.string(at: row)
            if let list, list.contains(word) {
                stopWords += 1
            } else if !WordTests.hasLetter(word) {
                withoutLetter += 1
            } else {
                index.insert(word)
            }
        }
        self.index = index
        self.stopWords = stopWords
        self.withoutLetter = withoutLetter
    }
}
