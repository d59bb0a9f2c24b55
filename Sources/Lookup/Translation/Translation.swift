/// How candidates are scored: by cosine, or by cosines with the neighbourhoods' own taken off.
package enum TranslationScoring: String, CaseIterable, Sendable { case cosine, csls }

/// Which words of other languages are no answers, though a vocabulary has them (`ForeignWords`).
package enum NativeCandidates: String, CaseIterable, Sendable {
    /// None are left out.
    case off
    /// Words of the query's own language: who asks for Finnish with an English word does not want an English one.
    case own
    /// Words of any other stored language: some are loans, or forms that two languages share by chance.
    case any
}

/// One answered question.
package struct Translation: Sendable {
    package struct Candidate: Sendable {
        package let row: Int
        package let word: String
        package let score: Double
        /// Position in the vocabulary file, from 1.
        package let frequencyRank: Int
    }

    /// A candidate left out as a word of another language.
    package struct Foreign: Sendable {
        package let candidate: Candidate
        package let language: String
    }

    /// By how much the cosine of the nearest candidate, whatever its spelling and language, is above the mean of the
    /// ten behind it, and by how much it should be (`NonsenseCalibration`).
    package struct NonsenseMargin: Sendable {
        package let margin: Double
        package let limit: Double

        package var isDoubtful: Bool { margin < limit }
    }

    package struct Found: Sendable {
        package let language: String
        package let frequencyRank: Int
    }

    package let query: String
    /// Spelling under which the query is stored; nil when it is not stored.
    package let matched: String?
    /// The query's language; nil when it was neither given nor found.
    package let from: String?
    package let fromIsGuessed: Bool
    /// Other languages whose vocabularies have the word, most frequent first.
    package let alternatives: [Found]
    package let to: String
    package let checkpoint: String
    package let layer: TranslationLayer
    package let scoring: TranslationScoring
    /// Whether the vector came from the store, and no model was loaded.
    package let stored: Bool
    /// Folder of the checkpoint that encoded the query, when it was not stored.
    package let encodedWith: String?
    /// Best first.
    package let results: [Candidate]
    /// Candidates spelled like the query, with the score they have; not ranked.
    package let identical: [Candidate]
    package let native: NativeCandidates
    /// Candidates that would stand among or before the results and are words of another language; not ranked.
    package let foreign: [Foreign]
    /// The lowest score of an answer; nil for any.
    package let threshold: Double?
    /// The best candidate below the threshold; nil without one.
    package let below: Candidate?
    /// How the best candidate stands out beside nonsense's; nil where that was not asked, or cannot be known.
    package let nonsense: NonsenseMargin?

    /// Whether the best candidate stands out no more than nonsense's does.
    package var isDoubtful: Bool { nonsense?.isDoubtful ?? false }

    /// Whether a threshold was given and no candidate reaches it.
    package var isUnsure: Bool { threshold != nil && results.isEmpty }
}
