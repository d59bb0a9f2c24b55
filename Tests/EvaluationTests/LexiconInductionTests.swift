import Testing

@testable import Evaluation

@Suite struct LexiconInductionTests {
    /// Ranks 1, 4 (two tied before it, one after), 12 and one row outside the vocabularies, by hand.
    @Test func byHand() {
        let scores = LexiconInduction([
            GoldRank(greater: 0, equalBefore: 0, equalAfter: 0),
            GoldRank(greater: 1, equalBefore: 2, equalAfter: 1),
            nil,
            GoldRank(greater: 11, equalBefore: 0, equalAfter: 0),
        ])
        #expect(scores.rows == 4 && scores.queries == 3 && scores.ties == 1)
        #expect(scores.coverage == 0.75)
        #expect(abs(scores.meanReciprocalRank - (1 + 0.25 + 1.0 / 12) / 3) < 1e-15)
        #expect(abs(scores.meanReciprocalRankOfAll - (1 + 0.25 + 1.0 / 12) / 4) < 1e-15)
        #expect(abs(scores.bestMeanReciprocalRank - (1 + 0.5 + 1.0 / 12) / 3) < 1e-15)
        #expect(abs(scores.worstMeanReciprocalRank - (1 + 0.2 + 1.0 / 12) / 3) < 1e-15)
        #expect(abs(scores.precisionAt1 - 1.0 / 3) < 1e-15)
        #expect(abs(scores.precisionAt5 - 2.0 / 3) < 1e-15)
        #expect(abs(scores.precisionAt10 - 2.0 / 3) < 1e-15)
    }

    @Test func nothingCoveredIsZeroNotNaN() {
        let scores = LexiconInduction([nil, nil])
        #expect(scores.meanReciprocalRank == 0 && scores.meanReciprocalRankOfAll == 0 && scores.coverage == 0)
        #expect(LexiconInduction([]).coverage == 0)
    }

    /// Rank bounds: P@k counts a rank of exactly k.
    @Test func precisionBoundaries() {
        for rank in 1...12 {
            let scores = LexiconInduction([GoldRank(greater: rank - 1, equalBefore: 0, equalAfter: 0)])
            #expect(scores.precisionAt1 == (rank <= 1 ? 1 : 0))
            #expect(scores.precisionAt5 == (rank <= 5 ? 1 : 0))
            #expect(scores.precisionAt10 == (rank <= 10 ? 1 : 0))
        }
    }
}
