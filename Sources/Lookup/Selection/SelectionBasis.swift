/// On what layers of stored results can be chosen beside the pairs they are scored on.
package enum StoredSelection: String, CaseIterable, Sendable {
    /// For each pair, on the mean of all other pairs.
    case otherPairs = "other-pairs"
    /// On half of the queries, scored on the other half, and the other way round.
    case half
}

/// On what the layer was chosen that a score is reported at.
package enum SelectionBasis: String, CaseIterable, Sendable {
    /// The paper's way: on the very pairs the score is over.
    case scoredPairs = "scored-pairs"
    /// For each pair, on the mean of all other pairs.
    case otherPairs = "other-pairs"
    /// On half of the queries, scored on the other half, and the other way round.
    case half
    /// On dictionaries of their own.
    case validation
}
