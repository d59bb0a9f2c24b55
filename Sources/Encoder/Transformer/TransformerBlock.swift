import Kernels

/// One transformer block: self-attention, then feed-forward, each with residual and layer norm; forward and backward.
/// Inference and training run the same forward.
///
/// Shapes: M tokens of a batch laid end to end, without padding; R pooled tokens; rows = M, or R where only pooled rows
/// are computed; C hidden, I intermediate.
final class TransformerBlock: Sendable {
    /// Layer norms of a block at most.
    static let mostNorms = 3

    let layer: Int
    let attention: AttentionLayer
    let feedForward: FeedForward
    /// Nil in a first block that reads the embeddings as they are.
    let attentionNorm: LayerNorm?
    /// After the feed-forward's residual, or before the feed-forward.
    let outputNorm: LayerNorm
    /// After the last block of a family whose norms stand before the layers.
    let finalNorm: LayerNorm?
    let adapter: BottleneckAdapter?
    private let configuration: TransformerConfiguration
    private let use: WeightUse
    private var isPostNorm: Bool { configuration.architecture.norm == .afterResidual }

    init(
        layer: Int, configuration: TransformerConfiguration, positions: AttentionPositions, use: WeightUse,
        adapter: BottleneckAdapter?
    ) {
        func norm(_ name: String) -> LayerNorm { LayerNorm(name, configuration: configuration, use: use) }
        let names = configuration.names
        self.layer = layer
        self.configuration = configuration
        self.use = use
        self.adapter = adapter
        attention = AttentionLayer(layer: layer, configuration: configuration, positions: positions, use: use)
        feedForward = FeedForward(layer: layer, configuration: configuration, use: use)
        attentionNorm = configuration.hasAttentionNorm(layer) ? norm(names.block(layer, names.attentionNorm)) : nil
        outputNorm = norm(names.block(layer, names.outputNorm))
        finalNorm = layer == configuration.layerCount - 1 ? names.finalNorm.map(norm) : nil
    }

    /// The base's linear layers, those with the longest tasks first.
    var linears: [LinearLayer] {
        [feedForward.output, feedForward.intermediate, attention.keyValue, attention.query, attention.output]
    }
    var norms: [LayerNorm] { [outputNorm, attentionNorm, finalNorm].compactMap { $0 } }

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
        let m0 = chunk.tokens.lowerBound, rows = range.count, input = UnsafePointer(activations.input.pointer + m0 * C)
        let residual = pooledOnly ? gather(input, start: m0, layout, chunk, into: workspace.gathered.pointer) : input
        let mixed = workspace.states.pointer, attended = activations.attended.pointer + r0 * C

        let states = attentionInput(input, chunk.tokens, activations)
        let queries =
            states == input
            ? residual
            : pooledOnly ? gather(states, start: m0, layout, chunk, into: workspace.gatheredInput.pointer) : states
        attention.forward(
            states, queries: queries, layout, chunk, pooledOnly: pooledOnly, activations: activations,
            dropout: dropout, workspace: workspace, into: mixed)
        var wideInput = UnsafePointer(attended)
        if isPostNorm {
            let kept = activations.kept(activations.attentionSums, activations.attentionStatistics, row: r0, columns: C)
            attentionNorm?.forward(
                mixed, residual: residual, rows: rows, sums: kept.sums, statistics: kept.statistics, into: attended)
        } else {
            attended.update(from: residual, count: rows * C)
            Vectors.add(mixed, to: attended, count: rows * C)
            let normed = activations.feedForwardInput.pointer + r0 * C
            outputNorm.forward(
                attended, residual: nil, rows: rows,
                statistics: activations.isForTraining ? activations.outputStatistics.pointer + r0 * 2 : nil,
                into: normed)
            wideInput = UnsafePointer(normed)
        }

