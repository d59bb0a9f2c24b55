import Lexicon

/// Everything that decides what a synset gives: rules, languages, lists.
struct MiningPlan: Sendable {
    var rules = Set(MiningRule.allCases)
    /// Canonical codes.
    var languages: [String]
    /// Needed while the rule `seeds` is on.
    var seeds = TextIndex()
    /// The frequent words of each language, in NFC; needed while the rule `frequency` is on.
    var frequent: [String: TextIndex] = [:]
    var excluded = ExcludedWords()
    var minimalGlosses = 2
    /// Whether glosses in one language count once.
    var countsGlossLanguages = true
    var glossOrder = GlossChoice.Order.first
    var seed: UInt64 = 0
    /// Lower-case names of lemma sources.
    var automaticSources: Set<String> = Self.automaticSourceNames
    var redirectSources: Set<String> = Self.redirectSourceNames

    /// Distinct pairs the rule against duplicates keeps in memory (11 to 22 bytes each); what comes after is decided on the
    /// disk.
    var pairsInMemory = Self.defaultPairsInMemory
    /// Where scratch files lie.
    var scratchFolder = "."

    /// The most that fit in a table of 2^25 slots, 256 MB.
    static let defaultPairsInMemory = 25_165_824

    init(languages: [String]) { self.languages = languages }

    /// Sources of BabelNet that are machine translations (of Wikipedia and of WordNet).
    static let automaticSourceNames: Set<String> = ["wikitr", "wntr", "automatic"]
    /// Sources of BabelNet that are redirections (of Wikipedia and of Wikiquote).
    static let redirectSourceNames: Set<String> = ["wikired", "wikiquredi", "redirect"]

    /// A list's entries as a lemma is looked up: in NFC, unless the rule `normalForms` is off.
    /// - Returns: the index, and how many entries were in another form.
    static func index(_ entries: TextTable, composes: Bool) -> (index: TextIndex, composed: Int) {
        guard composes else { return (TextIndex(of: entries), 0) }
        var index = TextIndex()
        var composed = 0
        for row in 0..<entries.count {
            let isASCII = entries.withBytes(at: row) { $0.allSatisfy { $0 < 0x80 } }
            if isASCII {
                entries.withBytes(at: row) { _ = index.insert($0) }
            } else {
                let text = WordCleaning.composed(entries.string(at: row))
                if !text.utf8.elementsEqual(entries.bytes(at: row)) { composed += 1 }
                index.insert(text)
            }
        }
        return (index, composed)
    }
}
