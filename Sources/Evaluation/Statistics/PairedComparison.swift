import Kernels
import Parallelism

/// Whether two systems' scores for the same queries differ by more than chance.
package struct PairedComparison: Hashable, Sendable {
    /// Queries compared.
    package let queries: Int
    /// Mean of the second system's score less the first's.
    package let difference: Double
    /// Bootstrap interval of the difference, queries resampled; nil for fewer than two queries.
    package let interval: ConfidenceInterval?
    /// Two-sided p of the randomisation test: the share of random exchanges of the two systems' scores, query by query,
    /// whose mean difference is at least as far from zero as the one seen, the one seen counted in (so never 0).
    /// - Source: Noreen 1989; Dror et al. 2018, "The Hitchhiker's Guide to Testing Statistical Significance in NLP",
    ///   §3.
    package let probability: Double
    /// Queries on which the second system scores higher, the same, lower.
    package let wins: Int
    package let ties: Int
    package let losses: Int

    /// Exchanges and samples drawn unless said otherwise.
    package static let draws = Bootstrap.draws

    /// - Parameters: scores of the same queries in the same order; at least one.
    package init(_ first: [Double], _ second: [Double], draws: Int = PairedComparison.draws, seed: UInt64 = 1) {
        self.init(groups: [(first, second)], draws: draws, seed: seed)
    }

    /// The comparison over several groups of queries (pairs of languages): the mean of the groups' mean differences, so
    /// that a group counts the same whatever its size. Signs are exchanged and queries resampled within each group.
    package init(
        groups: [(first: [Double], second: [Double])], draws: Int = PairedComparison.draws, seed: UInt64 = 1
    ) {
        precondition(!groups.isEmpty && groups.allSatisfy { !$0.first.isEmpty && $0.first.count == $0.second.count })
        var resampled = [Double](repeating: 0, count: draws)
        var exchanged = [Double](repeating: 0, count: draws)
        var (difference, queries, wins, losses, most) = (0.0, 0, 0, 0, 0)
        for (number, group) in groups.enumerated() {
            let differences = zip(group.first, group.second).map { $1 - $0 }
            let weight = 1 / (Double(differences.count) * Double(groups.count))
            var sums = [Double](repeating: 0, count: draws)
            sums.withUnsafeMutableBufferPointer {
                Resampling.bootstrapSums(
                    differences, rows: differences.count, columns: 1, seed: Bootstrap.seed(seed, group: 2 * number),
                    firstDraw: 0, draws: draws, into: $0)
            }
            for (draw, sum) in sums.enumerated() { resampled[draw] += sum * weight }
            Resampling.signFlipSums(
                differences, seed: Bootstrap.seed(seed, group: 2 * number + 1), firstDraw: 0, draws: draws, into: &sums)
            for (draw, sum) in sums.enumerated() { exchanged[draw] += sum * weight }
            difference += differences.reduce(0, +) * weight
            queries += differences.count
            most = max(most, differences.count)
            wins += differences.count { $0 > 0 }
            losses += differences.count { $0 < 0 }
        }
        // Sums of the same numbers in another order differ in their last bits; such exchanges are as extreme.
        let threshold = abs(difference) * (1 - 1e-9)
        let extreme = exchanged.count { abs($0) >= threshold }
        self.queries = queries
        self.difference = difference
        interval = .expandedPercentile(resampled, observations: most)
        probability = Double(1 + extreme) / Double(1 + draws)
        self.wins = wins
        self.losses = losses
        ties = queries - wins - losses
    }
}

/// Holm's step-down correction for asking several questions at once.
package enum HolmCorrection {
    /// - Returns: adjusted probabilities in the order given: reject those at or under α, and the chance of even one
    ///   false rejection is at most α.
    /// - Source: Holm 1979; R's `p.adjust(method="holm")`.
    package static func adjust(_ probabilities: [Double]) -> [Double] {
        var adjusted = probabilities
        var largest = 0.0
        let order = probabilities.indices.sorted { probabilities[$0] < probabilities[$1] }
        for (place, index) in order.enumerated() {
            largest = max(largest, min(1, probabilities[index] * Double(probabilities.count - place)))
            adjusted[index] = largest
        }
        return adjusted
    }
}

/// Two systems' scores for several groups of queries (pairs of languages): each group by itself, with Holm's correction
/// for asking so many questions, and all together.
package struct GroupedComparison: Hashable, Sendable {
    /// In the order given.
    package let groups: [PairedComparison]
    /// Each group's probability after Holm's correction over the groups.
    package let adjusted: [Double]
    /// The mean of the groups' differences: a group counts the same whatever its size.
    package let overall: PairedComparison

    /// - Parameters:
    ///   - groups: at least one; scores of the same queries in the same order, at least one query each.
    ///   - seed: same seed, same scores: same numbers, on any number of threads.
    package init(
        _ groups: [(first: [Double], second: [Double])], draws: Int = PairedComparison.draws, seed: UInt64 = 1,
        threads: Int
    ) {
        precondition(!groups.isEmpty)
        // The one over all takes as long as the others together, so it begins first; one group alone is all there is.
        let tasks = (groups.count > 1 ? [groups] : []) + groups.map { [$0] }
        let found = Parallel.map(tasks.count, threads: threads) {
            PairedComparison(groups: tasks[$0], draws: draws, seed: seed)
        }
        overall = found[0]
        self.groups = Array(found.suffix(groups.count))
        adjusted = HolmCorrection.adjust(self.groups.map(\.probability))
    }
}
