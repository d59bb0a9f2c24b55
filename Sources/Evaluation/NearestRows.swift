import Kernels
import Parallelism

/// Nearest candidates of each query, and the mean similarity of a query's neighbourhood.
package enum NearestRows {
    /// A candidate and its score.
    package struct Match: Hashable, Sendable {
        package let row: Int
        package let score: Float

        package init(row: Int, score: Float) {
            self.row = row
            self.score = score
        }
    }

    /// The row with the highest score for every query; the smallest such row when several are equal (as `argmax` of
    /// NumPy does).
    /// - Parameters: queries [Q, C]; candidates [N, C], N ≥ 1.
    /// - Returns: [Q]
    package static func nearest(queries: VectorMatrix, candidates: some VectorRows, threads: Int) throws -> [Int] {
        try top(1, queries: queries, candidates: candidates, threads: threads).map { $0[0].row }
    }

    /// The k candidates with the highest scores for every query, highest first, equal scores by ascending row.
    /// - Parameter penalties: one for each candidate, subtracted from its scores.
    /// - Returns: [Q][min(k, N)]
    package static func top(
        _ k: Int, queries: VectorMatrix, candidates: some VectorRows, penalties: [Float]? = nil, threads: Int
    ) throws -> [[Match]] {
        try top(
            k, queries: queries, candidates: candidates, penalties: penalties, normalizing: true, threads: threads)
    }

    private static func top(
        _ k: Int, queries: VectorMatrix, candidates: some VectorRows, penalties: [Float]?, normalizing: Bool,
        threads: Int
    ) throws -> [[Match]] {
        precondition(k >= 1 && penalties?.count ?? candidates.rowCount == candidates.rowCount)
        try RankCounter.checkDimensions(queries, candidates)
        // Parallel over tiles of queries: each worker sees the candidates in ascending order, which decides ties.
        let tiles = Array((0..<queries.rowCount).pieces(of: CandidateBlock.queryTile))
        let workers = (0..<Parallel.workers(tiles.count, threads: threads)).map { _ in
            Worker(dimension: queries.dimension)
        }
        try Parallel.forEach(tiles.count, threads: threads) { number, piece in
            let worker = workers[number]
            worker.found.append(
                (
                    piece,
                    try worker.top(
                        k, queries: queries, tile: tiles[piece], candidates: candidates, penalties: penalties,
                        normalizing: normalizing)
                ))
        }
        var result = [[Match]](repeating: [], count: queries.rowCount)
        for worker in workers {
            for (piece, matches) in worker.found {
                for (row, list) in zip(tiles[piece], matches) { result[row] = list }
            }
        }
        return result
    }

    /// The same by the candidates' lengths as they are stored: a shortlist, whose cosines are computed afterwards. What
    /// is not a number is in none.
    package static func shortlists(
        _ k: Int, queries: VectorMatrix, candidates: some VectorRows, threads: Int
    ) throws -> [[Match]] {
        try top(k, queries: queries, candidates: candidates, penalties: nil, normalizing: false, threads: threads)
    }

    /// Mean of each query's k highest scores: r(x) of CSLS.
    /// - Source: Conneau et al. 2018, "Word Translation Without Parallel Data", §2.3.
    package static func neighbourhoodMeans(
        _ k: Int, queries: VectorMatrix, candidates: some VectorRows, threads: Int
    ) throws -> [Float] {
        precondition(k >= 1)
        try RankCounter.checkDimensions(queries, candidates)
        // Parallel over candidates: queries are few (a shortlist), candidates a whole vocabulary.
        let blocks = CandidateBlock.count(rows: candidates.rowCount)
        let workers = (0..<Parallel.workers(blocks, threads: threads)).map { _ in
            NeighbourhoodWorker(k: k, queries: queries.rowCount, dimension: queries.dimension)
        }
        try Parallel.forEach(blocks, threads: threads) { number, piece in
            let worker = workers[number]
            try worker.block.load(candidates, rows: CandidateBlock.range(of: piece, rows: candidates.rowCount))
            worker.keepLargest(queries: queries)
        }
        return (0..<queries.rowCount).map { query in
            var best: [Float] = []
            for worker in workers { best += worker.best[(query * k)..<(query * k + worker.filled[query])] }
            // Summed from the highest down: the same bits whichever worker saw which candidate.
            best.sort(by: >)
            let kept = best.prefix(k)
            return kept.isEmpty ? 0 : Float(kept.reduce(0.0) { $0 + Double($1) } / Double(kept.count))
        }
    }

    /// The k highest of a row of scores, highest first, equal scores by ascending row. NaN is never among them.
    package static func top(_ k: Int, of scores: UnsafeBufferPointer<Float>) -> [Match] {
        guard let base = scores.baseAddress, k > 0 else { return [] }
        let k = min(k, scores.count)
        var best = [Float](repeating: 0, count: k)
        var rows = [UInt32](repeating: 0, count: k)
        let filled = Scores.keepTop(
            k, of: base, count: scores.count, firstRow: 0, filled: 0, best: &best, rows: &rows)
        return (0..<filled).map { Match(row: Int(rows[$0]), score: best[$0]) }
    }
}

