import Kernels

/// A · Bᵀ by the encoder's kernel, on the calling thread.
final class MatrixProduct {
    private let packed = PackedMatrix()
    private let scratch = PackedMatrix.makeScratch()

    /// output[M, N] = a[M, K] · b[N, K]ᵀ
    func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows M: Int, columns N: Int, depth K: Int,
        into output: UnsafeMutablePointer<Float>
    ) {
        packed.reshape(columns: N, depth: K)
        packed.pack(transposed: b)
        packed.multiply(a, rows: M, into: output, scratch: scratch)
    }

    func multiply(
        _ a: UnsafePointer<Float>, _ b: UnsafePointer<Float>, rows M: Int, columns N: Int, depth K: Int,
        into output: FloatBuffer
    ) {
        output.reserve(M * N)
        multiply(a, b, rows: M, columns: N, depth: K, into: output.pointer)
    }
}
