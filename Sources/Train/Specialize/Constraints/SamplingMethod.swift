import ArgumentParser

/// `--sampling`: which constraints make a batch.
enum SamplingMethod: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Language pairs with q ∝ p^α, then a constraint of the pair, with replacement (paper §4).
    case smoothed
    /// Each epoch a new permutation.
    case shuffle
    /// The file's order, every epoch.
    case file
}
