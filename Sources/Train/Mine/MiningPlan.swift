import ArgumentParser
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

    /// Distinct pairs the rule against duplicates keeps in memory (11 to 22 bytes each); what comes after is decided on
    /// the disk.
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

/// The rules of mining that can be turned off with `--without`; their order is that of the report.
enum MiningRule: String, CaseIterable, ExpressibleByArgument, Sendable {
    case stopwords
    case seeds
    case namedEntities = "named-entities"
    case glosses
    case automatic
    case redirects
    case multiwords
    case marks
    case invisible
    case normalForms = "normal-forms"
    case frequency
    case exclude
    case glossLanguages = "gloss-languages"
    case duplicates

    /// What the rule does, in one line: the help's and the report's text.
    var summary: String {
        switch self {
        case .stopwords: "stop words are no seeds"
        case .seeds: "a synset must hold a seed word"
        case .namedEntities: "no synsets that are named entities"
        case .glosses: "a synset needs glosses in enough languages"
        case .automatic: "no lemmas that are automatic translations"
        case .redirects: "no lemmas that are redirects"
        case .multiwords: "no lemmas of several words"
        case .marks: "vowel marks of ar, fa, ur and he are dropped from lemmas"
        case .invisible: "invisible characters are dropped from lemmas"
        case .normalForms: "lists and test words are compared in one normal form (NFC), as lemmas are"
        case .frequency: "a word must be frequent in its language"
        case .exclude: "no words of the test sets given with --exclude"
        case .glossLanguages: "a gloss is in another language than its word"
        case .duplicates: "a pair is kept once, for the first synset"
        }
    }

    /// What is counted.
    var unit: String {
        switch self {
        case .stopwords: "seeds"
        case .seeds, .namedEntities, .glosses: "synsets"
        case .automatic, .redirects, .multiwords, .frequency: "lemmas"
        case .marks, .invisible: "lemmas changed"
        case .normalForms: "entries changed"
        case .exclude: "words"
        case .glossLanguages, .duplicates: "pairs"
        }
    }
}
