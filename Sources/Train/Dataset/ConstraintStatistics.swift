import Lexicon

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

/// Counts of a constraints table, taken row by row.
///
/// Words are distinct by language and UTF-8 bytes. Memory grows with the distinct words, synsets and memberships of
/// words in synsets, not with the rows.
struct ConstraintTally {
    private var pairs = PairTally()
    private(set) var monolingualRows = 0
    private(set) var rowsWithoutGloss = 0
    /// By language row: its words, and the number each has among the words of all languages.
    private var words: [TextIndex] = []
    private var wordNumbers: [[UInt32]] = []
    private var wordCount = 0
    private var synsets = TextIndex()
    /// Synset row in the upper half, word number in the lower.
    private var members = Set<UInt64>()
    private var glossLanguages = TextIndex()
    private var glossCounts: [(first: Int, second: Int)] = []

    var rows: Int { pairs.rows }

    mutating func count(_ row: ConstraintCells) {
        pairs.count(row)
        let (first, second) = (row.firstLanguageRow, row.secondLanguageRow)
        if first == second { monolingualRows += 1 }
        while words.count <= max(first, second) {
            words.append(TextIndex())
            wordNumbers.append([])
        }
        let synset = synsets.insert(row.synset).row
        members.insert(Self.key(synset, number(of: row.firstWord, language: first)))
        members.insert(Self.key(synset, number(of: row.secondWord, language: second)))
        if row.firstGloss.isEmpty && row.secondGloss.isEmpty { rowsWithoutGloss += 1 }
        if !row.firstGloss.isEmpty { glossCounts[glossLanguage(row.firstGlossLanguage)].first += 1 }
        if !row.secondGloss.isEmpty { glossCounts[glossLanguage(row.secondGlossLanguage)].second += 1 }
    }

    private mutating func number(of word: UnsafeBufferPointer<UInt8>, language: Int) -> Int {
        let (row, isNew) = words[language].insert(word)
        if isNew {
            wordNumbers[language].append(UInt32(wordCount))
            wordCount += 1
        }
        return Int(wordNumbers[language][row])
    }

    private mutating func glossLanguage(_ code: UnsafeBufferPointer<UInt8>) -> Int {
        let (row, isNew) = glossLanguages.insert(code)
        if isNew { glossCounts.append((0, 0)) }
        return row
    }

    private static func key(_ upper: Int, _ lower: Int) -> UInt64 { UInt64(upper) << 32 | UInt64(lower) }
}

extension ConstraintTally {
    /// The counts under the languages' codes, in an order that depends on the codes alone.
    /// - Parameter languages: the reader's.
    func statistics(languages: TextIndex) -> ConstraintStatistics {
        let codes = (0..<words.count).map { languages.table.string(at: $0) }
        let ordered = codes.indices.sorted { codes[$0].utf8.lexicographicallyPrecedes(codes[$1].utf8) }
        var languageCounts = ordered.map {
            ConstraintStatistics.Language(code: codes[$0], rows: 0, monolingualRows: 0, words: words[$0].count)
        }
        let places = Dictionary(uniqueKeysWithValues: languageCounts.enumerated().map { ($1.code, $0) })
        let pairCounts = pairs.counts(languages: languages)
        for pair in pairCounts {
            guard let first = places[pair.first], let second = places[pair.second] else { continue }
            languageCounts[first].rows += pair.rows
            if first == second {
                languageCounts[first].monolingualRows = pair.rows
            } else {
                languageCounts[second].rows += pair.rows
            }
        }
        var wordsPerSynset = [Int](repeating: 0, count: synsets.count)
        for member in members { wordsPerSynset[Int(member >> 32)] += 1 }
        let glosses = (0..<glossLanguages.count).map {
            ConstraintStatistics.GlossLanguage(
                code: glossLanguages.table.string(at: $0), first: glossCounts[$0].first,
                second: glossCounts[$0].second)
        }
        return ConstraintStatistics(
            rows: rows, monolingualRows: monolingualRows, rowsWithoutGloss: rowsWithoutGloss, words: wordCount,
            wordsPerSynset: wordsPerSynset.sorted(), languages: languageCounts, pairs: pairCounts,
            glossLanguages: glosses.sorted { ($1.first + $1.second, $0.code) < ($0.first + $0.second, $1.code) })
    }
}
