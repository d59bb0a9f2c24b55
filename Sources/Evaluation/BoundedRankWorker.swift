import Kernels

/// A task and its queries rounded, which all threads read.
struct RoundedTask: Sendable {
    let task: RankTask
    let queries: RoundedQueries
    /// [C], the mean of the first candidates: about what all have in common.
    let center: FloatBuffer
    /// The gold's score of each request, less what the query's product with the centre is.
    let levels: [Float]
    let slack: Float

    /// - Throws: `EvaluationError.unusableVector`, and what reading the candidates throws.
    init(_ task: RankTask, candidates: some VectorRows) throws {
        self.task = task
        let dimension = task.queries.dimension
        let queryCenter = FloatBuffer(count: dimension), center = FloatBuffer(count: dimension)
        Vectors.meanRows(
            task.queries.elements, rows: task.queries.rowCount, columns: dimension, into: queryCenter.pointer)
        queries = RoundedQueries(
            task.queries.elements, count: task.queries.rowCount, dimension: dimension, center: queryCenter)
        let sample = try VectorMatrix(
            name: candidates.name, rows: min(candidates.rowCount, CandidateBlock.capacity), dimension: dimension
        ) { try candidates.decode(rows: 0..<min(candidates.rowCount, CandidateBlock.capacity), into: $0) }
        Vectors.meanRows(sample.elements, rows: sample.rowCount, columns: dimension, into: center.pointer)
        self.center = center
        levels = zip(task.requests, task.goldScores).map { request, gold in
            Float(Double(gold) - Vectors.dot(task.queries.row(request.query), center.pointer, count: dimension))
        }
        slack = ByteProducts.slack(
            dimension: dimension, penalty: task.penalties?.reduce(0) { max($0, $1.magnitude) } ?? 0)
    }
}

/// Computes the scores that their estimates leave open; docs/scores.md, "Fewer exact products".
final class BoundedRankWorker: RankWorker, @unchecked Sendable {
    /// Candidates rounded at a time: with C = 384 their rows are 768 KiB, and stay in the second-level cache for those
    /// that are computed.
    static let capacity = 512

    let counts: RankCounts
    private let task: RankTask
    private let shared: RoundedTask
    private let dimension: Int
    private let decoded: FloatBuffer
    private let block: RoundedCandidates
    private let undecided: UnsafeMutablePointer<UInt32>
    private let scores: FloatBuffer

    init(_ shared: RoundedTask) {
        self.shared = shared
        task = shared.task
        dimension = task.queries.dimension
        counts = RankCounts(requests: task.requests.count)
        decoded = FloatBuffer(count: Self.capacity * dimension)
        block = RoundedCandidates(dimension: dimension, capacity: Self.capacity, tile: CandidateBlock.queryTile)
        undecided = .allocate(capacity: Self.capacity + 16)
        scores = FloatBuffer(count: Self.capacity)
    }

    deinit { undecided.deallocate() }

    func count(_ candidates: some VectorRows, rows: Range<Int>) throws {
        for piece in rows.pieces(of: Self.capacity) {
            try candidates.decode(rows: piece, into: decoded.pointer)
            if let bad = Vectors.normalizeRows(decoded.pointer, rows: piece.count, columns: dimension) {
                throw EvaluationError.unusableVector(source: task.source, row: piece.lowerBound + bad)
            }
            if let penalties = task.penalties {
                penalties.withUnsafeBufferPointer { load(piece, $0.baseAddress.map { $0 + piece.lowerBound }) }
            } else {
                load(piece, nil)
            }
            try task.tiles { tile, requests in
                block.multiply(shared.queries, tile)
                for index in requests { try count(index, tile: tile, rows: piece) }
            }
        }
    }

    private func load(_ rows: Range<Int>, _ penalties: UnsafePointer<Float>?) {
        block.load(
            decoded.pointer, count: rows.count, center: shared.center, queries: shared.queries, penalties: penalties)
    }

    private func count(_ index: Int, tile: Range<Int>, rows: Range<Int>) throws {
        let request = task.requests[index], gold = task.goldScores[index], query = task.queries.row(request.query)
        let open = block.decide(
            request.query - tile.lowerBound, query: request.query, of: shared.queries, level: shared.levels[index],
            slack: shared.slack, above: &counts.greater[index], undecided: undecided)
        let exact = narrow(open, query: query, gold: gold, index: index, rows: rows)
        ByteProducts.exactProducts(
            query, decoded.pointer, rows: UnsafeBufferPointer(start: undecided, count: exact), dimension: dimension,
            into: scores.pointer)
        var own = !rows.contains(request.gold)
        for place in 0..<exact {
            let row = rows.lowerBound + Int(undecided[place])
            let score = scores.pointer[place] - (task.penalties?[row] ?? 0)
            if row == request.gold {
                own = score == gold
            } else if score > gold {
                counts.greater[index] += 1
            } else if score == gold {
                if row < request.gold { counts.equalBefore[index] += 1 } else { counts.equalAfter[index] += 1 }
            }
        }
        // A gold can never be told from itself: if it was, a bound is wrong.
        guard own else { throw EvaluationError.inexactProducts(source: task.source, row: request.gold) }
    }

    /// Float32 products in any order decide most of what is open; what they leave open moves to the front.
    private func narrow(_ open: Int, query: UnsafePointer<Float>, gold: Float, index: Int, rows: Range<Int>) -> Int {
        ByteProducts.products(
            query, decoded.pointer, rows: UnsafeBufferPointer(start: undecided, count: open), dimension: dimension,
            into: scores.pointer)
        var left = 0
        for place in 0..<open {
            let penalty = task.penalties?[rows.lowerBound + Int(undecided[place])] ?? 0
            let difference = scores.pointer[place] - penalty - gold
            if difference > shared.slack {
                counts.greater[index] += 1
            } else if difference >= -shared.slack {
                undecided[left] = undecided[place]
                left += 1
            }
        }
        return left
    }
}
