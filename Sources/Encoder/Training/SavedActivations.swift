import Kernels

/// What a block's backward needs of its forward; rows are tokens, or pooled tokens alone in the last block.
final class SavedActivations {
    /// [M, C], the block's input.
    let input = FloatBuffer()
    /// [rows, C]
    let query = FloatBuffer()
    /// [M, 2C]
    let keyValue = FloatBuffer()
    /// [rows, C]
    let context = FloatBuffer()
    /// [rows, C] and [rows, 2]: before the attention's layer norm.
    let attentionSums = FloatBuffer()
    let attentionStatistics = FloatBuffer()
    /// [rows, C]
    let attended = FloatBuffer()
    /// [rows, I], before GELU.
    let wide = FloatBuffer()
    /// [rows, C] and [rows, 2]: before the block's last layer norm.
    let outputSums = FloatBuffer()
    let outputStatistics = FloatBuffer()
    /// [rows, C], [rows, 2], [rows, C]: the adapter's layer norm and its input.
    let adapterSums = FloatBuffer()
    let adapterStatistics = FloatBuffer()
    let adapterInput = FloatBuffer()
    /// [rows, C / reduction], after ReLU.
    let adapterHidden = FloatBuffer()

    func reserve(tokens M: Int, rows: Int, adapterWidth: Int?, configuration: TransformerConfiguration) {
        let C = configuration.hiddenSize
        input.reserve(M * C)
        keyValue.reserve(M * 2 * C)
        for buffer in [query, context, attentionSums, attended, outputSums] { buffer.reserve(rows * C) }
        for buffer in [attentionStatistics, outputStatistics] { buffer.reserve(rows * 2) }
        wide.reserve(rows * configuration.intermediateSize)
        guard let adapterWidth else { return }
        for buffer in [adapterSums, adapterInput] { buffer.reserve(rows * C) }
        adapterStatistics.reserve(rows * 2)
        adapterHidden.reserve(rows * adapterWidth)
    }
}
