import Foundation
import Testing

@testable import Evaluation

/// Against the second implementation in NumPy and SciPy: `tools/goldens/make-interval-goldens`.
@Suite struct IntervalGoldenTests {
    private struct Goldens: Decodable {
        struct Bootstrap: Decodable {
            struct Group: Decodable {
                let stream: String?
                let ranks: [[Int]]
                let intervals: [[Double]]
                let mean: [Double]
            }

            let draws: Int
            let seed: UInt64
            let groups: [Group]
            let overQueries: [[Double]]
            let overGroups: [[Double]]
            let percentile: [Double]
        }

        struct Wilson: Decodable {
            let successes: Int
            let trials: Int
            let interval: [Double]
        }

        struct Spearman: Decodable {
            let rho: Double
            let pairs: Int
            let interval: [Double]
        }

        let bootstrap: Bootstrap
        let wilson: [Wilson]
        let meanOfShares: [Double]
        let spearman: [Spearman]
    }

    private let goldens: Goldens

    init() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/intervals.json")
        goldens = try JSONDecoder().decode(Goldens.self, from: Data(contentsOf: path))
    }

    private func close(_ interval: ConfidenceInterval?, _ expected: [Double]) -> Bool {
        guard let interval else { return false }
        return abs(interval.lower - expected[0]) < 1e-10 && abs(interval.upper - expected[1]) < 1e-10
    }

    @Test func bootstrapOfBothLevels() throws {
        let expected = goldens.bootstrap
        let groups = expected.groups.map { group in
            Bootstrap.Group(
                group.ranks.map { $0.map { 1 / Double($0) } }, stream: group.stream.flatMap { UInt64($0) })
        }
        #expect(groups.count == 3 && groups.count { $0.stream != nil } == 1)
        let found = try Bootstrap(groups, systems: 2, draws: expected.draws, seed: expected.seed, threads: 2)
        let intervals = found.intervals(threads: 2)
        for system in 0..<2 {
            for (number, group) in expected.groups.enumerated() {
                #expect(abs(found.mean(group: number, system: system) - group.mean[system]) < 1e-12)
                #expect(close(intervals[system].groups[number], group.intervals[system]))
            }
            #expect(close(intervals[system].overQueries, expected.overQueries[system]))
            #expect(close(intervals[system].overGroups, expected.overGroups[system]))
            let means = expected.groups.map { $0.mean[system] }
            #expect(
                close(
                    Bootstrap.intervalOverGroups(means, draws: expected.draws, seed: expected.seed),
                    expected.overGroups[system]))
        }
        #expect(found.intervals(threads: 1) == intervals)
    }

    /// SciPy's own samples and plain percentiles: the same but for their randomness and Hesterberg's wider level.
    @Test func widthIsScipysButForTheLevel() throws {
        let group = goldens.bootstrap.groups[0]
        let scores = group.ranks[0].map { 1 / Double($0) }
        let found = try #require(
            try Bootstrap([.init([scores])], systems: 1, threads: 2).interval(group: 0, system: 0))
        let n = Double(scores.count)
        let wider =
            (n / (n - 1)).squareRoot() * StudentDistribution.quantile(0.975, degrees: n - 1)
            / NormalDistribution.quantile(0.975)
        let width = (goldens.bootstrap.percentile[1] - goldens.bootstrap.percentile[0]) * wider
        // The bounds of 10,000 samples are known to a few per cent of the width.
        #expect(abs((found.upper - found.lower) / width - 1) < 0.03)
    }

    /// A stream gives a group the same samples wherever it stands.
    @Test func streamsDoNotDependOnTheOtherGroups() throws {
        let groups = goldens.bootstrap.groups.map { group in
            Bootstrap.Group(group.ranks.map { $0.map { 1 / Double($0) } }, stream: 5)
        }
        let alone = try Bootstrap([groups[2]], systems: 2, draws: 300, threads: 1)
        let among = try Bootstrap(groups, systems: 2, draws: 300, threads: 1)
        #expect(alone.interval(group: 0, system: 1) == among.interval(group: 2, system: 1))
    }

    @Test func sharesAndCorrelations() {
        let estimates = goldens.wilson.map { golden in
            (
                value: Double(golden.successes) / Double(golden.trials),
                interval: ConfidenceInterval(lower: golden.interval[0], upper: golden.interval[1])
            )
        }
        #expect(close(.mean(of: estimates), goldens.meanOfShares))
        #expect(close(.mean(of: [estimates[3]]), goldens.wilson[3].interval))
        #expect(ConfidenceInterval.mean(of: []) == nil)
        #expect(goldens.wilson.count == 6 && goldens.spearman.count == 4)
        for golden in goldens.wilson {
            #expect(close(.wilson(successes: golden.successes, trials: golden.trials), golden.interval))
        }
        for golden in goldens.spearman {
            #expect(close(.spearman(rho: golden.rho, pairs: golden.pairs), golden.interval))
        }
    }
}
