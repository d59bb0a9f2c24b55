import Testing

@testable import Evaluation

@Suite struct PairedComparisonTests {
    /// All 2⁶ exchanges of six queries counted by hand: 0.5 differs in sign and size, so 4 of 64 are as extreme.
    @Test func randomisationIsTheExactTest() {
        let first = [0.5, 0.2, 0.1, 0.4, 0.3, 0.25]
        let second = [1.0, 0.5, 0.2, 0.9, 0.5, 0.2]
        let differences = zip(first, second).map { $1 - $0 }
        let observed = abs(differences.reduce(0, +))
        let extreme = (0..<64).count { code in
            let sum = differences.enumerated().reduce(0.0) {
                $0 + (code >> $1.offset & 1 == 1 ? $1.element : -$1.element)
            }
            return abs(sum) >= observed - 1e-12
        }
        let comparison = PairedComparison(first, second, draws: 40_000)
        // A share over 40,000 draws has a standard error of at most 0.0025; four of them.
        #expect(abs(comparison.probability - Double(extreme) / 64) < 0.01)
        #expect((comparison.wins, comparison.ties, comparison.losses) == (5, 0, 1))
        #expect(abs(comparison.difference - differences.reduce(0, +) / 6) < 1e-12)
    }

    /// The same model with two seeds of noise: p is uniform.
    @Test func probabilitiesAreUniformWithoutADifference() {
        var random = Draws(5)
        let repetitions = 800
        var under = [0.05: 0, 0.25: 0, 0.5: 0, 0.75: 0]
        for repetition in 0..<repetitions {
            let first = (0..<80).map { _ in random.reciprocalRank() }
            let second = (0..<80).map { _ in random.reciprocalRank() }
            let p = PairedComparison(first, second, draws: 400, seed: UInt64(repetition)).probability
            for level in under.keys where p <= level { under[level, default: 0] += 1 }
        }
        for (level, count) in under {
            let error = 4 * (level * (1 - level) / Double(repetitions)).squareRoot()
            #expect(
                abs(Double(count) / Double(repetitions) - level) < error, "\(count) of \(repetitions) under \(level)")
        }
    }

    @Test func aClearDifferenceIsFound() throws {
        var random = Draws(6)
        let groups = (0..<4).map { _ -> (first: [Double], second: [Double]) in
            let first = (0..<100).map { _ in random.reciprocalRank() }
            return (first, first.map { $0 + 0.1 * random.uniform() })
        }
        let comparison = PairedComparison(groups: groups, draws: 1_000)
        let interval = try #require(comparison.interval)
        #expect(comparison.probability == 1.0 / 1_001)
        #expect(interval.lower > 0.04 && interval.upper < 0.06)
        #expect((comparison.queries, comparison.wins) == (400, 400))
    }

    @Test func equalSystemsAreEqual() {
        let comparison = PairedComparison([0.5, 1, 0.1], [0.5, 1, 0.1], draws: 100)
        #expect(comparison.probability == 1 && comparison.difference == 0 && comparison.ties == 3)
    }

    /// R 4: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm").
    @Test func holmIsRs() {
        let adjusted = HolmCorrection.adjust([0.01, 0.04, 0.03, 0.005])
        for (a, b) in zip(adjusted, [0.03, 0.06, 0.06, 0.02]) { #expect(abs(a - b) < 1e-15) }
        #expect(HolmCorrection.adjust([0.9, 0.8]) == [1, 1])
        #expect(HolmCorrection.adjust([]).isEmpty)
    }
}

@Suite struct GroupedComparisonTests {
    private func groups(_ count: Int, seed: UInt64 = 3) -> [(first: [Double], second: [Double])] {
        var random = Draws(seed)
        return (0..<count).map { group in
            let first = (0..<(40 + 30 * group)).map { _ in random.reciprocalRank() }
            return (first, first.map { $0 + 0.02 * Double(group) * random.uniform() - 0.01 * random.uniform() })
        }
    }

    /// Every number is the one of the comparison it stands for, on one thread and on several.
    @Test func groupsAndTheWholeAreTheirOwnComparisons() {
        let groups = groups(4)
        let found = GroupedComparison(groups, draws: 500, seed: 9, threads: 1)
        #expect(found.overall == PairedComparison(groups: groups, draws: 500, seed: 9))
        for (comparison, group) in zip(found.groups, groups) {
            #expect(comparison == PairedComparison(group.first, group.second, draws: 500, seed: 9))
        }
        #expect(found.groups.count == 4)
        #expect(found.adjusted == HolmCorrection.adjust(found.groups.map(\.probability)))
        #expect(found.adjusted != found.groups.map(\.probability))
        #expect(found == GroupedComparison(groups, draws: 500, seed: 9, threads: 3))
        #expect(found != GroupedComparison(groups, draws: 500, seed: 10, threads: 3))
    }

    @Test func oneGroupIsTheWhole() {
        let groups = groups(1)
        let found = GroupedComparison(groups, draws: 200, threads: 2)
        #expect(found.groups == [found.overall] && found.adjusted == [found.overall.probability])
        #expect(found.overall == PairedComparison(groups[0].first, groups[0].second, draws: 200))
    }
}
