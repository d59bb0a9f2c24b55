/// What a collection is called, and what its name says: the words of a language, or one side of a set of parallel
/// sentences.
///
/// Compared by bytes, as keys of the catalogue are.
package enum CollectionName: Sendable, CustomStringConvertible {
    /// "words/fi"
    case words(language: String)
    /// "sentences/fra-eng/fra"
    case sentences(set: String, language: String)

    /// nil for a name of neither kind, which other programs may have given.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        switch (parts[0], parts.count) {
        case ("words", 2): self = .words(language: parts[1])
        case ("sentences", 3): self = .sentences(set: parts[1], language: parts[2])
        default: return nil
        }
    }

    package var description: String {
        switch self {
        case .words(let language): "words/\(language)"
        case .sentences(let set, let language): "sentences/\(set)/\(language)"
        }
    }

    package var language: String {
        switch self {
        case .words(let language), .sentences(_, let language): language
        }
    }
}

extension CollectionRecord {
    package var name: CollectionName? { CollectionName(collection) }
    /// The language of a vocabulary; nil for sentences.
    package var wordLanguage: String? {
        if case .words(let language) = name { language } else { nil }
    }
    /// What people are shown: the language of a vocabulary, the whole name of any other collection.
    package var title: String { wordLanguage ?? collection }
}

extension LayerRecord {
    package var name: CollectionName? { CollectionName(collection) }
}
