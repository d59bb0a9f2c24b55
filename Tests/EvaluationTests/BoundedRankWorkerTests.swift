import Kernels
import TestSupport
import Testing

@testable import Evaluation

/// Ranks through 8-bit estimates are those of float32, to the last tie.
@Suite struct BoundedRankWorkerTests {
    private func expectEqualRanks(
        _ queries: VectorMatrix, _ candidates: VectorMatrix, _ requests: [RankCounter.Request],
        penalties: [Float]? = nil, _ what: Comment
    ) throws {
        func ranks(_ arithmetic: RankArithmetic, threads: Int) throws -> [GoldRank] {
            try RankCounter.ranks(
                queries: queries, requests: requests, candidates: candidates, penalties: penalties, threads: threads,
                arithmetic: arithmetic)
        }
        let expected = try ranks(.float32, threads: 1)
        #expect(try ranks(.boundedBytes, threads: 1) == expected, what)
        #expect(try ranks(.boundedBytes, threads: 3) == expected, what)
    }

    private func requests(queries: Int, candidates: Int, _ random: inout SeededGenerator) -> [RankCounter.Request] {
        (0..<queries).map { .init(query: $0, gold: random.below(candidates)) }
            + (0..<5).map { _ in .init(query: random.below(queries), gold: random.below(candidates)) }
    }

    /// Dimensions with and without a rest of four, sixteen and thirty-two, over several blocks and tiles.
    @Test(arguments: [1, 2, 3, 5, 16, 31, 33, 64, 100, 385, 770])
    func randomRows(dimension: Int) throws {
        var random = SeededGenerator(state: UInt64(dimension))
        let (n, q) = (2 * BoundedRankWorker.capacity + 45, CandidateBlock.queryTile + 9)
        // What real models give: all near one direction, some dimensions much larger.
        func rows(_ count: Int) -> [[Float]] {
            (0..<count).map { _ in
                (0..<dimension).map { random.unit() * ($0 % 7 == 0 ? 6 : 1) + ($0 % 3 == 0 ? 0.7 : 0) + 1e-3 }
            }
        }
        let candidates = try VectorMatrix(name: "candidates", rows(n))
        let queries = try VectorMatrix(name: "queries", rows(q))
        let asked = requests(queries: q, candidates: n, &random)
        try expectEqualRanks(queries, candidates, asked, "\(dimension)")
        let penalties = (0..<n).map { _ in random.unit() / 2 }
        try expectEqualRanks(queries, candidates, asked, penalties: penalties, "\(dimension), penalties")
    }

    /// Candidates that differ from one another by the last bits of a few values, and some by none: only their exact
    /// products tell them apart.
    @Test func nearTies() throws {
        var random = SeededGenerator(state: 11)
        let (n, q, c) = (BoundedRankWorker.capacity + 90, 40, 48)
        let centre = (0..<c).map { _ in random.unit() }
        func near(_ step: Float) -> [Float] {
            var row = centre
            for _ in 0..<random.below(4) { row[random.below(c)] += step * Float(random.below(3) - 1) }
            return row
        }
        for step in [1e-7, 6e-8, 1e-6, 1e-5] as [Float] {
            let candidates = try VectorMatrix(name: "candidates", (0..<n).map { _ in near(step) })
            let queries = try VectorMatrix(name: "queries", (0..<q).map { _ in near(0.3) })
            try expectEqualRanks(
                queries, candidates, requests(queries: q, candidates: n, &random), "differences of \(step)")
        }
    }

    /// Repeated rows, opposite rows, rows of one value alone, one query that is its own centre.
    @Test func rowsWithNothingToRound() throws {
        var random = SeededGenerator(state: 12)
        let c = 20
        func axis(_ index: Int, _ value: Float) -> [Float] { (0..<c).map { $0 == index ? value : 0 } }
        let rows = (0..<200).map { $0 % 3 == 0 ? axis($0 % c, 1) : $0 % 3 == 1 ? axis($0 % c, -1e-20) : axis(3, 1e30) }
        let candidates = try VectorMatrix(name: "candidates", rows)
        for count in [1, 2, 97] {
            let queries = try VectorMatrix(name: "queries", (0..<count).map { _ in axis(random.below(c), 1) })
            try expectEqualRanks(
                queries, candidates, requests(queries: count, candidates: 200, &random), "\(count) queries")
        }
    }

    /// The float32 worker is what every processor has; the other is taken only where it pays.
    @Test func fewQueriesAndLongRowsAreComputedInFloat32() {
        #expect(RankArithmetic.fastest(queries: RankArithmetic.fewestQueries - 1, dimension: 384) == .float32)
        #expect(RankArithmetic.fastest(queries: 5000, dimension: ByteProducts.largestDimension + 1) == .float32)
        #expect((RankArithmetic.fastest(queries: 5000, dimension: 384) == .boundedBytes) == ByteProducts.fast)
    }

    @Test func aRowThatIsNotANumberIsNamed() throws {
        let queries = try VectorMatrix(name: "q", [[1, 0]])
        let source = RawRows(name: "words/fi layer 3", rows: [[1, 0], [.nan, 0], [0, 1]])
        #expect {
            try RankCounter.ranks(
                queries: queries, requests: [.init(query: 0, gold: 2)], candidates: source, threads: 1,
                arithmetic: .boundedBytes)
        } throws: {
            "\($0)".hasPrefix("words/fi layer 3: the vector of row 1 has length zero or holds")
        }
    }
}
