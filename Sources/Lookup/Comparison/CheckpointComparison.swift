import Evaluation
import Store

/// Two checkpoints on one data set of `bli`: reciprocal ranks of the queries both rank, from what the store keeps.
package struct CheckpointComparison: Sendable {
    /// A checkpoint and the layer it is compared at.
    package struct Side: Sendable, Equatable {
        package let checkpoint: String
        /// "8", "0-8:mean".
        package let layer: String
        /// Of how many layers it is the best; nil when it was asked for.
        package let bestOf: Int?
    }

    /// One pair of languages.
    package struct Pair: Sendable {
        package let name: String
        /// Queries one of the two ranks and the other has no vector for: not compared.
        package let dropped: Int
        /// What is said of the queries both rank; nil when there are none.
        package let scores: Scores?
    }

    package struct Scores: Sendable {
        /// Mean reciprocal ranks over the queries both rank; overall, the means of the pairs'.
        package let firstMean: Double
        package let secondMean: Double
        /// The second's reciprocal ranks less the first's.
        package let comparison: PairedComparison
        /// The probability after Holm's correction over the pairs of languages; nil overall.
        package let adjusted: Double?
    }

    package let dataset: String
    package let first: Side
    package let second: Side
    /// By name.
    package let pairs: [Pair]
    /// Over the pairs with queries both rank, each counting the same; nil when there are none.
    package let overall: Scores?

    package var dropped: Int { pairs.reduce(0) { $0 + $1.dropped } }
    /// Pairs the overall difference is over.
    package var compared: Int { pairs.count { $0.scores != nil } }

    /// Whether the second is worse by more than its test words' chance: the overall difference is below zero, and so
    /// is all of its interval.
    package var isWorse: Bool {
        guard let comparison = overall?.comparison, let interval = comparison.interval else { return false }
        return comparison.difference < 0 && interval.upper < 0
    }

    /// The pairs with the largest gains, largest first; equal ones by name.
    package func gains(_ count: Int) -> [Pair] { ordered(count, sign: 1) }
    /// The pairs with the largest losses, largest first; equal ones by name.
    package func losses(_ count: Int) -> [Pair] { ordered(count, sign: -1) }

    private func ordered(_ count: Int, sign: Double) -> [Pair] {
        func gain(_ pair: Pair) -> Double { sign * (pair.scores?.comparison.difference ?? 0) }
        return Array(pairs.filter { gain($0) > 0 }.sorted { (-gain($0), $0.name) < (-gain($1), $1.name) }.prefix(count))
    }

    /// - Parameter ranks: of each pair, by name, both checkpoints' ranks over the same dictionary.
    init(
        dataset: String, first: Side, second: Side, ranks: [(pair: String, first: Ranks, second: Ranks)], seed: UInt64,
        threads: Int
    ) {
        (self.dataset, self.first, self.second) = (dataset, first, second)
        let groups = ranks.map { pair -> (first: [Double], second: [Double]) in
            let common = pair.first.common(with: pair.second)
            return (
                common.map { 1 / Double(pair.first.ranks[$0.0].rank) },
                common.map { 1 / Double(pair.second.ranks[$0.1].rank) }
            )
        }
        let asked = groups.filter { !$0.first.isEmpty }
        let grouped = asked.isEmpty ? nil : GroupedComparison(asked, seed: seed, threads: threads)
        var next = 0
        let pairs = zip(ranks, groups).map { pair, group in
            let dropped = pair.first.positions.count + pair.second.positions.count - 2 * group.first.count
            guard let grouped, !group.first.isEmpty else { return Pair(name: pair.pair, dropped: dropped, scores: nil) }
            defer { next += 1 }
            return Pair(
                name: pair.pair, dropped: dropped,
                scores: Scores(
                    firstMean: Self.mean(group.first), secondMean: Self.mean(group.second),
                    comparison: grouped.groups[next], adjusted: grouped.adjusted[next]))
        }
        self.pairs = pairs
        overall = grouped.map { grouped in
            let scores = pairs.compactMap(\.scores)
            return Scores(
                firstMean: Self.mean(scores.map(\.firstMean)), secondMean: Self.mean(scores.map(\.secondMean)),
                comparison: grouped.overall, adjusted: nil)
        }
    }

    private static func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
}
