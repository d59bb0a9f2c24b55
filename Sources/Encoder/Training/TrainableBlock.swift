import Kernels

/// One post-norm transformer block with gradients; `TransformerBlock` is the same forward without.
///
/// Shapes: M tokens, R pooled tokens, rows = M (R in the last block), C hidden, I intermediate, H heads.
final class TrainableBlock {
    let layer: Int
    let isLast: Bool
    let query, keyValue, attentionOutput, intermediate, output: TrainableLinear
    let attentionNorm, outputNorm: TrainableNorm
    let adapter: TrainableAdapter?
    private let configuration: TransformerConfiguration
    private let trainsBase: Bool

    init(layer: Int, configuration: TransformerConfiguration, trainsBase: Bool, adapterWidth: Int?) {
        let C = configuration.hiddenSize, I = configuration.intermediateSize
        func linear(_ parts: [String], _ N: Int, _ K: Int) -> TrainableLinear {
            TrainableLinear(
                parts: parts.map { ParameterName.block(layer, $0) }, outputSize: N, inputSize: K, trained: trainsBase)
        }
        func norm(_ part: String) -> TrainableNorm {
            TrainableNorm(
                name: ParameterName.block(layer, part), configuration: configuration, trained: trainsBase)
        }
        self.layer = layer
        self.configuration = configuration
        self.trainsBase = trainsBase
        isLast = layer == configuration.layerCount - 1
        query = linear(["attention.self.query"], C, C)
        keyValue = linear(["attention.self.key", "attention.self.value"], C, C)
        attentionOutput = linear(["attention.output.dense"], C, C)
        attentionNorm = norm("attention.output.LayerNorm")
        intermediate = linear(["intermediate.dense"], I, C)
        output = linear(["output.dense"], C, I)
        outputNorm = norm("output.LayerNorm")
        adapter = adapterWidth.map { TrainableAdapter(layer: layer, width: $0, configuration: configuration) }
    }

    /// The base's linear layers, those with the longest tasks first.
    var linears: [TrainableLinear] { [output, intermediate, keyValue, query, attentionOutput] }
    var norms: [TrainableNorm] { [outputNorm, attentionNorm] }

    func read(_ tensors: CheckpointTensors) throws {
        for linear in linears {
            try linear.weight.read(tensors)
            try linear.bias.read(tensors)
            linear.pack(0..<linear.outputSize)
            if !trainsBase { linear.weight.value.release() }
        }
        for norm in norms {
            try norm.gamma.read(tensors)
            try norm.beta.read(tensors)
        }
    }

    private func rows(_ chunk: BatchLayout.Chunk) -> Range<Int> { isLast ? chunk.pooledRows : chunk.tokens }

    /// Rows of the block's input that go on, in `gathered` when they are not all.
    private func residual(
        _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, saved: SavedActivations, workspace: TrainingWorkspace
    ) -> UnsafeMutablePointer<Float> {
        let C = configuration.hiddenSize, input = saved.input.pointer
        guard isLast else { return input + chunk.tokens.lowerBound * C }
        for sequence in layout.sequences[chunk.sequences] {
            let row = sequence.pooledRows.lowerBound - chunk.pooledRows.lowerBound
            (workspace.gathered.pointer + row * C).update(
                from: input + sequence.pooled.lowerBound * C, count: sequence.pooled.count * C)
        }
        return workspace.gathered.pointer
    }

    /// Output rows of a chunk into `out`, [M, C] (the next block's input), or [R, C] for the last block.
    func forward(
        _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, saved: SavedActivations, dropout: DropoutSites?,
        workspace: TrainingWorkspace, into out: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, I = configuration.intermediateSize
        let m0 = chunk.tokens.lowerBound, r0 = rows(chunk).lowerBound, rows = rows(chunk).count
        let residual = residual(layout, chunk, saved: saved, workspace: workspace), states = workspace.states.pointer
        keyValue.forward(
            saved.input.pointer + m0 * C, rows: chunk.tokens.count, into: saved.keyValue.pointer + m0 * 2 * C,
            scratch: workspace.gemm)
        query.forward(residual, rows: rows, into: saved.query.pointer + r0 * C, scratch: workspace.gemm)
        attend(layout, chunk, saved: saved, dropout: dropout, workspace: workspace)

        attentionOutput.forward(saved.context.pointer + r0 * C, rows: rows, into: states, scratch: workspace.gemm)
        dropout?.apply(layer: layer, .attentionOutput, states, firstRow: r0, rows: rows, columns: C)
        let attended = saved.attended.pointer + r0 * C
        attentionNorm.forward(
            states, residual: residual, rows: rows, sums: saved.attentionSums.pointer + r0 * C,
            statistics: saved.attentionStatistics.pointer + r0 * 2, into: attended)

        let wide = saved.wide.pointer + r0 * I, activated = workspace.gelu.pointer
        intermediate.forward(attended, rows: rows, into: wide, scratch: workspace.gemm)
        activated.update(from: wide, count: rows * I)
        Activation.gelu.apply(activated, count: rows * I)
        output.forward(activated, rows: rows, into: states, scratch: workspace.gemm)
        dropout?.apply(layer: layer, .output, states, firstRow: r0, rows: rows, columns: C)
        adapter?.forward(
            states, residual: attended, norm: outputNorm, r0: r0, rows: rows, saved: saved, workspace: workspace)
        outputNorm.forward(
            states, residual: attended, rows: rows, sums: saved.outputSums.pointer + r0 * C,
            statistics: saved.outputStatistics.pointer + r0 * 2, into: out + r0 * C)
    }

