import Testing

@testable import Evaluation

#if canImport(Glibc)
import Glibc
#endif

/// How often 95 % intervals hold the truth, in repetitions of an experiment whose truth is known. Those of a single
/// pair and over pairs: `BootstrapTests`.
@Suite struct IntervalCoverageTests {
    private static let coverage = 0.93...0.97
    private static let repetitions = 900

    private func expectCoverage(_ held: Int) {
        #expect(Self.coverage.contains(Double(held) / Double(Self.repetitions)), "held \(held)")
    }

    /// The same five pairs with words drawn anew: their mean's own truth is fixed, whatever other pairs there could be.
    @Test func meansOverThePairsThereAre() throws {
        let levels = [-0.1, -0.05, 0, 0.1, 0.3]
        let truth = Draws.meanReciprocalRank + levels.reduce(0, +) / 5
        var random = Draws(11)
        var held = 0
        for repetition in 0..<Self.repetitions {
            let groups = levels.enumerated().map { number, level in
                Bootstrap.Group([(0..<(40 + 20 * number)).map { _ in random.reciprocalRank() + level }])
            }
            let bootstrap = try Bootstrap(groups, systems: 1, draws: 500, seed: UInt64(repetition), threads: 1)
            let interval = try #require(bootstrap.intervalOverQueries(system: 0))
            if interval.lower <= truth, truth <= interval.upper { held += 1 }
        }
        expectCoverage(held)
    }

    /// Not drawn but summed: how probable the numbers of successes are whose interval holds the truth. It jumps with
    /// the number of trials, since successes are whole.
    @Test(arguments: [(100, 0.3), (150, 0.3), (200, 0.3), (300, 0.9), (1000, 0.05)])
    func shares(trials: Int, truth: Double) throws {
        var held = 0.0
        for successes in 0...trials {
            let interval = try #require(ConfidenceInterval.wilson(successes: successes, trials: trials))
            guard interval.lower <= truth, truth <= interval.upper else { continue }
            let n = Double(trials), k = Double(successes)
            held += exp(
                lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1) + k * log(truth) + (n - k) * log(1 - truth))
        }
        #expect(Self.coverage.contains(held), "\(trials) trials of \(truth): \(held)")
    }

    /// Four pairs, two of them nearly perfect.
    @Test func meansOfShares() throws {
        let shares = [0.98, 0.4, 0.95, 0.7], truth = shares.reduce(0, +) / 4
        var random = Draws(14)
        var held = 0
        for _ in 0..<Self.repetitions {
            let estimates = try shares.enumerated().map { number, share in
                let trials = 40 + 25 * number
                let successes = (0..<trials).count { _ in random.uniform() < share }
                let interval = try #require(ConfidenceInterval.wilson(successes: successes, trials: trials))
                return (value: Double(successes) / Double(trials), interval: interval)
            }
            let interval = try #require(ConfidenceInterval.mean(of: estimates))
            if interval.lower <= truth, truth <= interval.upper { held += 1 }
        }
        expectCoverage(held)
    }

    /// Of two normal variables with Pearson's r, Spearman's ρ is 6/π · asin(r/2).
    @Test func correlations() throws {
        let r = 0.6, truth = 6 / Double.pi * asin(r / 2)
        var random = Draws(13)
        func normal() -> Double {
            (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
        }
        var held = 0
        for _ in 0..<Self.repetitions {
            let first = (0..<100).map { _ in normal() }
            let second = first.map { r * $0 + (1 - r * r).squareRoot() * normal() }
            let interval = try #require(
                ConfidenceInterval.spearman(rho: SpearmanCorrelation(first, second).rho, pairs: 100))
            if interval.lower <= truth, truth <= interval.upper { held += 1 }
        }
        expectCoverage(held)
    }
}
