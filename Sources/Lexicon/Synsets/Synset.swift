/// A concept: the words that mean it in many languages and the sentences that explain it.
package struct Synset: Sendable, Equatable {
    /// A word (or an expression of several) in one language.
    package struct Lemma: Sendable, Equatable {
        /// As the source writes it: `en`, `EN`, `eng`.
        package var language: String
        package var text: String
        /// Where the lemma comes from: `wn`, `WIKIRED`; empty when the source does not say.
        package var source: String

        package init(language: String, text: String, source: String = "") {
            self.language = language
            self.text = text
            self.source = source
        }
    }

    /// A sentence that explains the concept in one language.
    package struct Gloss: Sendable, Equatable {
        package var language: String
        package var text: String

        package init(language: String, text: String) {
            self.language = language
            self.text = text
        }
    }

    package var id: String
    package var partOfSpeech: String
    /// Whether the concept is a person, a place or the like; nil when the source does not say.
    package var isNamedEntity: Bool?
    package var lemmas: [Lemma]
    package var glosses: [Gloss]

    package init(
        id: String, partOfSpeech: String = "", isNamedEntity: Bool? = nil, lemmas: [Lemma] = [], glosses: [Gloss] = []
    ) {
        self.id = id
        self.partOfSpeech = partOfSpeech
        self.isNamedEntity = isNamedEntity
        self.lemmas = lemmas
        self.glosses = glosses
    }
}
