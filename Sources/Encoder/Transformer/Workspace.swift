import Kernels

/// Buffers of one thread for one chunk; they grow to the largest chunk seen.
final class Workspace {
    /// [rows, I] twice, for training and gates.
    let wide = FloatBuffer()
    let activated = FloatBuffer()
    /// [rows, C] each
    let states = FloatBuffer()
    let gathered = FloatBuffer()
    let gatheredInput = FloatBuffer()
    let residual = FloatBuffer()
    let branch = FloatBuffer()
    let attention = FloatBuffer()
    let gemm = PackedMatrix.makeScratch()

    func reserve(rows: Int, longest T: Int, configuration: TransformerConfiguration, isForTraining: Bool) {
        let C = configuration.hiddenSize
        for buffer in [states, gathered] { buffer.reserve(rows * C) }
        if configuration.architecture.norm == .beforeLayer { gatheredInput.reserve(rows * C) }
        if isForTraining || configuration.architecture.feedForward == .gated {
            for buffer in [wide, activated] { buffer.reserve(rows * configuration.intermediateSize) }
        }
        if isForTraining {
            for buffer in [residual, branch] { buffer.reserve(rows * C) }
        }
        attention.reserve(SelfAttention.scratchCount(length: T, headSize: C / configuration.headCount))
    }
}
