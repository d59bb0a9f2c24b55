import TestSupport
import Testing

@testable import Evaluation

@Suite struct RankCounterTests {
    /// Every arrangement of every multiset of up to five scores, each position in turn the gold: the rank by counting
    /// equals the place in a stable sort by descending score.
    @Test func everySmallArrangementAgreesWithSorting() throws {
        let query = try VectorMatrix(name: "query", [[1, 0]])
        for count in 1...5 {
            for code in 0..<power(3, count) {
                let levels = (0..<count).map { code / power(3, $0) % 3 }
                let candidates = try VectorMatrix(name: "candidates", levels.map { [Float($0), 2] })
                let requests = (0..<count).map { RankCounter.Request(query: 0, gold: $0) }
                let ranks = try RankCounter.ranks(
                    queries: query, requests: requests, candidates: candidates, threads: 1)
                let order = (0..<count).sorted { (-levels[$0], $0) < (-levels[$1], $1) }
                for gold in 0..<count {
                    let expected = order.firstIndex(of: gold)! + 1
                    let equals = levels.filter { $0 == levels[gold] }.count - 1
                    #expect(ranks[gold].rank == expected, "levels \(levels), gold \(gold)")
                    #expect(ranks[gold].ties == equals, "levels \(levels), gold \(gold)")
                    #expect(ranks[gold].worstRank - ranks[gold].bestRank == equals)
                }
            }
        }
    }

    /// Random vectors over several blocks and tiles, with repeated rows far apart (other block, other edge tile).
    @Test func ranksOverManyBlocksAgreeWithSortedScoresAndDoNotDependOnThreads() throws {
        var random = SeededGenerator(state: 7)
        let (n, q, c) = (2 * CandidateBlock.capacity + 77, 2 * CandidateBlock.queryTile + 5, 33)
        var rows = (0..<n).map { _ in (0..<c).map { _ in random.unit() } }
        for copy in [3, 1023, 1024, 1500, n - 1] { rows[copy] = rows[100] }
        rows[n - 2] = rows[17]
        let candidates = try VectorMatrix(name: "candidates", rows)
        let queries = try VectorMatrix(name: "queries", (0..<q).map { _ in (0..<c).map { _ in random.unit() } })
        var requests = (0..<q).flatMap { query in
            (0..<2).map { _ in RankCounter.Request(query: query, gold: random.below(n)) }
        }
        requests += [100, 3, 1023, 1024, 1500, n - 1, 17, n - 2].map { .init(query: q - 1, gold: $0) }
        requests += [.init(query: 0, gold: 100), .init(query: 0, gold: 100)]

        let one = try RankCounter.ranks(queries: queries, requests: requests, candidates: candidates, threads: 1)
        let four = try RankCounter.ranks(queries: queries, requests: requests, candidates: candidates, threads: 4)
        #expect(one == four)

        for (request, rank) in zip(requests, one).prefix(40) {
            let all = (0..<n).map { row in
                dot(queries.row(request.query), candidates.row(row), c)
            }
            // The oracle sums in another order: only candidates clearly above or below are compared one by one.
            let gold = all[request.gold]
            let above = all.filter { $0 > gold + 1e-6 }.count
            let near = all.filter { abs($0 - gold) <= 1e-6 }.count
            #expect(rank.greater >= above && rank.worstRank <= above + near)
        }
        // Six identical rows: ties are exact although they stand in different blocks and tiles.
        let copies = one[(2 * q)..<(2 * q + 6)]
        #expect(copies.allSatisfy { $0.ties == 5 && $0.greater == copies.first?.greater })
        let byRow = [100, 3, 1023, 1024, 1500, n - 1].enumerated().sorted { $0.element < $1.element }
        for (place, entry) in byRow.enumerated() {
            #expect(copies[2 * q + entry.offset].equalBefore == place)
        }
        #expect(one[2 * q + 6].ties == 1 && one[2 * q + 7].equalBefore == one[2 * q + 6].equalBefore + 1)
        #expect(one[one.count - 1] == one[one.count - 2])
    }

