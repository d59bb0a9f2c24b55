#if canImport(Glibc)
import Glibc
#endif

/// An interval that holds the true value in a stated share of repetitions of the experiment.
package struct ConfidenceInterval: Hashable, Sendable {
    package let lower: Double
    package let upper: Double

    package init(lower: Double, upper: Double) {
        self.lower = lower
        self.upper = upper
    }

    /// The level every interval of Polylex has.
    package static let level = 0.95
    private static var upperTail: Double { 1 - (1 - level) / 2 }

    /// Wilson's score interval of a share.
    /// - Source: Wilson 1927; `scipy.stats.binomtest(k, n).proportion_ci(method="wilson")`.
    /// - Returns: nil without trials.
    package static func wilson(successes: Int, trials: Int) -> ConfidenceInterval? {
        guard trials > 0 else { return nil }
        precondition((0...trials).contains(successes))
        let z = NormalDistribution.quantile(upperTail)
        let (n, share) = (Double(trials), Double(successes) / Double(trials))
        let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        // Rounding must not put a certain share outside.
        return .init(lower: successes == 0 ? 0 : middle - half, upper: successes == trials ? 1 : middle + half)
    }

    /// Interval of Spearman's ρ: Fisher's z with the standard error √((1 + ρ²/2) / (n − 3)).
    /// - Source: Bonett and Wright 2000, "Sample size requirements for estimating Pearson, Kendall and Spearman
    ///   correlations", Psychometrika 65.
    /// - Returns: nil for fewer than four pairs or a ρ that does not exist.
    package static func spearman(rho: Double, pairs: Int) -> ConfidenceInterval? {
        guard pairs > 3, rho.isFinite, abs(rho) < 1 else { return nil }
        let half = NormalDistribution.quantile(upperTail) * ((1 + rho * rho / 2) / Double(pairs - 3)).squareRoot()
        return .init(lower: tanh(atanh(rho) - half), upper: tanh(atanh(rho) + half))
    }

    /// Interval of the mean of independent estimates, from their own intervals: the distances of their bounds are
    /// squared and added. Unlike a bootstrap it knows that a share of 1 among few is not certain.
    /// - Parameter estimates: each with its interval; a single one's is its own.
    /// - Source: Zou and Donner 2008, "Construction of confidence limits about effect measures: a general approach"
    ///   (MOVER); of two shares with Wilson's intervals it is Newcombe's hybrid score interval.
    /// - Returns: nil without estimates.
    package static func mean(of estimates: [(value: Double, interval: ConfidenceInterval)]) -> ConfidenceInterval? {
        guard !estimates.isEmpty else { return nil }
        let count = Double(estimates.count)
        var (sum, below, above) = (0.0, 0.0, 0.0)
        for (value, interval) in estimates {
            sum += value
            below += (value - interval.lower) * (value - interval.lower)
            above += (interval.upper - value) * (interval.upper - value)
        }
        return .init(lower: (sum - below.squareRoot()) / count, upper: (sum + above.squareRoot()) / count)
    }

    /// The expanded percentile interval of a bootstrap distribution: percentiles further out for few observations,
    /// because a bootstrap sample of n is too narrow by √((n − 1)/n) and knows nothing of t's tails.
    /// - Parameters:
    ///   - resampled: the statistic in each bootstrap sample, in any order; not empty.
    ///   - observations: how many were resampled; at least two, else nil.
    /// - Source: Hesterberg 2015, "What Teachers Should Know About the Bootstrap", §5.3.
    package static func expandedPercentile(_ resampled: [Double], observations: Int) -> ConfidenceInterval? {
        guard observations >= 2, !resampled.isEmpty else { return nil }
        let n = Double(observations)
        let tail = NormalDistribution.cumulative(
            -(n / (n - 1)).squareRoot() * StudentDistribution.quantile(upperTail, degrees: n - 1))
        let sorted = resampled.sorted()
        return .init(lower: percentile(tail, of: sorted), upper: percentile(1 - tail, of: sorted))
    }

    /// Linear between order statistics, as `numpy.percentile`.
    static func percentile(_ share: Double, of sorted: [Double]) -> Double {
        let position = share * Double(sorted.count - 1)
        let below = min(max(Int(position), 0), sorted.count - 1)
        let above = min(below + 1, sorted.count - 1)
        return sorted[below] + (position - Double(below)) * (sorted[above] - sorted[below])
    }
}
