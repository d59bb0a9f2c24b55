import Kernels

/// One transformer block: self-attention, then feed-forward, each with residual and layer norm; forward and backward. Inference
/// and training run the same forward.
///
/// Shapes: M tokens of a batch laid end to end, without padding; R pooled tokens; rows = M, or R where only pooled rows are
/// computed; C hidden, I intermediate.
final class TransformerBlock: Sendable {
    let layer: Int
    let attention: AttentionLayer
    let feedForward: FeedForward
    let attentionNorm, outputNorm: LayerNorm
    let adapter: BottleneckAdapter?
    private let configuration: TransformerConfiguration
    private let use: WeightUse

    init(layer: Int, configuration: TransformerConfiguration, use: WeightUse, adapter: BottleneckAdapter?) {
        func norm(_ part: String) -> LayerNorm {
            LayerNorm(configuration.names.block(layer, part), configuration: configuration, use: use)
        }
        self.layer = layer
        self.configuration = configuration
        self.use = use
        self.adapter = adapter
        attention = AttentionLayer(layer: layer, configuration: configuration, use: use)
        feedForward = FeedForward(layer: layer, configuration: configuration, use: use)
        attentionNorm = norm(configuration.names.attentionNorm)
        outputNorm = norm(configuration.names.outputNorm)
    }

    /// The base's linear layers, those with the longest tasks first.
    var linears: [LinearLayer] {
        [feedForward.output, feedForward.intermediate, attention.keyValue, attention.query, attention.output]
    }
    var norms: [LayerNorm] { [outputNorm, attentionNorm] }

    /// All but the adapter's.
    func read(_ source: some TensorSource) throws {
        for linear in linears { try linear.read(source) }
        for norm in norms { try norm.read(source) }
    }

    /// The pooled rows of x, whose first row is token `start`, end to end.
    private func gather(
        _ x: UnsafePointer<Float>, start: Int, _ layout: BatchLayout, _ chunk: BatchLayout.Chunk,
        into rows: UnsafeMutablePointer<Float>
    ) -> UnsafePointer<Float> {
        let C = configuration.hiddenSize
        for sequence in layout.sequences[chunk.sequences] {
            (rows + (sequence.pooledRows.lowerBound - chunk.pooledRows.lowerBound) * C).update(
                from: x + (sequence.pooled.lowerBound - start) * C, count: sequence.pooled.count * C)
        }
        return UnsafePointer(rows)
    }

    // MARK: Forward

    /// Output rows of a chunk into `out`, [M, C], or [R, C] with `pooledOnly`.
    /// - Parameters:
    ///   - activations: whose `input` holds the block's input; the same memory as `out` in inference.
    ///   - pooledOnly: rows that are not pooled are read by attention alone.
    func forward(
        _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, pooledOnly: Bool, activations: BlockActivations,
        dropout: DropoutSites?, workspace: Workspace, into out: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, range = chunk.rows(pooledOnly: pooledOnly), r0 = range.lowerBound
        let rows = range.count, states = UnsafePointer(activations.input.pointer + chunk.tokens.lowerBound * C)
        let residual = pooledOnly
            ? gather(states, start: chunk.tokens.lowerBound, layout, chunk, into: workspace.gathered.pointer) : states
        let mixed = workspace.states.pointer, attended = activations.attended.pointer + r0 * C

        attention.forward(
            states, queries: residual, layout, chunk, pooledOnly: pooledOnly, activations: activations,
            dropout: dropout, workspace: workspace, into: mixed)
        var kept = activations.kept(activations.attentionSums, activations.attentionStatistics, row: r0, columns: C)
        attentionNorm.forward(
            mixed, residual: residual, rows: rows, sums: kept.sums, statistics: kept.statistics, into: attended)

        feedForward.forward(
            attended, r0: r0, rows: rows, activations: activations, dropout: dropout, workspace: workspace, into: mixed)
        adapter?.forward(
            mixed, residual: attended, norm: outputNorm, r0: r0, rows: rows, activations: activations,
            workspace: workspace)
        kept = activations.kept(activations.outputSums, activations.outputStatistics, row: r0, columns: C)
        outputNorm.forward(
            mixed, residual: attended, rows: rows, sums: kept.sums, statistics: kept.statistics, into: out + r0 * C)
    }

    // MARK: Backward

