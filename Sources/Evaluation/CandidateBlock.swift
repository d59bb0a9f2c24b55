import CKernels

/// One worker's buffers for scoring a block of candidates against queries.
///
/// Candidates are decoded, normalised and packed once; queries stream past in tiles. Every inner product is one fixed
/// chain of fused multiply-adds (see `ck_gemm`), so two candidates with the same bytes score the same bits wherever
/// they stand: ties are exact.
final class CandidateBlock: @unchecked Sendable {
    /// Candidates a block holds: with 96 queries a tile of scores is 384 KiB, which stays in the second-level cache.
    static let capacity = 1024
    static let queryTile = 96

    let dimension: Int
    private let decoded: UnsafeMutablePointer<Float>
    private let packed: UnsafeMutablePointer<Float>
    private let scores: UnsafeMutablePointer<Float>
    private let scratch: UnsafeMutablePointer<Float>
    private(set) var rows = 0..<0

    init(dimension: Int) {
        self.dimension = dimension
        decoded = AlignedBuffer.allocate(count: Self.capacity * dimension)
        packed = AlignedBuffer.allocate(count: ck_gemm_packed_count(Self.capacity, dimension))
        scores = AlignedBuffer.allocate(count: Self.queryTile * Self.capacity)
        scratch = AlignedBuffer.allocate(count: ck_gemm_scratch_count())
    }

    deinit {
        decoded.deallocate()
        packed.deallocate()
        scores.deallocate()
        scratch.deallocate()
    }

    static func count(rows: Int) -> Int { (rows + capacity - 1) / capacity }

    static func range(of block: Int, rows: Int) -> Range<Int> {
        (block * capacity)..<min((block + 1) * capacity, rows)
    }

    /// Takes in consecutive candidates, at most `capacity`.
    func load(_ source: some VectorRows, rows: Range<Int>) throws {
        precondition(rows.count <= Self.capacity && source.dimension == dimension)
        try source.decode(rows: rows, into: decoded)
        try pack(rows, name: source.name) { rows.lowerBound + $0 }
    }

    /// Takes in chosen candidates, at most `capacity`.
    func load(_ source: some VectorRows, chosen: [Int]) throws {
        precondition(chosen.count <= Self.capacity && source.dimension == dimension)
        try source.decode(rows: chosen, into: decoded)
        try pack(0..<chosen.count, name: source.name) { chosen[$0] }
    }

    private func pack(_ rows: Range<Int>, name: String, row: (Int) -> Int) throws {
        let count = rows.count
        let bad = ck_l2_normalize(decoded, count, dimension)
        if bad < count { throw EvaluationError.unusableVector(source: name, row: row(bad)) }
        ck_gemm_pack(decoded, dimension, 0, count, count, dimension, packed)
        self.rows = rows
    }

    /// Inner products of at most `queryTile` queries with the block's candidates.
    /// - Returns: [queries.count, rows.count], valid until the next call.
    func score(_ queries: VectorMatrix, _ range: Range<Int>) -> UnsafePointer<Float> {
        precondition(range.count <= Self.queryTile && range.upperBound <= queries.rowCount)
        ck_gemm(
            queries.elements + range.lowerBound * dimension, dimension, packed, nil, CK_EPILOGUE_NONE, scores,
            rows.count, range.count, rows.count, dimension, scratch)
        return UnsafePointer(scores)
    }
}

extension Range<Int> {
    /// Consecutive pieces of at most `size`.
    func pieces(of size: Int) -> some Sequence<Range<Int>> {
        stride(from: lowerBound, to: upperBound, by: size).lazy.map { $0..<Swift.min($0 + size, upperBound) }
    }
}
