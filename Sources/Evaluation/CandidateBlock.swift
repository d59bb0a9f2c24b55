import Kernels

/// One worker's buffers for scoring a block of candidates against queries.
///
/// Candidates are decoded, normalised and packed once; queries stream past in tiles. Every inner product is one fixed
/// chain of fused multiply-adds (see `PackedMatrix`), so two candidates with the same bytes score the same bits
/// wherever they stand: ties are exact.
final class CandidateBlock: @unchecked Sendable {
    /// Candidates a block holds: with 96 queries a tile of scores is 384 KiB, which stays in the second-level cache.
    static let capacity = 1024
    static let queryTile = 96
    /// Candidates that are decoded, normalised and packed together: whole tiles of the packed matrix.
    private static let part = 4 * PackedMatrix.columnTile

    let dimension: Int
    private let decoded: FloatBuffer
    private let packed: PackedMatrix
    private let scores = FloatBuffer(count: CandidateBlock.queryTile * CandidateBlock.capacity)
    private let scratch = PackedMatrix.makeScratch()
    private(set) var rows = 0..<0

    init(dimension: Int) {
        self.dimension = dimension
        decoded = FloatBuffer(count: Self.part * dimension)
        packed = PackedMatrix(columns: Self.capacity, depth: dimension)
    }

    static func count(rows: Int) -> Int { (rows + capacity - 1) / capacity }

    static func range(of block: Int, rows: Int) -> Range<Int> {
        (block * capacity)..<min((block + 1) * capacity, rows)
    }

    /// Takes in consecutive candidates, at most `capacity`.
    /// - Parameter normalizing: false to leave them the length they are stored with, 1 up to their codec's rounding.
    func load(_ source: some VectorRows, rows: Range<Int>, normalizing: Bool = true) throws {
        let first = rows.lowerBound
        try load(source, count: rows.count, normalizing: normalizing) { part in
            try source.decode(rows: first + part.lowerBound..<first + part.upperBound, into: decoded.pointer)
        } row: {
            first + $0
        }
        self.rows = rows
    }

    /// Takes in chosen candidates, at most `capacity`.
    func load(_ source: some VectorRows, chosen: [Int]) throws {
        try load(source, count: chosen.count, normalizing: true) { part in
            try source.decode(rows: Array(chosen[part]), into: decoded.pointer)
        } row: {
            chosen[$0]
        }
        rows = 0..<chosen.count
    }

    /// By parts that stay in the nearest cache from decoding to packing.
    /// - Parameters:
    ///   - decode: writes a part of the candidates.
    ///   - row: of the source, for messages.
    private func load(
        _ source: some VectorRows, count: Int, normalizing: Bool, decode: (Range<Int>) throws -> Void,
        row: (Int) -> Int
    ) throws {
        precondition(count <= Self.capacity && source.dimension == dimension)
        packed.reshape(columns: count, depth: dimension)
        for part in (0..<count).pieces(of: Self.part) {
            try decode(part)
            if normalizing,
                let bad = Vectors.normalizeRows(decoded.pointer, rows: part.count, columns: dimension)
            {
                throw EvaluationError.unusableVector(source: source.name, row: row(part.lowerBound + bad))
            }
            packed.pack(transposed: decoded.pointer, part)
        }
    }

    /// Inner products of at most `queryTile` queries with the block's candidates.
    /// - Returns: [queries.count, rows.count], valid until the next call.
    func score(_ queries: VectorMatrix, _ range: Range<Int>) -> UnsafePointer<Float> {
        precondition(range.upperBound <= queries.rowCount)
        return score(queries.elements + range.lowerBound * dimension, count: range.count)
    }

    /// The same of normalised queries that lie end to end, [count, C].
    func score(_ queries: UnsafePointer<Float>, count: Int) -> UnsafePointer<Float> {
        precondition(count <= Self.queryTile)
        packed.multiply(queries, rows: count, into: scores.pointer, scratch: scratch)
        return UnsafePointer(scores.pointer)
    }

    /// The same, each candidate's penalty subtracted.
    /// - Parameter penalties: one for every candidate of the source, by its row.
    func score(_ queries: VectorMatrix, _ range: Range<Int>, less penalties: [Float]) -> UnsafePointer<Float> {
        _ = score(queries, range)
        let scores = self.scores.pointer
        penalties.withUnsafeBufferPointer { penalties in
            for i in 0..<range.count {
                for (column, row) in rows.enumerated() { scores[i * rows.count + column] -= penalties[row] }
            }
        }
        return UnsafePointer(scores)
    }
}

extension Range<Int> {
    /// Consecutive pieces of at most `size`.
    func pieces(of size: Int) -> some Sequence<Range<Int>> {
        stride(from: lowerBound, to: upperBound, by: size).lazy.map { $0..<Swift.min($0 + size, upperBound) }
    }
}
