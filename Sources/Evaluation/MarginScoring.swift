import Parallelism

/// The ratio margin: cos(x, y) over the mean of r(x) and r(y), the mean cosines of x and of y with their nearest
/// neighbours on the other side. A sentence that is near to everything has to be nearer still.
/// - Source: Artetxe and Schwenk 2019, "Margin-based Parallel Corpus Mining with Multilingual Sentence Embeddings", eq.
///   2 with the function ratio, k = 4, as LASER's `mine_bitexts`.
package enum MarginScoring {
    package static let neighbours = 4

    /// Ranks of every request's gold by margin; among equals the smaller row stands first.
    /// - Parameters:
    ///   - queryMeans: r(x), [Q]; candidateMeans: r(y), [N]; both from `NearestRows.neighbourhoodMeans`.
    /// - Returns: one rank per request, in the order of `requests`.
    package static func ranks(
        queries: VectorMatrix, requests: [RankCounter.Request], candidates: VectorMatrix, queryMeans: [Float],
        candidateMeans: [Float], threads: Int
    ) throws -> [GoldRank] {
        precondition(queryMeans.count == queries.rowCount && candidateMeans.count == candidates.rowCount)
        try RankCounter.checkDimensions(queries, candidates)
        for request in requests {
            try RankCounter.checkRow(request.query, of: queries)
            try RankCounter.checkRow(request.gold, of: candidates)
        }
        let cosines = try RankCounter.scores(
            queries: queries, requests: requests, candidates: candidates, threads: threads)
        let golds = zip(requests, cosines).map { request, cosine in
            cosine / ((queryMeans[request.query] + candidateMeans[request.gold]) / 2)
        }
        let tile = CandidateBlock.queryTile
        let tiles = Dictionary(grouping: requests.indices, by: { requests[$0].query / tile })
            .sorted { $0.key < $1.key }
        let workers = (0..<Parallel.workers(tiles.count, threads: threads)).map { _ in
            Worker(dimension: queries.dimension)
        }
        try Parallel.forEach(tiles.count, threads: threads) { worker, piece in
            let worker = workers[worker], (number, own) = tiles[piece]
            let asked = number * tile..<min((number + 1) * tile, queries.rowCount)
            var counted = own.map { (request: $0, rank: GoldRank(greater: 0, equalBefore: 0, equalAfter: 0)) }
            for rows in (0..<candidates.rowCount).pieces(of: CandidateBlock.capacity) {
                try worker.block.load(candidates, rows: rows)
                let scores = worker.block.score(queries, asked)
                for place in counted.indices {
                    let index = counted[place].request, query = requests[index].query
                    let line = scores + (query - asked.lowerBound) * rows.count
                    counted[place].rank.count(rows, gold: requests[index].gold, score: golds[index]) {
                        line[$0] / ((queryMeans[query] + candidateMeans[rows.lowerBound + $0]) / 2)
                    }
                }
            }
            worker.found += counted
        }
        var ranks = [GoldRank](repeating: GoldRank(greater: 0, equalBefore: 0, equalAfter: 0), count: requests.count)
        for worker in workers {
            for (request, rank) in worker.found { ranks[request] = rank }
        }
        return ranks
    }

    private final class Worker: @unchecked Sendable {
        let block: CandidateBlock
        var found: [(request: Int, rank: GoldRank)] = []

        init(dimension: Int) { block = CandidateBlock(dimension: dimension) }
    }
}

extension GoldRank {
    /// Counts candidates of consecutive rows against the gold's score; `score` is asked by their position in `rows`.
    fileprivate mutating func count(_ rows: Range<Int>, gold: Int, score own: Float, _ score: (Int) -> Float) {
        for (position, row) in rows.enumerated() where row != gold {
            let other = score(position)
            // A gold without a number (all its cosines are 0) stands behind everything.
            if other > own || own.isNaN {
                greater += 1
            } else if other == own {
                if row < gold { equalBefore += 1 } else { equalAfter += 1 }
            }
        }
    }
}
