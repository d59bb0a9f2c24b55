import Testing

@testable import Encoder

@Suite struct BatchPlannerTests {
    @Test func neighboursFitOrStandAlone() {
        let planner = BatchPlanner(tokens: 10)
        #expect(planner.neighbours(lengths: []) == [])
        #expect(planner.neighbours(lengths: [4, 6, 1]) == [0..<2, 2..<3])
        #expect(planner.neighbours(lengths: [30, 4, 30, 3, 3]) == [0..<1, 1..<2, 2..<3, 3..<5])
    }

    /// Every position once, long ones first, no batch above its limit, ever smaller ones at the end.
    @Test(arguments: [1, 2, 7]) func balancedBatchesCoverEverySequence(threads: Int) {
        let lengths = (0..<400).map { 3 + $0 * 7 % 40 },
            batches = BatchPlanner().balanced(lengths: lengths, threads: threads)
        #expect(batches.flatMap { $0 }.sorted() == Array(lengths.indices))
        let order = batches.flatMap { $0 }.map { lengths[$0] }
        #expect(order == order.sorted(by: >))
        let tokens = batches.map { $0.reduce(0) { $0 + lengths[$1] } }
        #expect(tokens.allSatisfy { $0 <= BatchPlanner.defaultTokens })
        #expect(tokens.last! < BatchPlanner.defaultTokens)
        #expect(BatchPlanner().balanced(lengths: [], threads: threads).isEmpty)
    }

    @Test func evenBatchesAreAnEvenNumberOfAboutEqualSize() {
        for count in [2, 3, 5, 33, 200] {
            let lengths = (0..<count).map { 3 + $0 * 5 % 9 }, batches = BatchPlanner(tokens: 96).even(lengths: lengths)
            #expect(batches.flatMap { Array($0) } == Array(lengths.indices))
            #expect(batches.count % 2 == 0, "\(count) sequences: \(batches.count)")
            let tokens = batches.map { $0.reduce(0) { $0 + lengths[$1] } }
            #expect((tokens.max() ?? 0) - (tokens.min() ?? 0) <= 24)
        }
        #expect(BatchPlanner(tokens: 96).even(lengths: []).isEmpty)
        #expect(BatchPlanner(tokens: 96).even(lengths: [7]) == [0..<1])
    }
}
