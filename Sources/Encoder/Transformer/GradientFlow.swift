import Kernels

/// What a level of the backward pass leaves for its weight gradients: gradients of every linear layer's output, and its
/// inputs packed by rows. Used again two levels further down.
final class GradientFlow {
    /// Gradients of outputs, [rows, N] each; keys' and values' [M, 2C].
    let output = FloatBuffer()
    let wide = FloatBuffer()
    let attentionOutput = FloatBuffer()
    let query = FloatBuffer()
    let keyValue = FloatBuffer()
    let adapterUp = FloatBuffer()
    let adapterDown = FloatBuffer()

    /// Inputs, packed.
    let packedInput = PackedMatrix()
    /// The pooled rows of the input, in the last block.
    let packedQueryInput = PackedMatrix()
    let packedContext = PackedMatrix()
    let packedAttended = PackedMatrix()
    let packedWide = PackedMatrix()
    let packedAdapterInput = PackedMatrix()
    let packedAdapterHidden = PackedMatrix()

    /// [chunks, 3, 2, C]: gradients of gamma and beta of the block's layer norms, in their order.
    let norms = FloatBuffer()

    func reserve(
        tokens M: Int, rows: Int, chunks: Int, adapterWidth: Int?, trainsBlocks: Bool,
        configuration: TransformerConfiguration
    ) {
        let C = configuration.hiddenSize, I = configuration.intermediateSize
        for buffer in [output, attentionOutput, query] { buffer.reserve(rows * C) }
        wide.reserve(rows * configuration.wideSize)
        keyValue.reserve(M * 2 * C)
        norms.reserve(chunks * TransformerBlock.mostNorms * 2 * C)
        if trainsBlocks {
            packedInput.reshape(columns: C, depth: M)
            for buffer in [packedQueryInput, packedContext, packedAttended] {
                buffer.reshape(columns: C, depth: rows)
            }
            packedWide.reshape(columns: I, depth: rows)
        }
        guard let adapterWidth else { return }
        adapterUp.reserve(rows * C)
        adapterDown.reserve(rows * adapterWidth)
        packedAdapterInput.reshape(columns: C, depth: rows)
        packedAdapterHidden.reshape(columns: adapterWidth, depth: rows)
    }
}
