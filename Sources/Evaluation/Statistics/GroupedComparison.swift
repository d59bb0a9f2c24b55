import Parallelism

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
