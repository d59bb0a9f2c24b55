import Kernels
import Parallelism

/// Exact ranks of gold candidates, by counting the scores above each gold's: no sorting, no N × Q matrix.
package enum RankCounter {
    /// A query row whose gold candidate is wanted; one query may have several.
    package struct Request: Hashable, Sendable {
        package let query: Int
        package let gold: Int

        package init(query: Int, gold: Int) {
            self.query = query
            self.gold = gold
        }
    }

    /// Ranks of every request's gold among all candidates.
    ///
    /// The result depends on neither `threads` nor `arithmetic`. Work: 2 · Q · N · C operations.
    /// - Parameters:
    ///   - queries: [Q, C]
    ///   - candidates: [N, C], decoded block by block; N ≤ 2³² − 1.
    ///   - penalties: [N], subtracted from every candidate's score (CSLS: r(y) / 2); nil for none.
    ///   - arithmetic: how the candidates are compared; nil for what is fastest here.
    ///   - progress: called from worker threads with the candidates just finished; an error it throws ends the count.
    /// - Returns: one rank per request, in the order of `requests`.
    package static func ranks(
        queries: VectorMatrix, requests: [Request], candidates: some VectorRows, penalties: [Float]? = nil,
        threads: Int, arithmetic: RankArithmetic? = nil,
        progress: @Sendable (_ candidates: Int) throws -> Void = { _ in }
    ) throws -> [GoldRank] {
        try checkDimensions(queries, candidates)
        for request in requests {
            try checkRow(request.query, of: queries)
            try checkRow(request.gold, of: candidates)
        }
        // Requests grouped by query, so that a tile of scores meets all of its golds.
        let order = requests.indices.sorted { (requests[$0].query, $0) < (requests[$1].query, $1) }
        let sorted = order.map { requests[$0] }
        precondition(penalties.map { $0.count == candidates.rowCount } ?? true, "a penalty for each candidate")
        var goldScores = try scores(queries: queries, requests: sorted, candidates: candidates, threads: threads)
        if let penalties {
            for (index, request) in sorted.enumerated() { goldScores[index] -= penalties[request.gold] }
        }
        let task = RankTask(
            queries: queries, requests: sorted, goldScores: goldScores, penalties: penalties, source: candidates.name)
        let blocks = CandidateBlock.count(rows: candidates.rowCount)
        let rounded: RoundedTask?
        switch arithmetic ?? .fastest(queries: queries.rowCount, dimension: queries.dimension) {
        case .boundedBytes where !sorted.isEmpty: rounded = try RoundedTask(task, candidates: candidates)
        case .boundedBytes, .float32: rounded = nil
        }
        let workers = (0..<Parallel.workers(blocks, threads: threads)).map { _ -> any RankWorker in
            if let rounded { BoundedRankWorker(rounded) } else { FloatRankWorker(task) }
        }
        try Parallel.forEach(blocks, threads: threads) { number, piece in
            let rows = CandidateBlock.range(of: piece, rows: candidates.rowCount)
            try workers[number].count(candidates, rows: rows)
            try progress(rows.count)
        }

        var ranks = [GoldRank](repeating: GoldRank(greater: 0, equalBefore: 0, equalAfter: 0), count: requests.count)
        for worker in workers {
            for (position, index) in order.enumerated() {
                ranks[index].greater += Int(worker.counts.greater[position])
                ranks[index].equalBefore += Int(worker.counts.equalBefore[position])
                ranks[index].equalAfter += Int(worker.counts.equalAfter[position])
            }
        }
        return ranks
    }

    /// Inner product of each request's query and gold, by the kernel that scores the candidates, bit for bit.
    package static func scores(
        queries: VectorMatrix, requests: [Request], candidates: some VectorRows, threads: Int
    ) throws -> [Float] {
        try checkDimensions(queries, candidates)
        // A tile of golds against one query at a time: one product in 96 is wanted, still next to nothing.
        let tile = PackedMatrix.columnTile
        let pieces = (requests.count + tile - 1) / tile
        let workers = (0..<Parallel.workers(pieces, threads: threads)).map { _ in
            ScoreWorker(dimension: queries.dimension)
        }
        try Parallel.forEach(pieces, threads: threads) { number, piece in
            let worker = workers[number]
            let indices = (piece * tile)..<min((piece + 1) * tile, requests.count)
            try worker.block.load(candidates, chosen: indices.map { requests[$0].gold })
            for (column, index) in indices.enumerated() {
                let query = requests[index].query
                worker.found.append((index, worker.block.score(queries, query..<(query + 1))[column]))
            }
        }
        var scores = [Float](repeating: 0, count: requests.count)
        for worker in workers {
            for (index, score) in worker.found { scores[index] = score }
        }
        return scores
    }

    /// - Throws: `EvaluationError.noSuchRow`.
    static func checkRow(_ row: Int, of source: some VectorRows) throws {
        guard row >= 0, row < source.rowCount else {
            throw EvaluationError.noSuchRow(source: source.name, row: row, count: source.rowCount)
        }
    }

    static func checkDimensions(_ queries: some VectorRows, _ candidates: some VectorRows) throws {
        guard queries.dimension == candidates.dimension else {
            throw EvaluationError.dimensionMismatch(
                first: queries.name, firstDimension: queries.dimension, second: candidates.name,
                secondDimension: candidates.dimension)
        }
    }
}

/// What one thread of `RankCounter.scores` owns.
private final class ScoreWorker: @unchecked Sendable {
    let block: CandidateBlock
    var found: [(index: Int, score: Float)] = []

    init(dimension: Int) { block = CandidateBlock(dimension: dimension) }
}
