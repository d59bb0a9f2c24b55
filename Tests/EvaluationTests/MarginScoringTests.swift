import TestSupport
import Testing

@testable import Evaluation

@Suite struct MarginScoringTests {
    /// Candidate 0 lies between all queries: by cosine every query finds it, by margin only its own does.
    @Test func aHubGivesWay() throws {
        let queries = try VectorMatrix(name: "q", [[1, 0, 0.9], [0, 1, 0.9], [0.6, 0.6, 1]])
        let candidates = try VectorMatrix(name: "c", [[0.6, 0.6, 1], [1, -0.6, 0.4], [-0.6, 1, 0.4]])
        #expect(try NearestRows.nearest(queries: queries, candidates: candidates, threads: 1) == [0, 0, 0])
        func means(_ a: VectorMatrix, _ b: VectorMatrix) throws -> [Float] {
            try NearestRows.neighbourhoodMeans(2, queries: a, candidates: b, threads: 1)
        }
        let found = try MarginScoring.find(
            queries: queries, requests: [1, 2, 0].enumerated().map { .init(query: $0, gold: $1) },
            candidates: candidates, queryMeans: means(queries, candidates), candidateMeans: means(candidates, queries),
            threads: 2)
        #expect(found.map(\.rank.rank) == [1, 1, 1] && found.map(\.nearest) == [1, 2, 0])
    }

    /// `RetrievalAccuracy` asks both ways with four neighbours.
    @Test func bothDirections() throws {
        let queries = try VectorMatrix(name: "q", [[1, 0, 0.9], [0, 1, 0.9], [0.6, 0.6, 1]])
        let candidates = try VectorMatrix(name: "c", [[0.6, 0.6, 1], [1, -0.6, 0.4], [-0.6, 1, 0.4]])
        let cosine = try RetrievalAccuracy(queries: queries, candidates: candidates, gold: [1, 2, 0], threads: 1)
        let margin = try RetrievalAccuracy(
            queries: queries, candidates: candidates, gold: [1, 2, 0], scoring: .margin, threads: 1)
        #expect(cosine.correctForward == 1 && margin.correctForward == 3)
        #expect(margin.correctReverse == 3)
    }

    /// Against the formula in double, over several blocks and tiles.
    @Test func agreesWithTheFormula() throws {
        var random = SeededGenerator(state: 21)
        let n = CandidateBlock.capacity + 25, q = CandidateBlock.queryTile + 9
        func rows(_ count: Int) -> [[Float]] { (0..<count).map { _ in (0..<6).map { _ in random.unit() + 0.2 } } }
        let queries = try VectorMatrix(name: "q", rows(q)), candidates = try VectorMatrix(name: "c", rows(n))
        let queryMeans = try NearestRows.neighbourhoodMeans(4, queries: queries, candidates: candidates, threads: 2)
        let candidateMeans = try NearestRows.neighbourhoodMeans(4, queries: candidates, candidates: queries, threads: 2)
        let requests = (0..<q).map { RankCounter.Request(query: q - 1 - $0, gold: random.below(n)) }
        let found = try MarginScoring.find(
            queries: queries, requests: requests, candidates: candidates, queryMeans: queryMeans,
            candidateMeans: candidateMeans, threads: 3)
        for (request, found) in zip(requests, found) {
            let rank = found.rank
            let query = request.query
            let scores = (0..<n).map { row in
                queries.innerProduct(query, with: candidates, row: row)
                    / ((Double(queryMeans[query]) + Double(candidateMeans[row])) / 2)
            }
            // Float32 quotients of numbers near 1: scores nearer than this may change places.
            let tolerance = 1e-6
            #expect(rank.rank >= 1 + scores.count { $0 > scores[request.gold] + tolerance })
            #expect(rank.rank <= scores.count { $0 >= scores[request.gold] - tolerance })
            #expect(scores[found.nearest] >= (scores.max() ?? 0) - tolerance)
        }
    }

    @Test func equalMarginsGoToTheSmallestRow() throws {
        let queries = try VectorMatrix(name: "q", [[1, 1]]),
            candidates = try VectorMatrix(name: "c", [[1, 0], [0, 1], [1, 0]])
        let found = try MarginScoring.find(
            queries: queries, requests: [.init(query: 0, gold: 2), .init(query: 0, gold: 0)], candidates: candidates,
            queryMeans: [0.5], candidateMeans: [0.7, 0.7, 0.7], threads: 1)
        #expect(found.map(\.rank.rank) == [3, 1] && found[0].rank.equalBefore == 2)
        #expect(found.map(\.nearest) == [0, 0])
    }

    /// A gold that is near to nothing at all has no margin: it is last, not first.
    @Test func aGoldWithoutAMarginIsLast() throws {
        let queries = try VectorMatrix(name: "q", [[1, 0]]),
            candidates = try VectorMatrix(name: "c", [[0, 1], [1, 0]])
        let found = try MarginScoring.find(
            queries: queries, requests: [.init(query: 0, gold: 0)], candidates: candidates, queryMeans: [0],
            candidateMeans: [0, 1], threads: 1)
        #expect(found.map(\.rank.rank) == [2] && found.map(\.nearest) == [1])
    }

    /// Where no candidate has a margin, the smallest row is the nearest, and the first in rank.
    @Test func withoutAnyMargin() throws {
        let queries = try VectorMatrix(name: "q", [[1, 0]]),
            candidates = try VectorMatrix(name: "c", [[0, 1], [0, 1]])
        let found = try MarginScoring.find(
            queries: queries, requests: [.init(query: 0, gold: 0), .init(query: 0, gold: 1)], candidates: candidates,
            queryMeans: [0], candidateMeans: [0, 0], threads: 1)
        #expect(found.map(\.rank.rank) == [1, 2] && found.map(\.nearest) == [0, 0])
    }
}
