import Testing

@testable import Evaluation

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
