import Kernels
import Parallelism

extension NeighbourOccurrences {
    /// Queries a thread takes at a time: few enough that most are done with after a few blocks of candidates, many
    /// enough that decoding these is little beside the products.
    private static let queriesAtOnce = 2048

    /// N_k by cosine of a few candidates, the same numbers as of all: a query is done with as soon as k candidates are
    /// nearer than every chosen one. Of six words near to each other about a tenth of the 2 · Q · N · C operations are
    /// left; of many that lie far apart, all.
    ///
    /// In memory: each thread's 2,048 queries and their neighbours.
    /// - Parameters:
    ///   - chosen: candidate rows, each once.
    ///   - k: neighbours of a query; all candidates where there are fewer. Of equal scores the smaller rows are nearer.
    ///   - queries: [Q, C]
    ///   - candidates: [N, C]
    /// - Returns: one count for each of `chosen`.
    /// - Throws: `EvaluationError`, what reading throws.
    package static func counts(
        of chosen: [Int], _ k: Int, queries: some VectorRows, candidates: some VectorRows, threads: Int
    ) throws -> [Int] {
        precondition(k >= 1)
        try RankCounter.checkDimensions(queries, candidates)
        for row in chosen { try RankCounter.checkRow(row, of: candidates) }
        guard !chosen.isEmpty else { return [] }
        let pieces = Array((0..<queries.rowCount).pieces(of: queriesAtOnce))
        let workers = (0..<Parallel.workers(pieces.count, threads: threads)).map { _ in
            ChosenWorker(min(k, candidates.rowCount), chosen: chosen, dimension: queries.dimension)
        }
        try Parallel.forEach(pieces.count, threads: threads) { number, piece in
            try workers[number].count(VectorMatrix(pieces[piece], of: queries), candidates)
        }
        return chosen.indices.map { place in workers.reduce(0) { $0 + $1.counts[place] } }
    }
}

/// What one thread owns.
private final class ChosenWorker: @unchecked Sendable {
    private let k: Int
    private let chosen: [Int]
    private let indexOfRow: [Int: Int]
    private let block: CandidateBlock
    /// The vectors of the queries that are not done with, a tile at a time.
    private let tile: FloatBuffer
    /// Of each of `chosen`, over the queries seen so far.
    private(set) var counts: [Int]

    init(_ k: Int, chosen: [Int], dimension: Int) {
        (self.k, self.chosen) = (k, chosen)
        indexOfRow = Dictionary(uniqueKeysWithValues: chosen.enumerated().map { ($1, $0) })
        block = CandidateBlock(dimension: dimension)
        tile = FloatBuffer(count: CandidateBlock.queryTile * dimension)
        counts = [Int](repeating: 0, count: chosen.count)
    }

    func count(_ queries: VectorMatrix, _ candidates: some VectorRows) throws {
        let reach = try reach(queries, candidates)
        var best = [Float](repeating: 0, count: queries.rowCount * k)
        var rows = [UInt32](repeating: 0, count: queries.rowCount * k)
        var filled = [Int](repeating: 0, count: queries.rowCount)
        var open = Array(0..<queries.rowCount)
        for range in (0..<candidates.rowCount).pieces(of: CandidateBlock.capacity) {
            // The rest of the candidates is not even read.
            if open.isEmpty { break }
            try block.load(candidates, rows: range)
            for piece in open.indices.pieces(of: CandidateBlock.queryTile) {
                queries.decode(rows: Array(open[piece]), into: tile.pointer)
                let scores = block.score(tile.pointer, count: piece.count)
                best.withUnsafeMutableBufferPointer { best in
                    rows.withUnsafeMutableBufferPointer { rows in
                        guard let best = best.baseAddress, let rows = rows.baseAddress else { return }
                        for (place, query) in open[piece].enumerated() {
                            filled[query] = Scores.keepTop(
                                k, of: scores + place * range.count, count: range.count, firstRow: range.lowerBound,
                                filled: filled[query], best: best + query * k, rows: rows + query * k)
                        }
                    }
                }
            }
            // Where the best chosen one equals the last of the k, rows decide, and more candidates have to be seen.
            open.removeAll { filled[$0] == k && best[$0 * k + k - 1] > reach[$0] }
        }
        for query in open {
            for place in (query * k)..<(query * k + filled[query]) {
                if let found = indexOfRow[Int(rows[place])] { counts[found] += 1 }
            }
        }
    }

    /// The highest score each query has with a chosen candidate, by the kernel that scores all, bit for bit.
    private func reach(_ queries: VectorMatrix, _ candidates: some VectorRows) throws -> [Float] {
        var reach = [Float](repeating: -.infinity, count: queries.rowCount)
        for some in chosen.indices.pieces(of: CandidateBlock.capacity) {
            try block.load(candidates, chosen: Array(chosen[some]))
            for range in (0..<queries.rowCount).pieces(of: CandidateBlock.queryTile) {
                let scores = block.score(queries, range)
                for (row, query) in range.enumerated() {
                    for column in 0..<some.count { reach[query] = max(reach[query], scores[row * some.count + column]) }
                }
            }
        }
        return reach
    }
}
