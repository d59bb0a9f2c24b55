import ArgumentParser

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
