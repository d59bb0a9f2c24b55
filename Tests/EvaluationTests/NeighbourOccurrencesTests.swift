import TestSupport
import Testing

@testable import Evaluation

/// N_k against the definition in double.
@Suite struct NeighbourOccurrencesTests {
    private func matrix(_ name: String, _ count: Int, seed: UInt64) throws -> VectorMatrix {
        var random = SeededGenerator(state: seed)
        return try VectorMatrix(name: name, (0..<count).map { _ in (0..<6).map { _ in random.unit() + 0.3 } })
    }

    private func expected(_ k: Int, _ queries: VectorMatrix, _ candidates: VectorMatrix, isScaled: Bool) -> [Int] {
        let N = candidates.rowCount
        var scores = (0..<queries.rowCount).map { q in
            (0..<N).map { queries.innerProduct(q, with: candidates, row: $0) }
        }
        if isScaled {
            let means = (0..<N).map { c -> Double in
                let best = scores.map { $0[c] }.sorted(by: >).prefix(10)
                return best.reduce(0, +) / Double(best.count)
            }
            scores = scores.map { row in row.indices.map { row[$0] - means[$0] / 2 } }
        }
        var counts = [Int](repeating: 0, count: N)
        for row in scores {
            for c in row.indices.sorted(by: { (-row[$0], $0) < (-row[$1], $1) }).prefix(k) { counts[c] += 1 }
        }
        return counts
    }

    @Test(arguments: [true, false], [1, 10])
    func asTheDefinitionSays(isScaled: Bool, k: Int) throws {
        for (asking, found) in [(310, 290), (12, 4), (1, 1)] {
            let queries = try matrix("q", asking, seed: 5), candidates = try matrix("c", found, seed: 6)
            var steps = 0
            let counted = try NeighbourOccurrences(
                k, queries: queries, candidates: candidates, isScaled: isScaled, threads: 2
            ) { steps += $0 }
            #expect(counted.counts == expected(k, queries, candidates, isScaled: isScaled))
            #expect(counted.counts.reduce(0, +) == asking * min(k, found))
            #expect(steps == asking + (isScaled ? found : 0))
            let alone = try NeighbourOccurrences(
                k, queries: queries, candidates: candidates, isScaled: isScaled, threads: 1)
            #expect(alone == counted)
        }
    }

    /// CSLS lowers hubs: a candidate between all queries is everybody's neighbour by cosine.
    @Test func scalingLowersAHub() throws {
        var random = SeededGenerator(state: 9)
        let rows = (0..<60).map { _ in (0..<5).map { _ in random.unit() } }
        let queries = try VectorMatrix(name: "q", rows.map { $0.map { $0 + 0.35 } })
        let candidates = try VectorMatrix(
            name: "c", [[1, 1, 1, 1, 1]] + rows.map { row in row.map { $0 + 0.3 + 0.1 * random.unit() } })
        func counts(_ isScaled: Bool) throws -> [Int] {
            try NeighbourOccurrences(1, queries: queries, candidates: candidates, isScaled: isScaled, threads: 1).counts
        }
        let (before, after) = (try counts(false), try counts(true))
        #expect(Hubness(occurrences: after).skewness < Hubness(occurrences: before).skewness)
        #expect(after[0] <= before[0])
    }

    @Test func equalScoresGoToTheSmallestRows() throws {
        let twins = try VectorMatrix(name: "twins", [[1, 0], [1, 0], [1, 0], [0, 1]])
        let queries = try VectorMatrix(name: "q", [[1, 0], [1, 0.1]])
        let counts = try NeighbourOccurrences(2, queries: queries, candidates: twins, isScaled: false, threads: 1)
            .counts
        #expect(counts == [2, 2, 0, 0])
        let none = FirstRows(0, of: queries)
        #expect(
            try NeighbourOccurrences(2, queries: none, candidates: twins, isScaled: true, threads: 1).counts
                == [0, 0, 0, 0])
    }

    /// Of a few candidates the very counts of all, whatever is left out on the way: several blocks of candidates and
    /// pieces of queries, twins, and candidates near to each other.
    @Test func ofAFewCandidatesAlone() throws {
        var random = SeededGenerator(state: 13)
        var rows = (0..<2600).map { _ in (0..<6).map { _ in random.unit() + 0.3 } }
        for place in stride(from: 0, to: 2600, by: 130) { rows[place] = rows[7] }
        let candidates = try VectorMatrix(name: "c", rows), queries = try matrix("q", 2500, seed: 14)
        for k in [1, 10] {
            let all = try NeighbourOccurrences(
                k, queries: queries, candidates: candidates, isScaled: false, threads: 2
            ).counts
            let hub = try #require(all.indices.max { all[$0] < all[$1] })
            for chosen in [[hub], Set([7, 0, 130, 2470, 2599, hub]).shuffled(), Array(0..<1500), []] {
                for threads in [1, 3] {
                    let few = try NeighbourOccurrences.counts(
                        of: chosen, k, queries: queries, candidates: candidates, threads: threads)
                    #expect(few == chosen.map { all[$0] }, "\(k), \(chosen.count) chosen")
                }
            }
        }
        let few = FirstRows(4, of: candidates)
        #expect(
            try NeighbourOccurrences.counts(of: [3, 1], 10, queries: queries, candidates: few, threads: 1)
                == [2500, 2500])
        #expect(throws: EvaluationError.self) {
            try NeighbourOccurrences.counts(of: [4], 10, queries: queries, candidates: few, threads: 1)
        }
    }

    @Test func bytes() throws {
        let counted = NeighbourOccurrences(counts: [0, 5, 127, 128, 300_000, 0])
        var bytes = (counted.encoded + [9])[...]
        #expect(try NeighbourOccurrences(decoding: &bytes) == counted && bytes.elementsEqual([9]))
        #expect(counted.encoded.count == 1 + 3 + 2 + 3 + 1)
        for damaged in [[], [3, 1], [200, 200, 200, 200, 1, 1]] as [[UInt8]] {
            var bytes = damaged[...]
            #expect(throws: EvaluationError.self) { try NeighbourOccurrences(decoding: &bytes) }
        }
    }
}
