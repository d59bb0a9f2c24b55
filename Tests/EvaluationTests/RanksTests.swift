import TestSupport
import Testing

@testable import Evaluation

@Suite struct RanksTests {
    private let ranks: [GoldRank?] = [
        GoldRank(greater: 0, equalBefore: 0, equalAfter: 0), nil, GoldRank(greater: 6, equalBefore: 2, equalAfter: 0),
        GoldRank(greater: 200_000, equalBefore: 0, equalAfter: 99_999), nil,
        GoldRank(greater: 63, equalBefore: 0, equalAfter: 0),
        GoldRank(greater: Int(UInt32.max) - 1, equalBefore: 0, equalAfter: 0),
    ]

    @Test func bytesBothWays() throws {
        for positions in [nil, [9, 70, 3, 4_000_000_000, 1, 200, 0]] as [[Int]?] {
            let written = Ranks(ranks, positions: positions)
            var bytes = written.encoded[...]
            bytes += [7, 7]
            #expect(try Ranks(decoding: &bytes) == written)
            #expect(bytes == [7, 7])
        }
        #expect(Ranks(ranks).positions == [0, 2, 3, 5, 6])
        let moved = Ranks(ranks, positions: [9, 70, 3, 4_000_000_000, 1, 200, 0])
        #expect(moved.positions == [0, 3, 9, 200, 4_000_000_000])
        #expect(moved.ranks.map(\.rank) == [Int(UInt32.max), 9, 1, 64, 200_001])
        // A rank below 64 takes two bytes: what a store of millions of them needs.
        #expect(
            Ranks(Array(repeating: GoldRank(greater: 5, equalBefore: 0, equalAfter: 0), count: 100)).encoded.count
                == 201)
    }

    /// The scores of a dictionary come out of its ranks: nothing has to be computed again.
    @Test func scoresComeOutOfRanks() throws {
        let whole = LexiconInduction(ranks)
        var bytes = Ranks(ranks).encoded[...]
        let some = LexiconInduction(try Ranks(decoding: &bytes).ranks)
        #expect(some.meanReciprocalRank == whole.meanReciprocalRank && some.ties == whole.ties)
        #expect(some.bestMeanReciprocalRank == whole.bestMeanReciprocalRank)
        #expect(some.worstMeanReciprocalRank == whole.worstMeanReciprocalRank)
    }

    @Test func queriesOfTwoAreAligned() {
        let rank = GoldRank(greater: 0, equalBefore: 0, equalAfter: 0)
        let first = Ranks([rank, nil, rank, rank, rank])
        let second = Ranks([nil, rank, rank, nil, rank, rank])
        #expect(first.common(with: second).map { [$0.0, $0.1] } == [[1, 1], [3, 2]])
        #expect(first.common(with: Ranks([])).isEmpty)
    }

    @Test func similaritiesBothWays() throws {
        let written = PairSimilarities(positions: [0, 1, 500], cosines: [0.1 + 0.2, -1, .leastNonzeroMagnitude])
        var bytes = written.encoded[...]
        #expect(try PairSimilarities(decoding: &bytes) == written && bytes.isEmpty)
    }

    /// Whatever bytes there are: an error or ranks, never a trap, and no more memory than bytes.
    @Test func anyBytesAreReadOrRefused() throws {
        var random = SeededGenerator(state: 11)
        let good = Ranks(ranks).encoded
        for length in 0..<good.count {
            var cut = good[..<length]
            #expect(throws: EvaluationError.self) { try Ranks(decoding: &cut) }
        }
        for _ in 0..<20_000 {
            var bytes = good
            for _ in 0..<(1 + random.below(3)) { bytes[random.below(bytes.count)] = UInt8(random.below(256)) }
            for read in [{ _ = try Ranks(decoding: &$0) }, { _ = try PairSimilarities(decoding: &$0) }]
                as [(inout ArraySlice<UInt8>) throws -> Void]
            {
                var slice = bytes[...]
                do { try read(&slice) } catch is EvaluationError {}
            }
        }
        var huge: ArraySlice<UInt8> = [0xFF, 0xFF, 0xFF, 0xFF, 0x0F, 1, 1]
        #expect(throws: EvaluationError.self) { try Ranks(decoding: &huge) }
    }
}
