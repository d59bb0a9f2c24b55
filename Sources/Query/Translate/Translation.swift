/// One answered question.
struct Translation: Sendable {
    struct Candidate: Sendable {
        let row: Int
        let word: String
        let score: Double
        /// Position in the vocabulary file, from 1.
        let frequencyRank: Int
    }

    struct Found: Sendable {
        let language: String
        let frequencyRank: Int
    }

    let query: String
    /// Spelling under which the query is stored; nil when it is not stored.
    let matched: String?
    /// The query's language; nil when it was neither given nor found.
    let from: String?
    let fromIsGuessed: Bool
    /// Other languages whose vocabularies have the word, most frequent first.
    let alternatives: [Found]
    let to: String
    let checkpoint: String
    let layer: Int
    /// Why this layer.
    let layerReason: String
    let scoring: TranslationScoring
    /// Whether the vector came from the store, and no model was loaded.
    let stored: Bool
    /// Folder of the checkpoint that encoded the query, when it was not stored.
    let encodedWith: String?
    /// Best first.
    let results: [Candidate]
    /// Candidates spelled like the query, with the score they have; not ranked.
    let identical: [Candidate]
}