    private func attention(_ sequence: BatchLayout.Sequence, saved: SavedActivations) -> SelfAttention {
        let C = configuration.hiddenSize, H = configuration.headCount
        let rows = isLast ? sequence.pooledRows : sequence.tokens
        let keys = saved.keyValue.pointer + sequence.tokens.lowerBound * 2 * C
        return SelfAttention(
            query: saved.query.pointer + rows.lowerBound * C, queryStride: C, rows: rows.count, key: keys, value: keys + C,
            keyValueStride: 2 * C, length: sequence.tokens.count, heads: H, headSize: C / H)
    }

    private func attend(
        _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, saved: SavedActivations, dropout: DropoutSites?,
        workspace: TrainingWorkspace
    ) {
        let C = configuration.hiddenSize
        let site = dropout?.attentionSite(layer: layer)
        for sequence in layout.sequences[chunk.sequences] {
            let row = isLast ? sequence.pooledRows.lowerBound : sequence.tokens.lowerBound
            attention(sequence, saved: saved).forward(
                dropout: site, firstRow: row, into: saved.context.pointer + row * C, stride: C,
                scratch: workspace.attention)
        }
    }

    /// Gradients of a chunk from the block's output, `dout` [rows, C], to its input, `din` [M, C]; they may be the same
    /// memory when they have the same rows. Leaves in `flow` what the weight gradients need.
    func backward(
        _ layout: BatchLayout, _ index: Int, saved: SavedActivations, flow: GradientFlow, dropout: DropoutSites?,
        workspace: TrainingWorkspace, dout: UnsafePointer<Float>, din: UnsafeMutablePointer<Float>?
    ) {
        let C = configuration.hiddenSize, I = configuration.intermediateSize, chunk = layout.chunks[index]
        let r0 = rows(chunk).lowerBound, rows = rows(chunk).count, partial = flow.norms.pointer + index * 4 * C
        let allRows = isLast ? layout.pooledCount : layout.tokenCount
        let residual = workspace.residual.pointer, states = workspace.states.pointer

        outputNorm.backward(
            dout + r0 * C, sums: saved.outputSums.pointer + r0 * C,
            statistics: saved.outputStatistics.pointer + r0 * 2, rows: rows, into: residual, partial: partial)
        adapter?.backward(
            residual, norm: outputNorm, r0: r0, rows: rows, allRows: allRows, saved: saved, flow: flow,
            workspace: workspace, needsInput: din != nil)
        guard let din else { return }

        let dOutput = flow.output.pointer + r0 * C, dWide = flow.wide.pointer + r0 * I
        dOutput.update(from: residual, count: rows * C)
        dropout?.apply(layer: layer, .output, dOutput, firstRow: r0, rows: rows, columns: C)
        output.inputGradient(
            dOutput, rows: rows, into: workspace.wide.pointer, accumulate: false, scratch: workspace.gemm)
        Activation.gelu.backward(
            saved.wide.pointer + r0 * I, gradient: workspace.wide.pointer, into: dWide, value: workspace.gelu.pointer,
            count: rows * I)
        pack(workspace.gelu.pointer, r0, rows, allRows, into: flow.packedWide)
        intermediate.inputGradient(dWide, rows: rows, into: residual, accumulate: true, scratch: workspace.gemm)
        pack(saved.attended.pointer + r0 * C, r0, rows, allRows, into: flow.packedAttended)

        attentionNorm.backward(
            residual, sums: saved.attentionSums.pointer + r0 * C,
            statistics: saved.attentionStatistics.pointer + r0 * 2, rows: rows, into: residual, partial: partial + 2 * C)
        let dAttention = flow.attentionOutput.pointer + r0 * C
        dAttention.update(from: residual, count: rows * C)
        dropout?.apply(layer: layer, .attentionOutput, dAttention, firstRow: r0, rows: rows, columns: C)
        attentionOutput.inputGradient(
            dAttention, rows: rows, into: states, accumulate: false, scratch: workspace.gemm)
        pack(saved.context.pointer + r0 * C, r0, rows, allRows, into: flow.packedContext)
        attendBackward(layout, chunk, saved: saved, flow: flow, dropout: dropout, workspace: workspace)
        inputGradient(layout, chunk, saved: saved, flow: flow, workspace: workspace, din: din)
    }

