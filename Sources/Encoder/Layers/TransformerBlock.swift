import Kernels

/// One post-norm transformer block: self-attention, then feed-forward, each with residual and layer norm.
///
/// Shapes: M tokens of B sequences laid end to end (no padding), C hidden, I intermediate, H heads of D = C / H.
final class TransformerBlock: Sendable {
    private let configuration: TransformerConfiguration
    private let query: PackedLinear
    private let keyValue: PackedLinear
    private let attentionOutput: PackedLinear
    private let attentionNorm: LayerNorm
    private let intermediate: PackedLinear
    private let output: PackedLinear
    private let outputNorm: LayerNorm
    private let adapter: BottleneckAdapter?

    init(
        _ tensors: CheckpointTensors, layer: Int, configuration: TransformerConfiguration, adapter: AdapterFolder? = nil
    ) throws {
        let C = configuration.hiddenSize, I = configuration.intermediateSize
        func name(_ part: String) -> String { ParameterName.block(layer, part) }
        self.configuration = configuration
        query = try PackedLinear(tensors, parts: [name("attention.self.query")], outputSize: C, inputSize: C)
        keyValue = try PackedLinear(
            tensors, parts: [name("attention.self.key"), name("attention.self.value")], outputSize: C, inputSize: C)
        attentionOutput = try PackedLinear(
            tensors, parts: [name("attention.output.dense")], outputSize: C, inputSize: C)
        attentionNorm = try LayerNorm(tensors, name: name("attention.output.LayerNorm"), configuration: configuration)
        intermediate = try PackedLinear(tensors, parts: [name("intermediate.dense")], outputSize: I, inputSize: C)
        output = try PackedLinear(tensors, parts: [name("output.dense")], outputSize: C, inputSize: I)
        outputNorm = try LayerNorm(tensors, name: name("output.LayerNorm"), configuration: configuration)
        self.adapter = try adapter?.adapter(layer: layer, configuration: configuration)
    }

    /// Over weights that somebody else owns.
    init(configuration: TransformerConfiguration, parts: Parts) {
        self.configuration = configuration
        query = parts.query
        keyValue = parts.keyValue
        attentionOutput = parts.attentionOutput
        attentionNorm = parts.attentionNorm
        intermediate = parts.intermediate
        output = parts.output
        outputNorm = parts.outputNorm
        adapter = parts.adapter
    }

    struct Parts {
        let query, keyValue, attentionOutput, intermediate, output: PackedLinear
        let attentionNorm, outputNorm: LayerNorm
        let adapter: BottleneckAdapter?
    }

    /// Replaces the workspace's hidden states by the block's output.
    /// - Parameters:
    ///   - segments: where each sequence lies in the M tokens.
    ///   - pooledOnly: compute only the pooled rows, which then lie end to end (the last block asked for).
    func apply(_ segments: [Segment], workspace: TransformerEncoder.Workspace, pooledOnly: Bool) {
        let C = configuration.hiddenSize, H = configuration.headCount
        let M = segments.last.map { $0.tokens.upperBound } ?? 0
        let hidden = workspace.hidden.pointer
        keyValue.apply(hidden, rows: M, into: workspace.keyValue.pointer, scratch: workspace.gemm)

        // Rows that go on: all tokens, or the pooled ones gathered.
        var rows = M
        var residual = hidden
        if pooledOnly {
            residual = workspace.gathered.pointer
            rows = 0
            for segment in segments {
                (residual + rows * C).update(
                    from: hidden + segment.pooled.lowerBound * C, count: segment.pooled.count * C)
                rows += segment.pooled.count
            }
        }
        query.apply(residual, rows: rows, into: workspace.query.pointer, scratch: workspace.gemm)
        let keys = workspace.keyValue.pointer
        var row = 0
        for segment in segments {
            let T = segment.tokens.count, queries = pooledOnly ? segment.pooled.count : T
            let start = segment.tokens.lowerBound * 2 * C
            let attention = SelfAttention(
                query: workspace.query.pointer + row * C, queryStride: C, rows: queries, key: keys + start,
                value: keys + start + C, keyValueStride: 2 * C, length: T, heads: H, headSize: C / H)
            attention.forward(into: workspace.context.pointer + row * C, stride: C, scratch: workspace.attention)
            row += queries
        }
        let attended = workspace.attended.pointer
        attentionOutput.apply(workspace.context.pointer, rows: rows, into: attended, scratch: workspace.gemm)
        attentionNorm.apply(attended, residual: residual, rows: rows, into: attended)

        let wide = workspace.intermediate.pointer
        intermediate.apply(attended, rows: rows, activation: .gelu, into: wide, scratch: workspace.gemm)
        output.apply(wide, rows: rows, into: hidden, scratch: workspace.gemm)
        if let adapter {
            adapter.apply(hidden, residual: attended, norm: outputNorm, rows: rows, workspace: workspace)
        }
        outputNorm.apply(hidden, residual: attended, rows: rows, into: hidden)
    }
}