    /// Gradients of a chunk from the block's output, `dout` [rows, C], to its input, `din` [M, C]; they may be the same
    /// memory when they have the same rows. Leaves in `flow` what the weight gradients need.
    func backward(
        _ layout: BatchLayout, _ index: Int, pooledOnly: Bool, activations: BlockActivations, flow: GradientFlow,
        dropout: DropoutSites?, workspace: Workspace, dout: UnsafePointer<Float>, din: UnsafeMutablePointer<Float>?
    ) {
        let C = configuration.hiddenSize, chunk = layout.chunks[index], range = chunk.rows(pooledOnly: pooledOnly)
        let r0 = range.lowerBound, rows = range.count, partial = flow.norms.pointer + index * 4 * C
        let allRows = pooledOnly ? layout.pooledCount : layout.tokenCount, residual = workspace.residual.pointer

        outputNorm.backward(
            dout + r0 * C, sums: activations.outputSums.pointer + r0 * C,
            statistics: activations.outputStatistics.pointer + r0 * 2, rows: rows, into: residual, partial: partial)
        adapter?.backward(
            residual, norm: outputNorm, r0: r0, rows: rows, allRows: allRows, activations: activations, flow: flow,
            workspace: workspace, needsInput: din != nil)
        guard let din else { return }
        feedForward.backward(
            residual, input: activations.attended.pointer + r0 * C, r0: r0, rows: rows, allRows: allRows,
            activations: activations, flow: flow, dropout: dropout, workspace: workspace)
        attentionNorm.backward(
            residual, sums: activations.attentionSums.pointer + r0 * C,
            statistics: activations.attentionStatistics.pointer + r0 * 2, rows: rows, into: residual,
            partial: partial + 2 * C)
        attention.backward(
            residual, layout, chunk, pooledOnly: pooledOnly, allRows: allRows, activations: activations, flow: flow,
            dropout: dropout, workspace: workspace)
        inputGradient(
            layout, chunk, pooledOnly: pooledOnly, activations: activations, flow: flow, workspace: workspace, din: din)
    }

    /// din = residual + dQ Wq + dKV Wkv, the first two for the rows that went on.
    private func inputGradient(
        _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, pooledOnly: Bool, activations: BlockActivations,
        flow: GradientFlow, workspace: Workspace, din: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, tokens = chunk.tokens, rows = chunk.rows(pooledOnly: pooledOnly)
        let residual = workspace.residual.pointer, target = din + tokens.lowerBound * C
        let input = UnsafePointer(activations.input.pointer + tokens.lowerBound * C)
        attention.queryInputGradient(rows, flow: flow, workspace: workspace, into: residual)
        attention.keyValueInputGradient(
            tokens, flow: flow, workspace: workspace, accumulate: !pooledOnly, into: pooledOnly ? target : residual)
        if pooledOnly {
            for sequence in layout.sequences[chunk.sequences] {
                Vectors.add(
                    residual + (sequence.pooledRows.lowerBound - rows.lowerBound) * C,
                    to: din + sequence.pooled.lowerBound * C, count: sequence.pooled.count * C)
            }
        } else {
            target.update(from: residual, count: tokens.count * C)
        }
        guard use == .trained else { return }
        flow.packedInput.pack(input, tokens, depth: layout.tokenCount)
        if pooledOnly {
            let gathered = gather(input, start: tokens.lowerBound, layout, chunk, into: workspace.gathered.pointer)
            flow.packedQueryInput.pack(gathered, rows, depth: layout.pooledCount)
        }
    }

    // MARK: Weight gradients

    /// Tasks of `weightGradient`.
    var weightTaskCount: Int {
        (use == .trained ? 1 + linears.reduce(0) { $0 + $1.taskCount } : 0)
            + (adapter.map { $0.up.taskCount + $0.down.taskCount } ?? 0)
    }

    /// One part of the block's weight gradients, over all rows of the batch.
    func weightGradient(
        task: Int, _ layout: BatchLayout, pooledOnly: Bool, flow: GradientFlow, accumulate: Bool, scratch: FloatBuffer
    ) {
        let M = layout.tokenCount, rows = pooledOnly ? layout.pooledCount : M, C = configuration.hiddenSize
        var work: [(LinearLayer, dy: FloatBuffer, input: PackedMatrix, rows: Int)] = []
        if use == .trained {
            work = [
                (feedForward.output, flow.output, flow.packedWide, rows),
                (feedForward.intermediate, flow.wide, flow.packedAttended, rows),
                (attention.keyValue, flow.keyValue, flow.packedInput, M),
                (attention.query, flow.query, pooledOnly ? flow.packedQueryInput : flow.packedInput, rows),
                (attention.output, flow.attentionOutput, flow.packedContext, rows),
            ]
        }
        if let adapter {
            work.append((adapter.up, flow.adapterUp, flow.packedAdapterHidden, rows))
            work.append((adapter.down, flow.adapterDown, flow.packedAdapterInput, rows))
        }
        var task = task
        for (linear, dy, input, rows) in work {
            if task < linear.taskCount {
                linear.weightGradient(
                    task: task, dy.pointer, packedInput: input, rows: rows, accumulate: accumulate, scratch: scratch)
                return
            }
            task -= linear.taskCount
        }
        for (index, norm) in norms.enumerated() {
            norm.addGradients(
                flow.norms.pointer + index * 2 * C, stride: 4 * C, chunks: layout.chunks.count, accumulate: accumulate)
        }
    }
}
