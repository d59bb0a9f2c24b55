/// What a run of mining read, removed and kept.
struct MiningTally: Sendable {
    var synsets = 0
    /// Synsets that held a seed (or all, without that rule).
    var synsetsWithSeed = 0
    var synsetsKept = 0
    /// Synsets that gave at least one pair of the output.
    var synsetsWithPairs = 0
    /// Pairs before the rule against duplicates.
    var pairsBeforeDuplicates = 0
    var pairs = 0
    /// Pairs that wait on the disk for the end of the input; 0 when they have been decided.
    var waitingPairs = 0
    var monolingualPairs = 0

    var skippedRows = 0
    var repeatedSynsets = 0
    /// Lemmas in a language that was not chosen; glosses likewise.
    var otherLanguageLemmas = 0
    var otherLanguageGlosses = 0
    /// Lemmas and glosses whose language is no language code.
    var unknownLanguageItems = 0
    /// The first of such codes, sorted.
    private(set) var unknownLanguages: [String] = []
    var emptyLemmas = 0
    var emptyGlosses = 0
    /// Lemmas of chosen languages that have no frequency list.
    var lemmasWithoutList = 0
    /// Lemmas that are another spelling of a word the synset has already.
    var repeatedLemmas = 0
    /// What is wrong with synsets that were mined all the same: with --strict the first one ends the run.
    var defects: Int { unknownLanguageItems + emptyLemmas + emptyGlosses }

    /// Items each rule removed or changed.
    private var removed: [MiningRule: Int] = [:]

    mutating func countUnknownLanguage(_ code: String) {
        unknownLanguageItems += 1
        let shown = String(code.prefix(20))
        guard unknownLanguages.count < 10, !unknownLanguages.contains(shown) else { return }
        unknownLanguages.append(shown)
        unknownLanguages.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    mutating func remove(_ rule: MiningRule, _ count: Int = 1) { removed[rule, default: 0] += count }

    func removedCount(_ rule: MiningRule) -> Int { removed[rule] ?? 0 }
}
