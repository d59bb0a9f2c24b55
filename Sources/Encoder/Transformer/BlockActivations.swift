import Kernels

/// What a block computes on its way, kept for its backward, or written over by the next block in inference; rows are
/// tokens, or pooled tokens alone where the block computes only those.
final class BlockActivations {
    /// Whether what only backward needs is kept.
    let isForTraining: Bool

    /// [M, C], the block's input.
    let input = FloatBuffer()
    /// [rows, C]
    let query = FloatBuffer()
    /// [M, 2C]
    let keyValue = FloatBuffer()
    /// [rows, C]
    let context = FloatBuffer()
    /// [rows, C], the states between attention and feed-forward.
    let attended = FloatBuffer()
    /// [rows, I] (2I when gated), before the activation when kept for training, after it otherwise.
    let wide = FloatBuffer()
    /// Where norms stand before the layers: [M, C] and [rows, C], what attention and feed-forward read.
    let attentionInput = FloatBuffer()
    let feedForwardInput = FloatBuffer()

    // For training alone: what goes into each layer norm, [rows, C] (not kept twice where it is one of the above), and
    // its statistics, [rows, 2], or [M, 2] before attention.
    let attentionSums = FloatBuffer()
    let attentionStatistics = FloatBuffer()
    let outputSums = FloatBuffer()
    let outputStatistics = FloatBuffer()
    let finalSums = FloatBuffer()
    let finalStatistics = FloatBuffer()
    let adapterSums = FloatBuffer()
    let adapterStatistics = FloatBuffer()

    /// [rows, C]: the adapter's input.
    let adapterInput = FloatBuffer()
    /// [rows, r], after ReLU.
    let adapterHidden = FloatBuffer()

    init(isForTraining: Bool) { self.isForTraining = isForTraining }

    func reserve(tokens M: Int, rows: Int, adapterWidth: Int?, configuration: TransformerConfiguration) {
        let C = configuration.hiddenSize
        input.reserve(M * C)
        keyValue.reserve(M * 2 * C)
        for buffer in [query, context, attended] { buffer.reserve(rows * C) }
        wide.reserve(rows * configuration.wideSize)
        if configuration.architecture.norm == .beforeLayer {
            attentionInput.reserve(M * C)
            feedForwardInput.reserve(rows * C)
        }
        if isForTraining {
            attentionStatistics.reserve(M * 2)
            for buffer in [outputStatistics, finalStatistics] { buffer.reserve(rows * 2) }
            switch configuration.architecture.norm {
            case .afterResidual: for buffer in [attentionSums, outputSums] { buffer.reserve(rows * C) }
            case .beforeLayer: finalSums.reserve(rows * C)
            }
        }
        guard let adapterWidth else { return }
        adapterInput.reserve(rows * C)
        adapterHidden.reserve(rows * adapterWidth)
        if isForTraining {
            adapterSums.reserve(rows * C)
            adapterStatistics.reserve(rows * 2)
        }
    }

    /// Where a layer norm keeps its sums and statistics from row `r` on; nowhere in inference.
    func kept(
        _ sums: FloatBuffer, _ statistics: FloatBuffer, row r: Int, columns C: Int
    ) -> (sums: UnsafeMutablePointer<Float>?, statistics: UnsafeMutablePointer<Float>?) {
        isForTraining ? (sums.pointer + r * C, statistics.pointer + r * 2) : (nil, nil)
    }
}

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
