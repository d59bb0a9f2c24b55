import Kernels

/// How candidates are compared with a gold's score. Every way gives the same ranks.
package enum RankArithmetic: Sendable {
    /// Every score in float32.
    case float32
    /// Scores are estimated from 8-bit products; only those that could be either side of the gold's are computed.
    case boundedBytes

    /// Queries from which rounding the candidates pays.
    static let fewestQueries = 192

    static func fastest(queries: Int, dimension: Int) -> RankArithmetic {
        ByteProducts.fast && queries >= fewestQueries && dimension <= ByteProducts.largestDimension
            ? .boundedBytes : .float32
    }
}

/// What is asked of all candidates.
struct RankTask: Sendable {
    let queries: VectorMatrix
    /// Sorted by query.
    let requests: [RankCounter.Request]
    /// One for each request, its penalty subtracted.
    let goldScores: [Float]
    /// One for each candidate.
    let penalties: [Float]?
    /// Name of the candidates, for errors.
    let source: String

    /// Tiles of queries with the requests of each; tiles without are left out.
    func tiles(_ body: (_ queries: Range<Int>, _ requests: Range<Int>) throws -> Void) rethrows {
        var position = 0
        for tile in (0..<queries.rowCount).pieces(of: CandidateBlock.queryTile) {
            let first = position
            while position < requests.count, requests[position].query < tile.upperBound { position += 1 }
            if first < position { try body(tile, first..<position) }
        }
    }
}

/// Counters over all requests, of one thread.
final class RankCounts: @unchecked Sendable {
    let greater: UnsafeMutablePointer<UInt32>
    let equalBefore: UnsafeMutablePointer<UInt32>
    let equalAfter: UnsafeMutablePointer<UInt32>

    init(requests: Int) {
        greater = .allocate(capacity: requests)
        equalBefore = .allocate(capacity: requests)
        equalAfter = .allocate(capacity: requests)
        for counters in [greater, equalBefore, equalAfter] { counters.initialize(repeating: 0, count: requests) }
    }

    deinit {
        for counters in [greater, equalBefore, equalAfter] { counters.deallocate() }
    }
}

/// One thread's part of a count, block by block.
protocol RankWorker: AnyObject, Sendable {
    var counts: RankCounts { get }
    /// Counts consecutive candidates, at most `CandidateBlock.capacity`, for every request.
    func count(_ candidates: some VectorRows, rows: Range<Int>) throws
}

/// Computes every score.
final class FloatRankWorker: RankWorker, @unchecked Sendable {
    let counts: RankCounts
    private let task: RankTask
    private let block: CandidateBlock

    init(_ task: RankTask) {
        self.task = task
        counts = RankCounts(requests: task.requests.count)
        block = CandidateBlock(dimension: task.queries.dimension)
    }

    func count(_ candidates: some VectorRows, rows: Range<Int>) throws {
        try block.load(candidates, rows: rows)
        try task.tiles { tile, requests in
            let scores =
                task.penalties.map { block.score(task.queries, tile, less: $0) } ?? block.score(task.queries, tile)
            for index in requests {
                let request = task.requests[index], score = task.goldScores[index]
                let line = scores + (request.query - tile.lowerBound) * rows.count
                // The gold's own row splits its equals into those before it and those after it.
                let split = min(max(request.gold, rows.lowerBound), rows.upperBound) - rows.lowerBound
                Scores.count(
                    line, count: split, gold: score, greater: counts.greater + index,
                    equal: counts.equalBefore + index)
                var rest = split
                if rows.contains(request.gold) {
                    guard line[split] == score else {
                        throw EvaluationError.inexactProducts(source: task.source, row: request.gold)
                    }
                    rest += 1
                }
                Scores.count(
                    line + rest, count: rows.count - rest, gold: score, greater: counts.greater + index,
                    equal: counts.equalAfter + index)
            }
        }
    }
}
