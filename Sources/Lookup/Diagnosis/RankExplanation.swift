/// Why a gold translation stands where it stands, under one checkpoint: `query explain`.
package struct RankExplanation: Sendable {
    /// One of the two words.
    package struct Word: Sendable {
        package let text: String
        /// nil when nothing tells it.
        package let language: String?
        /// The spelling that is stored, and its position in the vocabulary file, from 1; nil when it is not stored.
        package let matched: String?
        package let frequencyRank: Int?
    }

    /// The words' pieces under the checkpoint's tokenizer, or why they cannot be known.
    package enum Pieces: Sendable {
        /// A piece without a name is its id in brackets.
        case known(query: [String], gold: [String])
        case unknown(reason: String)
    }

    /// How many words of the query's language have a word of the other among their nearest, as `query hubs` counts
    /// them, or why that cannot be known.
    package enum Hubs: Sendable {
        /// Each of `queries` words has its `k` nearest of `candidates`.
        case counted(k: Int, queries: Int, candidates: Int)
        case unknown(reason: String)
    }

    package struct Neighbour: Sendable {
        package let word: String
        package let score: Double
        package let frequencyRank: Int
        /// Words of the query's language that have it among their nearest; nil where that is not known, and for a word
        /// that is not among the candidates.
        package let occurrences: Int?
    }

    package struct Layer: Sendable {
        package struct Gold: Sendable {
            /// As `query bli` ranks it.
            package let rank: Int
            package let score: Double
            /// Other candidates with its very score.
            package let ties: Int
            /// As of a neighbour.
            package let occurrences: Int?
        }

        package let layer: Int
        /// Of a mean of layers, its name.
        package let mean: String?
        /// nil for a gold that is not stored.
        package let gold: Gold?
        /// The first candidates before the gold; of a gold that is not stored, the first of all.
        package let before: [Neighbour]
        /// The first words of the query's own language, without the query; empty when its language is not known.
        package let own: [Neighbour]

        package var name: String { mean ?? "\(layer)" }
    }

    package let query: Word
    package let fromIsGuessed: Bool
    /// Other languages whose vocabularies have the word, most frequent first.
    package let alternatives: [Translation.Found]
    package let gold: Word
    package let checkpoint: String
    /// Words of the target vocabulary.
    package let candidates: Int
    /// Folder of the checkpoint that encoded the query, when it was not stored.
    package let encodedWith: String?
    package let pieces: Pieces
    package let constraints: ConstraintEvidence
    package let hubs: Hubs
    package let layers: [Layer]
}
