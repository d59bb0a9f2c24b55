import ArgumentParser

/// `--loss`: what is asked of the vectors of a batch.
enum ContrastiveObjective: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// The paper's InfoNCE (§3.2): the mean over ordered same-synset pairs, each denominator holding its own positive
    /// and the anchor's negatives. pytorch-metric-learning's `NTXentLoss` with cosine similarity.
    case ntxent
    /// Supervised contrastive loss: denominators hold positives too, the mean is taken per anchor and then over anchors
    /// whose loss is above zero. pytorch-metric-learning's `SupConLoss` with its `AvgNonZeroReducer`.
    case supcon
}