    /// CSLS: 2 cos(x, y) − r(x) − r(y) by the formula, in double, over several blocks; repeated rows still tie exactly.
    @Test func penalisedRanksAreThoseOfCrossDomainScaling() throws {
        var random = SeededGenerator(state: 31)
        let (n, q, c) = (CandidateBlock.capacity + 60, CandidateBlock.queryTile + 7, 8)
        // All near one direction: hubs, whose penalties differ.
        var rows = (0..<n).map { _ in (0..<c).map { _ in random.unit() + 0.8 } }
        for copy in [5, n - 1] { rows[copy] = rows[40] }
        let candidates = try VectorMatrix(name: "candidates", rows)
        let sources = try VectorMatrix(name: "sources", (0..<q).map { _ in (0..<c).map { _ in random.unit() + 0.8 } })
        let penalties = try CrossDomainScaling.penalties(targets: candidates, sources: sources, threads: 2)
        let requests =
            (0..<q).map { RankCounter.Request(query: $0, gold: random.below(n)) }
            + [5, 40, n - 1].map { .init(query: 1, gold: $0) }
        let ranks = try RankCounter.ranks(
            queries: sources, requests: requests, candidates: candidates, penalties: penalties, threads: 3)
        let hubs = (0..<n).map { row in
            let all = (0..<q).map { dot(sources.row($0), candidates.row(row), c) }.sorted(by: >)
            return all.prefix(CrossDomainScaling.neighbours).reduce(0, +) / Double(CrossDomainScaling.neighbours)
        }
        var moved = 0
        for (request, rank) in zip(requests, ranks) {
            let cosines = (0..<n).map { dot(sources.row(request.query), candidates.row($0), c) }
            let scaled = (0..<n).map {
                CrossDomainScaling.score(cosine: cosines[$0], sourceMean: 0, targetMean: hubs[$0])
            }
            let gold = scaled[request.gold]
            let above = scaled.count { $0 > gold + 1e-6 }, near = scaled.count { abs($0 - gold) <= 1e-6 }
            #expect(rank.greater >= above && rank.worstRank <= above + near)
            if cosines.count(where: { $0 > cosines[request.gold] }) != rank.greater { moved += 1 }
        }
        #expect(moved > q / 2)
        #expect(ranks[q...].allSatisfy { $0.ties == 2 && $0.greater == ranks[q].greater })
        #expect(ranks[q...].map(\.equalBefore) == [0, 1, 2])
    }

    /// A list longer than its vectors, as when the two are of different states of a store: an error, not a trap.
    @Test func rowsThatAreNotThereAreAnError() throws {
        let queries = try VectorMatrix(name: "queries", [[1, 0]])
        let candidates = try VectorMatrix(name: "candidates", [[1, 0], [0, 1]])
        for request in [RankCounter.Request(query: 0, gold: 2), .init(query: 1, gold: 0), .init(query: 0, gold: -1)] {
            let error = #expect(throws: EvaluationError.self) {
                try RankCounter.ranks(queries: queries, requests: [request], candidates: candidates, threads: 1)
            }
            #expect(error?.exitStatus == .badInput && error?.description.contains("do not belong together") == true)
        }
        for gold in [[0, 1], [2], []] as [[Int?]] {
            #expect(throws: EvaluationError.self) {
                try RetrievalAccuracy(queries: queries, candidates: candidates, gold: gold, threads: 1)
            }
        }
    }

    @Test func differentDimensionsAreRefused() throws {
        let queries = try VectorMatrix(name: "words/en layer 3", [[1, 0]])
        let candidates = try VectorMatrix(name: "words/fi layer 3", [[1, 0, 0]])
        #expect {
            try RankCounter.ranks(
                queries: queries, requests: [.init(query: 0, gold: 0)], candidates: candidates, threads: 1)
        } throws: {
            "\($0)" == "words/en layer 3 has 2 dimensions, words/fi layer 3 has 3: "
                + "they belong to different checkpoints, or went through different Dense modules, and cannot be "
                + "compared; build both from one folder with the same --pooling and --word-pooling"
        }
    }

    @Test func aRowThatIsNotANumberIsNamed() throws {
        for bad in [Float.nan, .infinity, 0] {
            let source = RawRows(name: "words/fi layer 3", rows: [[1, 0], [bad, 0], [0, 1]])
            let queries = try VectorMatrix(name: "q", [[1, 0]])
            #expect {
                try RankCounter.ranks(
                    queries: queries, requests: [.init(query: 0, gold: 2)], candidates: source, threads: 2)
            } throws: {
                "\($0)".hasPrefix("words/fi layer 3: the vector of row 1 has length zero or holds")
            }
        }
    }

    @Test func noRequestsAndNoQueries() throws {
        let candidates = try VectorMatrix(name: "c", [[1, 0]])
        let queries = try VectorMatrix(name: "q", rows: 0, dimension: 2) { _ in }
        #expect(try RankCounter.ranks(queries: queries, requests: [], candidates: candidates, threads: 2).isEmpty)
    }

    private func power(_ base: Int, _ exponent: Int) -> Int { (0..<exponent).reduce(1) { total, _ in total * base } }

    private func dot(_ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, _ count: Int) -> Double {
        (0..<count).reduce(0) { $0 + Double(a[$1]) * Double(b[$1]) }
    }
}

/// Rows as given, not normalised, not checked.
struct RawRows: VectorRows {
    let name: String
    let rows: [[Float]]
    var rowCount: Int { rows.count }
    var dimension: Int { rows[0].count }

    func decode(rows range: Range<Int>, into output: UnsafeMutablePointer<Float>) throws {
        try decode(rows: Array(range), into: output)
    }

    func decode(rows chosen: [Int], into output: UnsafeMutablePointer<Float>) throws {
        for (i, row) in chosen.enumerated() {
            for (j, value) in rows[row].enumerated() { output[i * dimension + j] = value }
        }
    }
}
