import CKernels

/// A · Bᵀ by the encoder's kernel, on the calling thread.
final class MatrixProduct {
    private let packed = FloatMatrix()
    private let scratch = FloatMatrix()

    init() { scratch.reserve(ck_gemm_scratch_count()) }

    /// output[M, N] = a[M, K] · b[N, K]ᵀ
    func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows M: Int, columns N: Int, depth K: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        packed.reserve(ck_gemm_packed_count(N, K))
        ck_gemm_pack(b, K, 0, N, N, K, packed.pointer)
        ck_gemm(a, K, packed.pointer, nil, CK_EPILOGUE_NONE, output, N, M, N, K, scratch.pointer)
    }

    func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows M: Int, columns N: Int, depth K: Int,
        into output: FloatMatrix
    ) {
        output.reserve(M * N)
        multiply(a, b, rows: M, columns: N, depth: K, into: output.pointer)
    }
}
