import CKernels

/// A matrix B laid out for the matrix product C = A · B, packed once and multiplied often.
///
/// Every element of a product is one chain of fused multiply-adds over the depth, in blocks added in order: bitwise the
/// same wherever its row stands in A and its column in B.
///
/// Unchecked Sendable: packing is not for concurrent use with itself on the same columns or rows, nor with a product.
package final class PackedMatrix: @unchecked Sendable {
    /// N, columns of a product.
    package private(set) var columns: Int
    /// K, products added up for an element.
    package private(set) var depth: Int
    private let packed: FloatBuffer

    /// Columns may be packed by parts that begin at multiples of this.
    package static let columnTile = Int(CK_GEMM_COLUMN_TILE)

    package init(columns: Int = 0, depth: Int = 0) {
        self.columns = columns
        self.depth = depth
        packed = FloatBuffer(count: ck_gemm_packed_count(columns, depth))
    }

    /// Memory one product needs on its thread, whatever its shape.
    package static func makeScratch() -> FloatBuffer { FloatBuffer(count: ck_gemm_scratch_count()) }

    /// Takes another shape; the contents are lost.
    package func reshape(columns: Int, depth: Int) {
        packed.reserve(ck_gemm_packed_count(columns, depth))
        self.columns = columns
        self.depth = depth
    }

    /// B = Wᵀ for W [N, K], as a linear layer's weight lies in memory: packs `range` of its rows, which begins at a
    /// multiple of `columnTile`. `rows` is the first of them, `stride` floats apart (K when nil).
    package func pack(transposed rows: UnsafePointer<Float>, _ range: Range<Int>, stride: Int? = nil) {
        precondition(range.lowerBound % Self.columnTile == 0 && range.upperBound <= columns)
        ck_gemm_pack(rows, stride ?? depth, range.lowerBound, range.count, columns, depth, packed.pointer)
    }

    /// All of B = Wᵀ, W [N, K].
    package func pack(transposed rows: UnsafePointer<Float>) { pack(transposed: rows, 0..<columns) }

    /// B [K, N] as it lies: packs `range` of its rows; `rows` is the first of them.
    /// - Parameter depth: K when B has fewer rows than there is room for.
    package func pack(_ rows: UnsafePointer<Float>, _ range: Range<Int>, depth: Int? = nil) {
        let K = depth ?? self.depth
        precondition(range.lowerBound >= 0 && range.upperBound <= K && K <= self.depth)
        ck_gemm_pack_rows(rows, columns, range.lowerBound, range.count, K, columns, packed.pointer)
    }

    /// c [M, N] = a [M, K] · B, then + bias [N], then the activation.
    package func multiply(
        _ a: UnsafePointer<Float>, rows M: Int, bias: UnsafePointer<Float>? = nil, activation: Activation? = nil,
        into c: UnsafeMutablePointer<Float>, scratch: FloatBuffer
    ) {
        let fused = bias != nil && activation == .gelu
        let epilogue = bias == nil ? CK_EPILOGUE_NONE : fused ? CK_EPILOGUE_BIAS_GELU : CK_EPILOGUE_BIAS
        ck_gemm(a, depth, packed.pointer, bias, epilogue, c, columns, M, columns, depth, scratch.pointer)
        if let activation, !fused { activation.apply(c, count: M * columns) }
    }

    /// c [M, N] += a [M, K] · B
    package func multiplyAdding(
        _ a: UnsafePointer<Float>, rows M: Int, into c: UnsafeMutablePointer<Float>, scratch: FloatBuffer
    ) {
        ck_gemm_accumulate(a, depth, packed.pointer, c, columns, M, columns, depth, scratch.pointer)
    }

    /// c [M, N] = aᵀ · B for a [K, M], whose rows lie `stride` floats apart; added to c when `accumulate`.
    /// - Parameter depth: K when fewer rows were packed than there is room for.
    package func multiply(
        transposed a: UnsafePointer<Float>, stride: Int, rows M: Int, depth: Int? = nil, accumulate: Bool,
        into c: UnsafeMutablePointer<Float>, scratch: FloatBuffer
    ) {
        ck_gemm_transposed(
            a, stride, packed.pointer, c, columns, M, columns, depth ?? self.depth, accumulate ? 1 : 0, scratch.pointer)
    }
}