    /// Gradients of queries, keys and values from those of the context, in the workspace's states.
    private func attendBackward(
        _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, saved: SavedActivations, flow: GradientFlow,
        dropout: DropoutSites?, workspace: TrainingWorkspace
    ) {
        let C = configuration.hiddenSize, r0 = rows(chunk).lowerBound
        let site = dropout?.attentionSite(layer: layer)
        for sequence in layout.sequences[chunk.sequences] {
            let row = isLast ? sequence.pooledRows.lowerBound : sequence.tokens.lowerBound
            let dKey = flow.keyValue.pointer + sequence.tokens.lowerBound * 2 * C
            attention(sequence, saved: saved).backward(
                workspace.states.pointer + (row - r0) * C, stride: C, dropout: site, firstRow: row,
                query: flow.query.pointer + row * C, queryStride: C, key: dKey, value: dKey + C, keyValueStride: 2 * C,
                scratch: workspace.attention)
        }
    }

    /// din = residual + dQ Wq + dKV Wkv, the first two for the rows that went on.
    private func inputGradient(
        _ layout: BatchLayout, _ chunk: BatchLayout.Chunk, saved: SavedActivations, flow: GradientFlow,
        workspace: TrainingWorkspace, din: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize, m0 = chunk.tokens.lowerBound, tokens = chunk.tokens.count
        let r0 = rows(chunk).lowerBound, rows = rows(chunk).count, residual = workspace.residual.pointer
        let dQuery = flow.query.pointer + r0 * C, dKeyValue = flow.keyValue.pointer + m0 * 2 * C, target = din + m0 * C
        query.inputGradient(dQuery, rows: rows, into: residual, accumulate: true, scratch: workspace.gemm)
        if isLast {
            keyValue.inputGradient(dKeyValue, rows: tokens, into: target, accumulate: false, scratch: workspace.gemm)
            for sequence in layout.sequences[chunk.sequences] {
                Vectors.add(
                    residual + (sequence.pooledRows.lowerBound - r0) * C, to: din + sequence.pooled.lowerBound * C,
                    count: sequence.pooled.count * C)
            }
            let gathered = self.residual(layout, chunk, saved: saved, workspace: workspace)
            pack(gathered, r0, rows, layout.pooledCount, into: flow.packedQueryInput)
        } else {
            keyValue.inputGradient(dKeyValue, rows: tokens, into: residual, accumulate: true, scratch: workspace.gemm)
            target.update(from: residual, count: tokens * C)
        }
        pack(saved.input.pointer + m0 * C, m0, tokens, layout.tokenCount, into: flow.packedInput)
    }

    private func pack(
        _ x: UnsafePointer<Float>, _ first: Int, _ rows: Int, _ allRows: Int, into packed: PackedMatrix
    ) {
        if trainsBase { packed.pack(x, first..<(first + rows), depth: allRows) }
    }

    /// Tasks of `weightGradient`.
    var weightTaskCount: Int {
        (trainsBase ? 1 + linears.reduce(0) { $0 + $1.taskCount } : 0)
            + (adapter.map { $0.up.taskCount + $0.down.taskCount } ?? 0)
    }

    /// One part of the block's weight gradients, over all rows of the batch.
    func weightGradient(
        task: Int, _ layout: BatchLayout, flow: GradientFlow, accumulate: Bool, scratch: FloatBuffer
    ) {
        let M = layout.tokenCount, rows = isLast ? layout.pooledCount : M, C = configuration.hiddenSize
        var work: [(TrainableLinear, dy: FloatBuffer, input: PackedMatrix, rows: Int)] = []
        if trainsBase {
            work = [
                (output, flow.output, flow.packedWide, rows),
                (intermediate, flow.wide, flow.packedAttended, rows),
                (keyValue, flow.keyValue, flow.packedInput, M),
                (query, flow.query, isLast ? flow.packedQueryInput : flow.packedInput, rows),
                (attentionOutput, flow.attentionOutput, flow.packedContext, rows),
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
                    task: task, dy.pointer, packedInput: input, rows: rows, accumulate: accumulate,
                    scratch: scratch)
                return
            }
            task -= linear.taskCount
        }
        for (index, norm) in norms.enumerated() {
            norm.addGradients(
                flow.norms.pointer + index * 2 * C, stride: 4 * C, chunks: layout.chunks.count, accumulate: accumulate)
        }
    }

    /// The same weights for inference; shares the memory.
    var shared: TransformerBlock {
        TransformerBlock(
            configuration: configuration,
            parts: .init(
                query: query.shared, keyValue: keyValue.shared, attentionOutput: attentionOutput.shared,
                intermediate: intermediate.shared, output: output.shared, attentionNorm: attentionNorm.shared,
                outputNorm: outputNorm.shared, adapter: adapter?.shared))
    }
}
