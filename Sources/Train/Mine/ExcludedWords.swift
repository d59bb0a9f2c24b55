import ArgumentParser
import Lexicon

/// Words of test sets, which training must not see (paper §4).
struct ExcludedWords: Sendable {
    /// `--exclude-scope`
    enum Scope: String, ExpressibleByArgument, CaseIterable, Sendable {
        /// A word is banned in its own language, whatever its case.
        case language
        /// A word is banned in every language, as it is written.
        case everywhere
    }

    let scope: Scope
    /// Whether words are brought to NFC.
    let composes: Bool
    /// Words that were in another normal form.
    private(set) var composedCount = 0
    /// `language`: "language TAB lower-cased word"; `everywhere`: the word as written.
    private var index = TextIndex()

    init(scope: Scope = .language, composes: Bool = true) {
        self.scope = scope
        self.composes = composes
    }

    var count: Int { index.count }

    /// - Parameter language: canonical code; nil when the file does not tell it: then the word is banned in every
    ///   language.
    mutating func insert(_ word: String, language: String?) {
        let text = composes ? WordCleaning.composed(word) : word
        if composes, !text.utf8.elementsEqual(word.utf8) { composedCount += 1 }
        switch scope {
        case .language: index.insert("\(language ?? "")\t\(ReferenceLowercase.lower(text))")
        case .everywhere: index.insert(text)
        }
    }

    /// - Parameter lowered: the word lower-cased, which every caller has at hand.
    func contains(_ word: String, lowered: String, language: String) -> Bool {
        if index.count == 0 { return false }
        switch scope {
        case .language: return index.contains("\(language)\t\(lowered)") || index.contains("\t\(lowered)")
        case .everywhere: return index.contains(word)
        }
    }
}
