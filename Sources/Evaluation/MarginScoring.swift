/// The ratio margin: cos(x, y) over the mean of r(x) and r(y), the mean cosines of x and of y with their nearest neighbours on the
/// other side. A sentence that is near to everything has to be nearer still.
/// - Source: Artetxe and Schwenk 2019, "Margin-based Parallel Corpus Mining with Multilingual Sentence Embeddings", eq. 2 with
///   the function ratio, k = 4, as LASER's `mine_bitexts`.
package enum MarginScoring {
    package static let neighbours = 4

    /// The candidate with the highest margin for every query; the smallest such row when several are equal.
    /// - Parameters:
    ///   - queryMeans: r(x), [Q]; candidateMeans: r(y), [N]; both from `NearestRows.neighbourhoodMeans`.
    /// - Returns: [Q]
    package static func nearest(
        queries: VectorMatrix, candidates: VectorMatrix, queryMeans: [Float], candidateMeans: [Float], threads: Int
    ) throws -> [Int] {
        precondition(queryMeans.count == queries.rowCount && candidateMeans.count == candidates.rowCount)
        precondition(candidates.rowCount > 0)
        try RankCounter.checkDimensions(queries, candidates)
        let tiles = Array((0..<queries.rowCount).pieces(of: CandidateBlock.queryTile))
        let workers = try WorkShare.forEach(
            pieces: tiles.count, threads: threads, makeState: { Worker(dimension: queries.dimension) }
        ) { piece, worker in
            try worker.find(
                tiles[piece], queries: queries, candidates: candidates, queryMeans: queryMeans, candidateMeans: candidateMeans)
        }
        var result = [Int](repeating: 0, count: queries.rowCount)
        for worker in workers {
            for (query, row) in worker.found { result[query] = row }
        }
        return result
    }

    private final class Worker: @unchecked Sendable {
        private let block: CandidateBlock
        var found: [(query: Int, row: Int)] = []

        init(dimension: Int) { block = CandidateBlock(dimension: dimension) }

        func find(
            _ tile: Range<Int>, queries: VectorMatrix, candidates: VectorMatrix, queryMeans: [Float], candidateMeans: [Float]
        ) throws {
            var best = [(score: Float, row: Int)](repeating: (-.infinity, 0), count: tile.count)
            for rows in (0..<candidates.rowCount).pieces(of: CandidateBlock.capacity) {
                try block.load(candidates, rows: rows)
                let scores = block.score(queries, tile)
                for (i, query) in tile.enumerated() {
                    let line = scores + i * rows.count, own = queryMeans[query]
                    for (column, row) in rows.enumerated() {
                        // Candidates come in ascending order: only a higher score takes the place.
                        let score = line[column] / ((own + candidateMeans[row]) / 2)
                        if score > best[i].score { best[i] = (score, row) }
                    }
                }
            }
            for (i, query) in tile.enumerated() { found.append((query, best[i].row)) }
        }
    }
}
