import Fingerprinting
import Kernels
import Parallelism

/// Bootstrap distributions of mean scores over pairs of languages, for several systems (layers, checkpoints) at once.
///
/// Two levels, because they answer two questions. *Queries*: how much a mean would move with other test words for the
/// same pairs of languages; words are resampled within each pair, pairs stay. *Pairs*: how much it would move with
/// other pairs of languages; whole pairs are resampled, each with its own mean (Davison and Hinkley 1997, §3.8:
/// resampling within the chosen groups as well would count the words' variance twice). All systems see the same
/// samples.
package struct Bootstrap: Sendable {
    /// One pair of languages: a score of every system for every query.
    package struct Group: Sendable {
        /// [queries, systems], row by row.
        let values: [Double]
        let queries: Int
        /// Names the random stream its samples are drawn from; nil for the group's place among the others.
        let stream: UInt64?

        /// - Parameters:
        ///   - values: one list per system, each with one score per query, in the same order.
        ///   - stream: the same name, the same samples, whatever other groups there are; nil for one by its place.
        package init(_ values: [[Double]], stream: UInt64? = nil) {
            self.stream = stream
            queries = values.first?.count ?? 0
            precondition(values.allSatisfy { [queries] in $0.count == queries }, "systems were asked different queries")
            var flat = [Double](repeating: 0, count: queries * values.count)
            for (system, scores) in values.enumerated() {
                for (query, score) in scores.enumerated() { flat[query * values.count + system] = score }
            }
            self.values = flat
        }
    }

    /// Samples drawn unless said otherwise.
    package static let draws = 10_000
    /// Samples a thread draws at a time.
    private static let drawsAtOnce = 500

    package let systems: Int
    package let draws: Int
    private let seed: UInt64
    private let queries: [Int]
    /// [groups][systems]
    private let means: [[Double]]
    /// [groups, draws, systems]
    private let resampled: [Double]

    /// - Parameters:
    ///   - groups: pairs with at least one query each.
    ///   - seed: same seed, same groups: same intervals, on any number of threads.
    package init(_ groups: [Group], systems: Int, draws: Int = Bootstrap.draws, seed: UInt64 = 1, threads: Int) throws {
        precondition(systems >= 1 && draws >= 1 && !groups.isEmpty)
        precondition(groups.allSatisfy { $0.queries > 0 && $0.values.count == $0.queries * systems })
        self.systems = systems
        self.draws = draws
        self.seed = seed
        queries = groups.map(\.queries)
        means = groups.map { group in
            (0..<systems).map { system in
                (0..<group.queries).reduce(0.0) { $0 + group.values[$1 * systems + system] } / Double(group.queries)
            }
        }
        let blocks = (draws + Self.drawsAtOnce - 1) / Self.drawsAtOnce
        resampled = [Double](unsafeUninitializedCapacity: groups.count * draws * systems) { buffer, filled in
            let places = buffer
            Parallel.forEach(groups.count * blocks, threads: threads) { _, piece in
                let (group, block) = piece.quotientAndRemainder(dividingBy: blocks)
                let first = block * Self.drawsAtOnce
                let count = min(Self.drawsAtOnce, draws - first), start = (group * draws + first) * systems
                let stream = groups[group].stream.map { Int(bitPattern: UInt($0)) } ?? group
                Resampling.bootstrapSums(
                    groups[group].values, rows: groups[group].queries, columns: systems,
                    seed: Self.seed(seed, group: stream), firstDraw: first, draws: count,
                    into: UnsafeMutableBufferPointer(rebasing: places[start..<(start + count * systems)]))
                let size = Double(groups[group].queries)
                for index in start..<(start + count * systems) { places[index] /= size }
            }
            filled = buffer.count
        }
    }

    /// Groups draw from unrelated streams.
    static func seed(_ seed: UInt64, group: Int) -> UInt64 {
        SplitMix64.mix(SplitMix64.mix(seed) &+ UInt64(bitPattern: Int64(group)) &* SplitMix64.increment)
    }

    /// A system's mean over the queries of a group.
    package func mean(group: Int, system: Int) -> Double { means[group][system] }

    /// A system's mean over groups of their means.
    package func mean(system: Int) -> Double {
        means.reduce(0.0) { $0 + $1[system] } / Double(means.count)
    }

    /// Interval of a group's mean, its queries resampled; nil for a single query.
    package func interval(group: Int, system: Int) -> ConfidenceInterval? {
        let first = group * draws * systems + system
        return .expandedPercentile(
            (0..<draws).map { resampled[first + $0 * systems] }, observations: queries[group])
    }

    /// The mean over groups in every sample of their queries. [draws]
    package func meansOverQueries(system: Int) -> [Double] {
        var sums = [Double](repeating: 0, count: draws)
        for group in means.indices {
            let first = group * draws * systems + system
            for draw in 0..<draws { sums[draw] += resampled[first + draw * systems] }
        }
        return sums.map { $0 / Double(means.count) }
    }

    /// The mean over groups in every sample of groups. [draws]
    package func meansOverGroups(system: Int) -> [Double] {
        Self.meansOverGroups(means.map { $0[system] }, draws: draws, seed: seed)
    }

    /// - Parameter means: the groups' own.
    private static func meansOverGroups(_ means: [Double], draws: Int, seed: UInt64) -> [Double] {
        var sums = [Double](repeating: 0, count: draws)
        sums.withUnsafeMutableBufferPointer {
            Resampling.bootstrapSums(
                means, rows: means.count, columns: 1, seed: Self.seed(seed, group: -1), firstDraw: 0, draws: draws,
                into: $0)
        }
        return sums.map { $0 / Double(means.count) }
    }

    /// Interval of the mean over groups, queries resampled within each; nil when no group has two queries.
    package func intervalOverQueries(system: Int) -> ConfidenceInterval? {
        .expandedPercentile(meansOverQueries(system: system), observations: queries.max() ?? 0)
    }

    /// Interval of the mean over groups, groups resampled; nil for a single group.
    package func intervalOverGroups(system: Int) -> ConfidenceInterval? {
        .expandedPercentile(meansOverGroups(system: system), observations: means.count)
    }

    /// The same of groups whose scores are no means of their queries (Spearman's ρ).
    package static func intervalOverGroups(
        _ scores: [Double], draws: Int = Bootstrap.draws, seed: UInt64 = 1
    ) -> ConfidenceInterval? {
        scores.isEmpty
            ? nil
            : .expandedPercentile(meansOverGroups(scores, draws: draws, seed: seed), observations: scores.count)
    }
}

extension Bootstrap {
    /// What is said of one system.
    package struct Intervals: Hashable, Sendable {
        /// Of each group's mean.
        package let groups: [ConfidenceInterval?]
        package let overQueries: ConfidenceInterval?
        package let overGroups: ConfidenceInterval?
    }

    /// The intervals of every system, on several threads. [systems]
    /// - Parameter ofGroups: whether each group's own are wanted; without, `groups` is empty.
    package func intervals(ofGroups: Bool = true, threads: Int) -> [Intervals] {
        Parallel.map(systems, threads: threads) { system in
            Intervals(
                groups: ofGroups ? means.indices.map { interval(group: $0, system: system) } : [],
                overQueries: intervalOverQueries(system: system), overGroups: intervalOverGroups(system: system))
        }
    }
}