        feedForward.forward(
            wideInput, r0: r0, rows: rows, activations: activations, dropout: dropout, workspace: workspace, into: mixed
        )
        adapter?.forward(
            mixed, residual: attended, norm: isPostNorm ? outputNorm : nil, r0: r0, rows: rows,
            activations: activations,
            workspace: workspace)
        if let norm = isPostNorm ? outputNorm : finalNorm {
            let kept =
                isPostNorm
                ? activations.kept(activations.outputSums, activations.outputStatistics, row: r0, columns: C)
                : activations.kept(activations.finalSums, activations.finalStatistics, row: r0, columns: C)
            norm.forward(
                mixed, residual: attended, rows: rows, sums: kept.sums, statistics: kept.statistics, into: out + r0 * C)
        } else {
            (out + r0 * C).update(from: attended, count: rows * C)
            Vectors.add(mixed, to: out + r0 * C, count: rows * C)
        }
    }

    /// What attention reads of the chunk's tokens: the block's input, normalised where norms stand before the layers.
    private func attentionInput(
        _ input: UnsafePointer<Float>, _ tokens: Range<Int>, _ activations: BlockActivations
    ) -> UnsafePointer<Float> {
        guard !isPostNorm, let attentionNorm else { return input }
        let states = activations.attentionInput.pointer + tokens.lowerBound * configuration.hiddenSize
        attentionNorm.forward(
            input, residual: nil, rows: tokens.count,
            statistics: activations.isForTraining
                ? activations.attentionStatistics.pointer + tokens.lowerBound * 2 : nil, into: states)
        return UnsafePointer(states)
    }

    // MARK: Backward

    /// Gradients of a chunk from the block's output, `dout` [rows, C], to its input, `din` [M, C]; they may be the same
    /// memory when they have the same rows. Leaves in `flow` what the weight gradients need.
    func backward(
        _ layout: BatchLayout, _ index: Int, pooledOnly: Bool, activations: BlockActivations, flow: GradientFlow,
        dropout: DropoutSites?, workspace: Workspace, dout: UnsafePointer<Float>, din: UnsafeMutablePointer<Float>?
    ) {
        let C = configuration.hiddenSize, chunk = layout.chunks[index], range = chunk.rows(pooledOnly: pooledOnly)
        let r0 = range.lowerBound, rows = range.count, residual = workspace.residual.pointer
        let allRows = pooledOnly ? layout.pooledCount : layout.tokenCount
        // Gradient of the residual stream in `residual`, of what the layer added to it in `branch`: the same where one
        // norm follows their sum.
        let branch = isPostNorm ? residual : workspace.branch.pointer
        if let norm = isPostNorm ? outputNorm : finalNorm {
            let sums = isPostNorm ? activations.outputSums : activations.finalSums
            let statistics = isPostNorm ? activations.outputStatistics : activations.finalStatistics
            norm.backward(
                dout + r0 * C, sums: sums.pointer + r0 * C, statistics: statistics.pointer + r0 * 2, rows: rows,
                into: residual, partial: partial(of: norm, index, flow))
        } else {
            residual.update(from: dout + r0 * C, count: rows * C)
        }
        if !isPostNorm { branch.update(from: residual, count: rows * C) }
        adapter?.backward(
            branch, norm: isPostNorm ? outputNorm : nil, r0: r0, rows: rows, allRows: allRows, activations: activations,
            flow: flow, workspace: workspace, needsInput: din != nil)
        guard let din else { return }

        let wideInput = isPostNorm ? activations.attended : activations.feedForwardInput
        feedForward.backward(
            branch, input: wideInput.pointer + r0 * C, r0: r0, rows: rows, allRows: allRows, activations: activations,
            flow: flow, dropout: dropout, workspace: workspace, into: branch, accumulate: isPostNorm)
        if isPostNorm {
            if let attentionNorm {
                attentionNorm.backward(
                    residual, sums: activations.attentionSums.pointer + r0 * C,
                    statistics: activations.attentionStatistics.pointer + r0 * 2, rows: rows, into: residual,
                    partial: partial(of: attentionNorm, index, flow))
            }
        } else {
            outputNorm.backward(
                branch, sums: activations.attended.pointer + r0 * C,
                statistics: activations.outputStatistics.pointer + r0 * 2, rows: rows, into: branch,
                partial: partial(of: outputNorm, index, flow))
            Vectors.add(branch, to: residual, count: rows * C)
        }
        attention.backward(
            residual, layout, chunk, pooledOnly: pooledOnly, allRows: allRows, activations: activations, flow: flow,
            dropout: dropout, workspace: workspace)
        inputGradient(
            layout, index, pooledOnly: pooledOnly, activations: activations, flow: flow, workspace: workspace, din: din)
        packInputs(layout, chunk, pooledOnly: pooledOnly, activations: activations, flow: flow, workspace: workspace)
    }

    /// Where a chunk's gradients of a norm's gamma and beta go, [2, C].
    private func partial(of norm: LayerNorm, _ chunk: Int, _ flow: GradientFlow) -> UnsafeMutablePointer<Float> {
        let place = norms.firstIndex { $0 === norm } ?? 0
        return flow.norms.pointer + (chunk * Self.mostNorms + place) * 2 * configuration.hiddenSize
    }

    /// din = residual + the gradient through queries, keys and values (and the norm before them); the residual and the
    /// queries for the rows that went on.
    private func inputGradient(
        _ layout: BatchLayout, _ index: Int, pooledOnly: Bool, activations: BlockActivations, flow: GradientFlow,
        workspace: Workspace, din: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, chunk = layout.chunks[index], tokens = chunk.tokens
        let rows = chunk.rows(pooledOnly: pooledOnly), residual = workspace.residual.pointer
        let target = din + tokens.lowerBound * C
        // With the norm behind, both gradients add up in one place before it is passed.
        let branch = isPostNorm ? residual : workspace.branch.pointer
        attention.queryInputGradient(rows, flow: flow, workspace: workspace, accumulate: isPostNorm, into: branch)
        attention.keyValueInputGradient(
            tokens, flow: flow, workspace: workspace, accumulate: !pooledOnly, into: pooledOnly ? target : branch)
        func scatter(_ x: UnsafePointer<Float>) {
            for sequence in layout.sequences[chunk.sequences] {
                Vectors.add(
                    x + (sequence.pooledRows.lowerBound - rows.lowerBound) * C,
                    to: din + sequence.pooled.lowerBound * C, count: sequence.pooled.count * C)
            }
        }
        if pooledOnly { scatter(branch) } else { target.update(from: branch, count: tokens.count * C) }
        guard !isPostNorm else { return }
        if let attentionNorm {
            attentionNorm.backward(
                target, sums: activations.input.pointer + tokens.lowerBound * C,
                statistics: activations.attentionStatistics.pointer + tokens.lowerBound * 2, rows: tokens.count,
                into: target, partial: partial(of: attentionNorm, index, flow))
        }
        if pooledOnly { scatter(residual) } else { Vectors.add(residual, to: target, count: tokens.count * C) }
    }

    /// Packs what queries, keys and values read, for their weights' gradients.
    private func packInputs(
        _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, pooledOnly: Bool, activations: BlockActivations,
        flow: GradientFlow, workspace: Workspace
    ) {
        guard use == .trained else { return }
        let tokens = chunk.tokens,
            read = !isPostNorm && attentionNorm != nil ? activations.attentionInput : activations.input
        let states = UnsafePointer(read.pointer + tokens.lowerBound * configuration.hiddenSize)
        flow.packedInput.pack(states, tokens, depth: layout.tokenCount)
        if pooledOnly {
            let gathered = gather(states, start: tokens.lowerBound, layout, chunk, into: workspace.gathered.pointer)
            flow.packedQueryInput.pack(gathered, chunk.pooledRows, depth: layout.pooledCount)
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
                flow.norms.pointer + index * 2 * C, stride: Self.mostNorms * 2 * C, chunks: layout.chunks.count,
                accumulate: accumulate)
        }
    }
}
