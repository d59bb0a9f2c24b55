import Evaluation
import TestSupport
import Testing

@testable import Lookup

@Suite struct NonsenseCalibrationTests {
    private static let dimension = 32

    private func rows(_ count: Int, _ random: inout SeededGenerator) -> [[Float]] {
        (0..<count).map { _ in (0..<Self.dimension).map { _ in random.unit() - 0.5 } }
    }

    /// Means of three rows: nobody's words.
    private func nonsense(_ count: Int, of rows: [[Float]], _ random: inout SeededGenerator) -> [[Float]] {
        (0..<count).map { _ in
            let parts = (0..<3).map { _ in unit(rows[Int(random.next() % UInt64(rows.count))]) }
            return (0..<Self.dimension).map { parts[0][$0] + parts[1][$0] + parts[2][$0] }
        }
    }

    private func unit(_ row: [Float]) -> [Float] {
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / length }
    }

    private func doubtful(_ queries: [[Float]], _ candidates: VectorMatrix, limit: Double) throws -> Double {
        let nearest = try NearestRows.top(
            NonsenseCalibration.others + 1, queries: VectorMatrix(name: "queries", queries), candidates: candidates,
            threads: 1)
        let margins = nearest.map { NonsenseCalibration.margin($0.map { Double($0.score) }) }
        return Double(margins.count { $0 < limit }) / Double(margins.count)
    }

    @Test func nonsenseIsDoubtfulWhereWordsHaveTranslations() throws {
        var random = SeededGenerator(state: 4)
        let words = rows(300, &random)
        let candidates = try VectorMatrix(
            name: "candidates", words.map { word in word.map { $0 + 0.05 * (random.unit() - 0.5) } })
        let sources = try VectorMatrix(name: "sources", words)
        let limit = try #require(
            try NonsenseCalibration(sources: sources, candidates: candidates, threads: 2)
        ).limit
        #expect(try doubtful(words, candidates, limit: limit) == 0)
        // 95 % of it; three standard errors of a share of 400.
        let share = try doubtful(nonsense(400, of: words, &random), candidates, limit: limit)
        #expect((0.95 - 3 * 0.011...1).contains(share), "\(share)")
        let again = try NonsenseCalibration(sources: sources, candidates: candidates, threads: 1)
        #expect(again?.limit == limit)
    }

    /// Words that find nothing stand out no more than nonsense: no more than one in twenty is called so all the same.
    @Test func noMoreThanATwentiethOfTheWordsIsDoubtful() throws {
        var random = SeededGenerator(state: 5)
        let words = rows(200, &random)
        let candidates = try VectorMatrix(name: "candidates", rows(300, &random))
        let limit = try #require(
            try NonsenseCalibration(
                sources: VectorMatrix(name: "sources", words), candidates: candidates, threads: 1)
        ).limit
        // Of 200 words all are samples: the ten that stand out least.
        #expect(try doubtful(words, candidates, limit: limit) == 0.05)
    }

    @Test func tooFewWordsSayNothing() throws {
        var random = SeededGenerator(state: 6)
        func calibration(_ sources: Int, _ candidates: Int) throws -> NonsenseCalibration? {
            try NonsenseCalibration(
                sources: VectorMatrix(name: "sources", rows(sources, &random)),
                candidates: VectorMatrix(name: "candidates", rows(candidates, &random)), threads: 1)
        }
        #expect(try calibration(NonsenseCalibration.fewestWords - 1, 50) == nil && calibration(50, 1) == nil)
        #expect(try calibration(NonsenseCalibration.fewestWords, 2) != nil)
    }

    @Test func aMarginIsAboveTheMeanOfTheTenBehind() {
        let scores = [0.1, 0.9, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.75, 0.65, 0.55]
        let others = [0.8, 0.75, 0.7, 0.65, 0.6, 0.55, 0.5, 0.4, 0.3, 0.2].reduce(0, +) / 10
        #expect(abs(NonsenseCalibration.margin(scores) - (0.9 - others)) < 1e-12)
        #expect(
            NonsenseCalibration.margin([0.5]) == 0 && abs(NonsenseCalibration.margin([0.2, 0.5]) - 0.3) < 1e-12)
    }
}
