import Parallelism

/// The ratio margin: cos(x, y) over the mean of r(x) and r(y), the mean cosines of x and of y with their nearest
/// neighbours on the other side. A sentence that is near to everything has to be nearer still.
/// - Source: Artetxe and Schwenk 2019, "Margin-based Parallel Corpus Mining with Multilingual Sentence Embeddings", eq.
///   2 with the function ratio, k = 4, as LASER's `mine_bitexts`.
package enum MarginScoring {
    package static let neighbours = 4

    /// What a request came to.
    package struct Found: Hashable, Sendable {
        /// Of its gold.
        package fileprivate(set) var rank = GoldRank(greater: 0, equalBefore: 0, equalAfter: 0)
        /// The candidate with the highest margin.
        package fileprivate(set) var nearest = 0
    }

    /// The rank of every request's gold by margin, and what its query finds; among equals the smaller row stands first.
    /// A margin without a number (all the cosines it is made of are 0) is the lowest there is.
    /// - Parameters:
    ///   - queryMeans: r(x), [Q]; candidateMeans: r(y), [N]; both from `NearestRows.neighbourhoodMeans`.
    /// - Returns: one element per request, in the order of `requests`.
    package static func find(
        queries: VectorMatrix, requests: [RankCounter.Request], candidates: VectorMatrix, queryMeans: [Float],
        candidateMeans: [Float], threads: Int
    ) throws -> [Found] {
        precondition(queryMeans.count == queries.rowCount && candidateMeans.count == candidates.rowCount)
        try RankCounter.checkDimensions(queries, candidates)
        for request in requests {
            try RankCounter.checkRow(request.query, of: queries)
            try RankCounter.checkRow(request.gold, of: candidates)
        }
        let cosines = try RankCounter.scores(
            queries: queries, requests: requests, candidates: candidates, threads: threads)
        let golds = zip(requests, cosines).map { request, cosine in
            margin(cosine, queryMeans[request.query], candidateMeans[request.gold])
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
            var counted = own.map { (request: $0, found: Found(), highest: -Float.infinity) }
            for rows in (0..<candidates.rowCount).pieces(of: CandidateBlock.capacity) {
                try worker.block.load(candidates, rows: rows)
                let scores = worker.block.score(queries, asked)
                for place in counted.indices {
                    let index = counted[place].request, query = requests[index].query
                    let line = scores + (query - asked.lowerBound) * rows.count
                    let gold = requests[index].gold
                    for (position, row) in rows.enumerated() {
                        let other = margin(line[position], queryMeans[query], candidateMeans[row])
                        if other > counted[place].highest {
                            (counted[place].highest, counted[place].found.nearest) = (other, row)
                        }
                        if row != gold { counted[place].found.rank.count(other, at: row, gold: gold, golds[index]) }
                    }
                }
            }
            worker.found += counted.map { ($0.request, $0.found) }
        }
        var found = [Found](repeating: Found(), count: requests.count)
        for worker in workers {
            for (request, own) in worker.found { found[request] = own }
        }
        return found
    }

    private static func margin(_ cosine: Float, _ queryMean: Float, _ candidateMean: Float) -> Float {
        let ratio = cosine / ((queryMean + candidateMean) / 2)
        return ratio.isNaN ? -.infinity : ratio
    }

    private final class Worker: @unchecked Sendable {
        let block: CandidateBlock
        var found: [(request: Int, found: Found)] = []

        init(dimension: Int) { block = CandidateBlock(dimension: dimension) }
    }
}

extension GoldRank {
    /// Counts one other candidate against the gold's score.
    fileprivate mutating func count(_ other: Float, at row: Int, gold: Int, _ own: Float) {
        if other > own {
            greater += 1
        } else if other == own {
            if row < gold { equalBefore += 1 } else { equalAfter += 1 }
        }
    }
}
