import TestSupport
import Testing

@testable import Evaluation

@Suite struct NearestRowsTests {
    @Test func highestFirstAndEqualScoresByRow() {
        let scores: [Float] = [0.5, 0.9, .nan, 0.9, 0.1, 0.5, 0.9]
        let matches = scores.withUnsafeBufferPointer { NearestRows.top(5, of: $0) }
        #expect(matches.map(\.row) == [1, 3, 6, 0, 5])
        #expect(scores.withUnsafeBufferPointer { NearestRows.top(99, of: $0) }.map(\.row) == [1, 3, 6, 0, 5, 4])
        #expect(scores.withUnsafeBufferPointer { NearestRows.top(0, of: $0) }.isEmpty)
    }

    /// Every k of random lists with many equal values, against a stable sort.
    @Test func topAgreesWithSorting() {
        var random = SeededGenerator(state: 3)
        for length in [0, 1, 7, 8, 9, 40, 200] {
            let scores = (0..<length).map { _ in Float(random.below(12)) }
            let sorted = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
            for k in 0...min(length + 1, 30) {
                let found = scores.withUnsafeBufferPointer { NearestRows.top(k, of: $0) }
                #expect(found.map(\.row) == Array(sorted.prefix(k)))
            }
        }
    }

    @Test func overBlocksAndThreads() throws {
        var random = SeededGenerator(state: 11)
        let n = CandidateBlock.capacity + 40
        var rows = (0..<n).map { _ in (0..<9).map { _ in random.unit() } }
        rows[n - 1] = rows[5]
        let candidates = try VectorMatrix(name: "c", rows)
        let queries = try VectorMatrix(
            name: "q", [rows[5]] + (0..<150).map { _ in (0..<9).map { _ in random.unit() } })
        let one = try NearestRows.top(12, queries: queries, candidates: candidates, threads: 1)
        let three = try NearestRows.top(12, queries: queries, candidates: candidates, threads: 3)
        #expect(one == three)
        #expect(one[0][0].row == 5 && one[0][1].row == n - 1 && one[0][0].score == one[0][1].score)
        #expect(try NearestRows.nearest(queries: queries, candidates: candidates, threads: 2) == one.map { $0[0].row })
        // r(x) is the mean of the ten highest.
        let means = try NearestRows.neighbourhoodMeans(10, queries: queries, candidates: candidates, threads: 2)
        for (mean, matches) in zip(means, one) {
            let expected = matches.prefix(10).reduce(0.0) { $0 + Double($1.score) } / 10
            #expect(abs(Double(mean) - expected) < 1e-7)
        }
        #expect(means == (try NearestRows.neighbourhoodMeans(10, queries: queries, candidates: candidates, threads: 1)))
    }

    @Test func neighbourhoodSmallerThanK() throws {
        let candidates = try VectorMatrix(name: "c", [[1, 0], [0, 1]])
        let queries = try VectorMatrix(name: "q", [[1, 0]])
        #expect(try NearestRows.neighbourhoodMeans(10, queries: queries, candidates: candidates, threads: 1) == [0.5])
        #expect(CrossDomainScaling.score(cosine: 0.8, sourceMean: 0.5, targetMean: 0.25) == 2 * 0.8 - 0.75)
    }
}