private final class Worker: @unchecked Sendable {
    private let block: CandidateBlock
    var found: [(piece: Int, matches: [[NearestRows.Match]])] = []

    init(dimension: Int) { block = CandidateBlock(dimension: dimension) }

    func top(
        _ k: Int, queries: VectorMatrix, tile: Range<Int>, candidates: some VectorRows, penalties: [Float]?,
        normalizing: Bool
    ) throws -> [[NearestRows.Match]] {
        let k = min(k, candidates.rowCount)
        var best = [Float](repeating: 0, count: tile.count * k)
        var rows = [UInt32](repeating: 0, count: tile.count * k)
        var filled = [Int](repeating: 0, count: tile.count)
        for range in (0..<candidates.rowCount).pieces(of: CandidateBlock.capacity) {
            try block.load(candidates, rows: range, normalizing: normalizing)
            let scores = penalties.map { block.score(queries, tile, less: $0) } ?? block.score(queries, tile)
            best.withUnsafeMutableBufferPointer { best in
                rows.withUnsafeMutableBufferPointer { rows in
                    guard let best = best.baseAddress, let rows = rows.baseAddress else { return }
                    for i in 0..<tile.count {
                        filled[i] = Scores.keepTop(
                            k, of: scores + i * range.count, count: range.count, firstRow: range.lowerBound,
                            filled: filled[i], best: best + i * k, rows: rows + i * k)
                    }
                }
            }
        }
        return (0..<tile.count).map { i in
            (0..<filled[i]).map { .init(row: Int(rows[i * k + $0]), score: best[i * k + $0]) }
        }
    }
}

private final class NeighbourhoodWorker: @unchecked Sendable {
    let block: CandidateBlock
    private let k: Int
    /// [Q, k], each query's largest scores so far, highest first.
    var best: [Float]
    var filled: [Int]

    init(k: Int, queries: Int, dimension: Int) {
        block = CandidateBlock(dimension: dimension)
        self.k = k
        best = [Float](repeating: 0, count: queries * k)
        filled = [Int](repeating: 0, count: queries)
    }

    func keepLargest(queries: VectorMatrix) {
        let count = block.rows.count
        best.withUnsafeMutableBufferPointer { best in
            guard let best = best.baseAddress else { return }
            for tile in (0..<queries.rowCount).pieces(of: CandidateBlock.queryTile) {
                let scores = block.score(queries, tile)
                for (i, query) in tile.enumerated() {
                    filled[query] = Scores.keepLargest(
                        k, of: scores + i * count, count: count, filled: filled[query], best: best + query * k)
                }
            }
        }
    }
}
