/// What is in a constraints table.
struct ConstraintStatistics: Equatable, Sendable {
    struct Language: Equatable, Sendable {
        let code: String
        /// Rows with a word of this language on either side; a monolingual row counts once.
        var rows: Int
        var monolingualRows: Int
        let words: Int
    }

    struct GlossLanguage: Equatable, Sendable {
        /// Empty where the table does not tell a gloss's language.
        let code: String
        let first: Int
        let second: Int
    }

    let rows: Int
    let monolingualRows: Int
    /// Rows where both glosses are empty.
    let rowsWithoutGloss: Int
    /// Distinct by language and spelling.
    let words: Int
    /// Distinct words of each synset in the table, ascending.
    let wordsPerSynset: [Int]
    /// By code.
    let languages: [Language]
    /// By codes; pairs without a row are left out.
    let pairs: [LanguagePairCount]
    /// Most frequent first.
    let glossLanguages: [GlossLanguage]

    var synsets: Int { wordsPerSynset.count }

    var monolingualShare: Double { rows > 0 ? Double(monolingualRows) / Double(rows) : 0 }

    var meanWordsPerSynset: Double {
        synsets > 0 ? Double(wordsPerSynset.reduce(0, +)) / Double(synsets) : 0
    }

    /// Mean of the two middle values when their number is even.
    var medianWordsPerSynset: Double {
        guard synsets > 0 else { return 0 }
        return Double(wordsPerSynset[(synsets - 1) / 2] + wordsPerSynset[synsets / 2]) / 2
    }

    /// The unordered pairs that these languages can form, monolingual ones included.
    var possiblePairs: Int { languages.count * (languages.count + 1) / 2 }
}
