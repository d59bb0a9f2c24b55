import Evaluation
import Fingerprinting
import Store

/// 95 % intervals of scores: of every pair, and of the means over pairs at every layer.
///
/// They come from what the store keeps of each query, so nothing is computed from vectors. An interval depends on its
/// own results alone, not on what else is asked for: the samples of a pair's queries are drawn from a stream named by
/// the pair's data, the same at every layer and for every checkpoint.
package struct ScoreIntervals: Sendable {
    /// Of a mean over pairs.
    package struct OfMean: Hashable, Sendable {
        /// Words resampled within each pair, pairs kept.
        package let overQueries: ConfidenceInterval?
        /// Pairs resampled, each with its own score.
        package let overPairs: ConfidenceInterval?
    }

    /// A checkpoint on a data set at one layer: what a mean over pairs is of.
    private struct System: Hashable {
        let checkpoint: String
        let dataset: String
        let layer: String
    }

    private struct MeanKey: Hashable {
        let system: System
        let measure: String
    }

    private var pairs: [Fingerprint: [String: ConfidenceInterval]] = [:]
    private var means: [MeanKey: OfMean] = [:]
    /// Results whose ranks are not kept, so that they have no interval: those of a store from before ranks were.
    package private(set) var withoutRanks = 0

    /// Systems resampled together; what bounds the memory of their samples.
    static let systemsAtOnce = 64

    /// The interval of a pair's score; nil where too little is known for one.
    package func interval(of record: ResultRecord, _ key: String) -> ConfidenceInterval? {
        pairs[record.fingerprint]?[key]
    }

    /// The intervals of a layer's mean; nil where a pair's ranks are not known.
    package func intervals(of layer: LayerMeans.Layer, in means: LayerMeans, _ key: String) -> OfMean? {
        let system = System(checkpoint: means.checkpoint, dataset: means.dataset, layer: layer.name)
        return self.means[MeanKey(system: system, measure: key)]
    }

    package init() {}

    /// - Parameters:
    ///   - records: of one task; those of a mean over pairs all together.
    ///   - measures: the schema's, or some of them.
    ///   - ofPairs: whether the pairs' own intervals of mean reciprocal ranks are wanted beside those of the means:
    ///     10,000 sorted samples for each pair.
    ///   - outcomes: what the store keeps of a result.
    /// - Throws: `EvaluationError.damagedOutcomes`, and what `outcomes` throws.
    package init(
        _ records: [ResultRecord], measures: [ScoreMeasure], ofPairs: Bool = true, draws: Int = Bootstrap.draws,
        threads: Int, outcomes: (ResultRecord) throws -> ResultOutcomes?
    ) throws {
        var order: [System] = []
        var systems: [System: [ResultRecord]] = [:]
        for record in records {
            let system = System(checkpoint: record.checkpoint, dataset: record.dataset, layer: record.layerName)
            if systems[system] == nil { order.append(system) }
            systems[system, default: []].append(record)
        }
        let lists = measures.map(\.lists).max() ?? 0
        var ranked: [RankedSystem] = []
        for system in order {
            let own = (systems[system] ?? []).sorted { $0.pair < $1.pair }
            for case .correlation(let key, let count) in measures { addCorrelations(own, system, key, count) }
            guard lists > 0 else { continue }
            let known = try own.compactMap { record in
                try outcomes(record).map { try RankedPair(record, $0, lists: lists) }
            }
            withoutRanks += own.count - known.count
            guard !known.isEmpty else { continue }
            ranked.append(RankedSystem(system: system, pairs: known, isWhole: known.count == own.count))
        }
        for measure in measures {
            switch measure {
            case .correlation: break
            case .share(let key, let rank, let list):
                for system in ranked { addShares(system, key, rank: rank, list: list, draws) }
            case .reciprocalRank(let key): try addReciprocalRanks(ranked, key, ofPairs: ofPairs, draws, threads)
            }
        }
    }

    // MARK: Ranks

    /// The queries of a pair: results that agree in it are resampled together.
    private struct PairKey: Hashable {
        let data: Fingerprint
        let positions: [Int]
    }

    /// One result's ranks.
    private struct RankedPair {
        let record: ResultRecord
        let key: PairKey
        let lists: [Ranks]

        init(_ record: ResultRecord, _ outcomes: ResultOutcomes, lists count: Int) throws {
            lists = try outcomes.ranks()
            guard lists.count >= count, lists.allSatisfy({ [lists] in $0.positions == lists[0].positions }) else {
                throw EvaluationError.damagedOutcomes("\(lists.count) lists of ranks for \(record.task) \(record.pair)")
            }
            self.record = record
            key = PairKey(data: outcomes.data, positions: lists[0].positions)
        }
    }

    private struct RankedSystem {
        let system: System
        let pairs: [RankedPair]
        /// Whether these are all pairs the mean is over.
        let isWhole: Bool
    }

    private mutating func addReciprocalRanks(
        _ ranked: [RankedSystem], _ key: String, ofPairs: Bool, _ draws: Int, _ threads: Int
    ) throws {
        var order: [[PairKey]] = []
        var clusters: [[PairKey]: [RankedSystem]] = [:]
        for system in ranked {
            let queries = system.pairs.map(\.key)
            if clusters[queries] == nil { order.append(queries) }
            clusters[queries, default: []].append(system)
        }
        for queries in order {
            let members = clusters[queries] ?? []
            for start in stride(from: 0, to: members.count, by: Self.systemsAtOnce) {
                let some = members[start..<min(start + Self.systemsAtOnce, members.count)]
                let groups = queries.enumerated().map { place, pair in
                    Bootstrap.Group(
                        // A pair without queries counts 0 in the mean, and so in every sample of it.
                        some.map { member in
                            pair.positions.isEmpty
                                ? [0] : member.pairs[place].lists[0].ranks.map { 1 / Double($0.rank) }
                        }, stream: pair.data.high ^ pair.data.low)
                }
                let bootstrap = try Bootstrap(groups, systems: some.count, draws: draws, threads: threads)
                for (member, intervals) in zip(some, bootstrap.intervals(ofGroups: ofPairs, threads: threads)) {
                    for (pair, interval) in zip(member.pairs, intervals.groups) {
                        pairs[pair.record.fingerprint, default: [:]][key] = interval
                    }
                    addMean(member, key, overQueries: intervals.overQueries, overPairs: intervals.overGroups)
                }
            }
        }
    }

    private mutating func addShares(_ system: RankedSystem, _ key: String, rank: Int, list: Int, _ draws: Int) {
        let estimates = system.pairs.map { pair -> (value: Double, interval: ConfidenceInterval) in
            let ranks = pair.lists[list].ranks
            let hits = ranks.count { $0.rank <= rank }
            let interval = ConfidenceInterval.wilson(successes: hits, trials: ranks.count)
            pairs[pair.record.fingerprint, default: [:]][key] = interval
            return interval.map { (Double(hits) / Double(ranks.count), $0) } ?? (0, .init(lower: 0, upper: 0))
        }
        addMean(
            system, key, overQueries: .mean(of: estimates),
            overPairs: Bootstrap.intervalOverGroups(estimates.map(\.value), draws: draws))
    }

    private mutating func addMean(
        _ system: RankedSystem, _ key: String, overQueries: ConfidenceInterval?, overPairs: ConfidenceInterval?
    ) {
        guard system.isWhole else { return }
        means[MeanKey(system: system.system, measure: key)] = OfMean(overQueries: overQueries, overPairs: overPairs)
    }

    // MARK: Correlations

    /// Over queries, a mean of ρ moves at most as far as its pairs' on average, which it does when all move together:
    /// the pairs of a set of similarity judgements are translations of one list, so no more is claimed.
    private mutating func addCorrelations(
        _ records: [ResultRecord], _ system: System, _ key: String, _ count: String
    ) {
        let known = records.compactMap { record in record.values[key].map { (record, rho: $0) } }
        let own = known.map { record, rho in
            ConfidenceInterval.spearman(rho: rho, pairs: Int(exactly: record.values[count] ?? 0) ?? 0)
        }
        for ((record, _), interval) in zip(known, own) { pairs[record.fingerprint, default: [:]][key] = interval }
        guard !known.isEmpty else { return }
        let bounds = own.compactMap { $0 }
        let size = Double(bounds.count)
        means[MeanKey(system: system, measure: key)] = OfMean(
            overQueries: bounds.count < own.count
                ? nil
                : .init(
                    lower: bounds.reduce(0) { $0 + $1.lower } / size, upper: bounds.reduce(0) { $0 + $1.upper } / size),
            overPairs: Bootstrap.intervalOverGroups(known.map(\.rho)))
    }
}
