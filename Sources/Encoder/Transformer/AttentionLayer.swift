import Kernels

/// Self-attention of a block, from states to the output product, forward and backward; the residual and the layer norm
/// are the block's.
final class AttentionLayer: Sendable {
    let query, keyValue, output: LinearLayer
    private let layer: Int
    private let configuration: TransformerConfiguration
    private let positions: AttentionPositions

    init(layer: Int, configuration: TransformerConfiguration, positions: AttentionPositions, use: WeightUse) {
        let C = configuration.hiddenSize, names = configuration.names, hasBias = configuration.biases.attention
        func linear(_ parts: ParameterSlice...) -> LinearLayer {
            LinearLayer(
                parts.map { names.block(layer, $0) }, outputSize: C, inputSize: C, hasBias: hasBias, use: use)
        }
        self.layer = layer
        self.configuration = configuration
        self.positions = positions
        query = linear(names.query)
        keyValue = linear(names.key, names.value)
        output = linear(ParameterSlice(names.attentionOutput))
    }

    private func attention(
        _ sequence: BatchLayout.Sequence, pooledOnly: Bool, _ activations: BlockActivations
    ) -> SelfAttention {
        let C = configuration.hiddenSize, H = configuration.headCount, rows = sequence.rows(pooledOnly: pooledOnly)
        let keys = activations.keyValue.pointer + sequence.tokens.lowerBound * 2 * C
        return SelfAttention(
            query: activations.query.pointer + rows.lowerBound * C, queryStride: C, rows: rows.count, key: keys,
            value: keys + C, keyValueStride: 2 * C, length: sequence.tokens.count, heads: H, headSize: C / H,
            position: sequence.firstPosition(pooledOnly: pooledOnly), window: configuration.reach[layer].window,
            bias: positions.bias)
    }

    /// Turns the queries and keys of a chunk by their places, or their gradients back.
    private func rotate(
        query: FloatBuffer, keyValue: FloatBuffer, _ sequences: ArraySlice<BatchLayout.Sequence>, pooledOnly: Bool,
        isGradient: Bool = false
    ) {
        guard let table = positions.rotary(configuration.reach[layer].rotaryBase) else { return }
        let C = configuration.hiddenSize, H = configuration.headCount
        for sequence in sequences {
            let rows = sequence.rows(pooledOnly: pooledOnly)
            table.rotate(
                query.pointer + rows.lowerBound * C, stride: C, rows: rows.count, heads: H,
                position: sequence.firstPosition(pooledOnly: pooledOnly), isGradient: isGradient)
            table.rotate(
                keyValue.pointer + sequence.tokens.lowerBound * 2 * C, stride: 2 * C, rows: sequence.tokens.count,
                heads: H, position: 0, isGradient: isGradient)
        }
    }

    /// - Parameters:
    ///   - states: of the chunk's tokens; `queries`: of the rows that go on.
    ///   - out: [rows, C] of the chunk, dropped in training.
    func forward(
        _ states: UnsafePointer<Float>, queries: UnsafePointer<Float>, _ layout: BatchLayout,
        _ chunk: BatchLayout.Chunk,
        pooledOnly: Bool, activations: BlockActivations, dropout: DropoutSites?, workspace: Workspace,
        into out: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, rows = chunk.rows(pooledOnly: pooledOnly)
        keyValue.forward(
            states, rows: chunk.tokens.count, into: activations.keyValue.pointer + chunk.tokens.lowerBound * 2 * C,
            scratch: workspace.gemm)
        query.forward(
            queries, rows: rows.count, into: activations.query.pointer + rows.lowerBound * C, scratch: workspace.gemm)
        let sequences = layout.sequences[chunk.sequences]
        rotate(query: activations.query, keyValue: activations.keyValue, sequences, pooledOnly: pooledOnly)
        let site = dropout?.attentionSite(layer: layer), context = activations.context.pointer
        for sequence in sequences {
            let row = sequence.rows(pooledOnly: pooledOnly).lowerBound
            attention(sequence, pooledOnly: pooledOnly, activations).forward(
                dropout: site, firstRow: row, into: context + row * C, stride: C, scratch: workspace.attention)
        }
        output.forward(context + rows.lowerBound * C, rows: rows.count, into: out, scratch: workspace.gemm)
        dropout?.apply(
            layer: layer, .attentionOutput, out, firstRow: rows.lowerBound, rows: rows.count, columns: C)
    }

    /// From dout [rows, C] of the chunk to the gradients of queries, keys and values, in `flow`.
    func backward(
        _ dout: UnsafePointer<Float>, _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, pooledOnly: Bool, allRows: Int,
        activations: BlockActivations, flow: GradientFlow, dropout: DropoutSites?, workspace: Workspace
    ) {
        let C = configuration.hiddenSize, rows = chunk.rows(pooledOnly: pooledOnly), r0 = rows.lowerBound
        let gradient = flow.attentionOutput.pointer + r0 * C, dContext = workspace.states.pointer
        gradient.update(from: dout, count: rows.count * C)
        dropout?.apply(layer: layer, .attentionOutput, gradient, firstRow: r0, rows: rows.count, columns: C)
        output.inputGradient(gradient, rows: rows.count, into: dContext, accumulate: false, scratch: workspace.gemm)
        if output.weight.isTrained {
            flow.packedContext.pack(activations.context.pointer + r0 * C, rows, depth: allRows)
        }
        let site = dropout?.attentionSite(layer: layer), sequences = layout.sequences[chunk.sequences]
        for sequence in sequences {
            let row = sequence.rows(pooledOnly: pooledOnly).lowerBound
            let dKey = flow.keyValue.pointer + sequence.tokens.lowerBound * 2 * C
            attention(sequence, pooledOnly: pooledOnly, activations).backward(
                dContext + (row - r0) * C, stride: C, dropout: site, firstRow: row, query: flow.query.pointer + row * C,
                queryStride: C, key: dKey, value: dKey + C, keyValueStride: 2 * C, scratch: workspace.attention)
        }
        rotate(query: flow.query, keyValue: flow.keyValue, sequences, pooledOnly: pooledOnly, isGradient: true)
    }

    /// d queries' states [rows, C] of the chunk.
    func queryInputGradient(
        _ rows: Range<Int>, flow: GradientFlow, workspace: Workspace, accumulate: Bool,
        into target: UnsafeMutablePointer<Float>
    ) {
        query.inputGradient(
            flow.query.pointer + rows.lowerBound * configuration.hiddenSize, rows: rows.count, into: target,
            accumulate: accumulate, scratch: workspace.gemm)
    }

    /// d states [tokens, C] of the chunk through keys and values.
    func keyValueInputGradient(
        _ tokens: Range<Int>, flow: GradientFlow, workspace: Workspace, accumulate: Bool,
        into target: UnsafeMutablePointer<Float>
    ) {
        keyValue.inputGradient(
            flow.keyValue.pointer + tokens.lowerBound * 2 * configuration.hiddenSize, rows: tokens.count, into: target,
            accumulate: accumulate, scratch: workspace.gemm)
    }
}
