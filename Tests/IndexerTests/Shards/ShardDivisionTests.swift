import Testing

@testable import Indexer

@Suite struct ShardDivisionTests {
    @Test func longestFirstIntoTheEmptiest() {
        let parts = ShardDivision.divide(tokens: [[5, 9, 7, 1]], costs: [1], into: 2)
        // 9 | 7, then 5 to the 7, then 1 to the 9.
        #expect(
            parts == [
                .init(checkpoint: 0, inputs: [1, 3], tokens: 10), .init(checkpoint: 0, inputs: [0, 2], tokens: 12),
            ])
    }

    @Test func wholeCheckpointsComeFirst() {
        let tokens = [[5, 9], [5, 9], [5, 9]]
        let three = ShardDivision.divide(tokens: tokens, costs: [1, 1, 1], into: 2)
        #expect(three.map(\.checkpoint) == [0, 1, 2])
        #expect(three.allSatisfy { $0.inputs == [0, 1] && $0.tokens == 14 })
        // The dearer one is cut; no part is empty however many are asked for.
        let four = ShardDivision.divide(tokens: tokens, costs: [1, 3, 1], into: 4)
        #expect(four.map(\.checkpoint) == [0, 1, 1, 2])
        let all = ShardDivision.divide(tokens: tokens, costs: [1, 3, 1], into: 100)
        #expect(all.count == 6)
        #expect(all.allSatisfy { $0.inputs.count == 1 })
    }

    @Test(arguments: 1...9) func everyUnitIsInOnePart(count: Int) {
        let tokens = [[3, 3, 3, 3, 0, 8], [], [1, 2, 4, 8, 16, 32]]
        let parts = ShardDivision.divide(tokens: tokens, costs: [2, 1, 1], into: count)
        for (checkpoint, inputs) in tokens.enumerated() {
            let own = parts.filter { $0.checkpoint == checkpoint }
            #expect(own.flatMap(\.inputs).sorted() == Array(inputs.indices))
            #expect(own.reduce(0) { $0 + $1.tokens } == inputs.reduce(0, +))
        }
        #expect(parts.count == max(2, count))
    }
}
