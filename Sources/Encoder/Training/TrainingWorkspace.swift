import Kernels

/// Buffers of one thread for one chunk.
final class TrainingWorkspace {
    /// [rows, I] twice
    let wide = FloatBuffer()
    let gelu = FloatBuffer()
    /// [rows, C] each
    let states = FloatBuffer()
    let gathered = FloatBuffer()
    let residual = FloatBuffer()
    let attention = FloatBuffer()
    let gemm = PackedMatrix.makeScratch()

    func reserve(rows: Int, longest T: Int, configuration: TransformerConfiguration) {
        let C = configuration.hiddenSize
        for buffer in [states, gathered, residual] { buffer.reserve(rows * C) }
        for buffer in [wide, gelu] { buffer.reserve(rows * configuration.intermediateSize) }
        attention.reserve(SelfAttention.scratchCount(length: T, headSize: C / configuration.headCount))
    }
}
