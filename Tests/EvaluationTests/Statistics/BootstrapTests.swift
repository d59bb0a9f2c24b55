import Fingerprinting
import Testing

@testable import Evaluation

/// Numbers for simulations: the same in every run.
struct Draws {
    private var state: UInt64

    init(_ seed: UInt64) { state = SplitMix64.mix(seed) }

    /// In 0 ..< 1.
    mutating func uniform() -> Double {
        state &+= SplitMix64.increment
        return Double(SplitMix64.mix(state) >> 11) / 9_007_199_254_740_992
    }

    /// As reciprocal ranks are: many at 1, many near 0. Mean: 0.35 + 0.65 / 6.
    mutating func reciprocalRank() -> Double {
        if uniform() < 0.35 { return 1 }
        let u = uniform()
        return u * u / 2
    }

    static let meanReciprocalRank = 0.35 + 0.65 / 6
}

@Suite struct BootstrapTests {
    /// Share of 95 % intervals that may hold the truth: three standard errors of a share over the repetitions, and what
    /// a bootstrap of a few hundred skewed values lacks.
    private static let coverage = 0.93...0.97
    private static let repetitions = 900

    @Test func intervalsOfAPairHoldTheTruthAsOftenAsTheySay() throws {
        var random = Draws(1)
        var held = 0
        for repetition in 0..<Self.repetitions {
            let scores = (0..<150).map { _ in random.reciprocalRank() }
            let bootstrap = try Bootstrap(
                [.init([scores])], systems: 1, draws: 500, seed: UInt64(repetition), threads: 1)
            let interval = try #require(bootstrap.interval(group: 0, system: 0))
            if interval.lower <= Draws.meanReciprocalRank, Draws.meanReciprocalRank <= interval.upper { held += 1 }
        }
        #expect(Self.coverage.contains(Double(held) / Double(Self.repetitions)), "held \(held)")
    }

    /// Ten pairs, each with a mean of its own: the interval over pairs is for the mean of all pairs there could be.
    @Test func intervalsOverPairsHoldTheTruthAsOftenAsTheySay() throws {
        var random = Draws(2)
        var held = 0
        for repetition in 0..<Self.repetitions {
            let groups = (0..<10).map { _ -> Bootstrap.Group in
                let level = 0.4 * (random.uniform() - 0.5)
                return .init([(0..<40).map { _ in random.reciprocalRank() + level }])
            }
            let bootstrap = try Bootstrap(groups, systems: 1, draws: 500, seed: UInt64(repetition), threads: 1)
            let interval = try #require(bootstrap.intervalOverGroups(system: 0))
            if interval.lower <= Draws.meanReciprocalRank, Draws.meanReciprocalRank <= interval.upper { held += 1 }
        }
        #expect(Self.coverage.contains(Double(held) / Double(Self.repetitions)), "held \(held)")
    }

    /// A mean of n values in a bootstrap sample has the variance σ²/n (σ² with n in its denominator).
    @Test func varianceIsTheOneOfTheory() throws {
        var random = Draws(3)
        let lists = [(0..<120).map { _ in random.reciprocalRank() }, (0..<75).map { _ in random.reciprocalRank() }]
        let bootstrap = try Bootstrap(lists.map { .init([$0]) }, systems: 1, draws: 20_000, threads: 2)
        let expected = lists.map { variance($0) / Double($0.count) }.reduce(0, +) / 4
        // The relative error of a variance over d draws is about √(2 / d) = 0.01; four of them.
        #expect(abs(variance(bootstrap.meansOverQueries(system: 0)) / expected - 1) < 0.04)
        #expect(abs(bootstrap.mean(system: 0) - lists.map(mean).reduce(0, +) / 2) < 1e-12)
    }

    @Test func systemsSeeTheSameSamplesAndThreadsChangeNothing() throws {
        var random = Draws(4)
        let first = (0..<61).map { _ in random.reciprocalRank() }
        let shifted = first.map { $0 + 0.25 }
        let together = try Bootstrap([.init([first, shifted])], systems: 2, draws: 1_100, threads: 2)
        let alone = try Bootstrap([.init([first])], systems: 1, draws: 1_100, threads: 1)
        #expect(together.meansOverQueries(system: 0) == alone.meansOverQueries(system: 0))
        for (a, b) in zip(together.meansOverQueries(system: 0), together.meansOverQueries(system: 1)) {
            #expect(abs(b - a - 0.25) < 1e-12)
        }
        let other = try Bootstrap([.init([first])], systems: 1, draws: 1_100, seed: 2, threads: 1)
        #expect(other.meansOverQueries(system: 0) != alone.meansOverQueries(system: 0))
    }

    @Test func tooFewForAnInterval() throws {
        let single = try Bootstrap([.init([[0.5]])], systems: 1, draws: 10, threads: 1)
        #expect(single.mean(system: 0) == 0.5)
        #expect(single.interval(group: 0, system: 0) == nil)
        #expect(single.intervalOverQueries(system: 0) == nil)
        #expect(single.intervalOverGroups(system: 0) == nil)
    }

    private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }
    private func variance(_ values: [Double]) -> Double {
        let middle = mean(values)
        return mean(values.map { ($0 - middle) * ($0 - middle) })
    }
}
