import Kernels
import Parallelism

/// What is trained.
package enum TrainingMethod: Hashable, Sendable {
    /// Every parameter of the encoder, embeddings included; what stands on top of it (a pooler) is not touched.
    case full
    /// Pfeiffer adapters (Pfeiffer et al. 2021, "AdapterFusion"): the checkpoint stays as it is, one bottleneck of
    /// C / reduction units after the feed-forward of every block is trained. `seed` draws the initial weights.
    case adapter(reduction: Int, seed: UInt64)
}

/// A transformer whose weights change: forward, backward, AdamW. Not for concurrent use; it uses `threads` threads
/// inside.
///
/// Every number is computed by one task, in an order that depends on the batch alone: results do not depend on the
/// number of threads or on which thread ran what.
package final class TrainableTransformer {
    package let configuration: TransformerConfiguration
    /// C
    package var dimension: Int { configuration.hiddenSize }
    package let method: TrainingMethod
    let checkpoint: Checkpoint
    let embeddings: Embeddings
    let blocks: [TransformerBlock]
    let threads: Int
    /// Evaluation-mode vectors with the current weights: the same bits whatever the batch, and those of the checkpoint
    /// that `writeCheckpoint` would write.
    package let encoder: ParallelEncoder

    private let activations: [BlockActivations]
    private let flows = (0..<BackwardSchedule.bufferCount).map { _ in GradientFlow() }
    private let workspaces: [Workspace]
    /// [R, C]: the last block's output, then its gradient.
    private let top = FloatBuffer()
    /// [M, C]: gradients of the blocks' inputs.
    private let gradients = FloatBuffer()
    /// The batch of the last forward.
    private var batch: [TokenSequence] = []
    private var layout = BatchLayout([])
    private var dropout: DropoutSites?
    /// The dense gradients' memory holds nothing of this round yet.
    private var gradientsAreEmpty = true

    /// Reads and packs the weights on all threads.
    /// - Throws: `CheckpointError` naming the tensor at fault.
    package init(_ checkpoint: Checkpoint, method: TrainingMethod, threads: Int) throws {
        let configuration = checkpoint.configuration, tensors = checkpoint.tensors
        guard configuration.architecture.isTrainable else {
            throw CheckpointError.untrainable(folder: checkpoint.folder, family: configuration.architecture.name)
        }
        guard checkpoint.adapter == nil else { throw CheckpointError.adapterOnAdapter(folder: checkpoint.folder) }
        if method == .full { try CheckpointFiles.requireCopyableTokenizer(checkpoint.folder) }
        var width: Int?
        if case .adapter(let reduction, _) = method {
            precondition(reduction > 0, "an adapter's reduction is at least 1")
            width = max(1, configuration.hiddenSize / reduction)
        }
        self.checkpoint = checkpoint
        self.configuration = configuration
        self.method = method
        let threads = max(1, threads)
        self.threads = threads
        let use: WeightUse = method == .full ? .trained : .frozen
        embeddings = try Embeddings(tensors, configuration: configuration, use: use)
        tensors.releasePages()
        let positions = try AttentionPositions(tensors, configuration: configuration)
        let blocks = (0..<configuration.layerCount).map { layer in
            TransformerBlock(
                layer: layer, configuration: configuration, positions: positions, use: use,
                adapter: width.map {
                    BottleneckAdapter(layer: layer, width: $0, configuration: configuration, use: .trained)
                })
        }
        self.blocks = blocks
        try Parallel.forEach(blocks.count, threads: threads) { _, layer in try blocks[layer].read(tensors) }
        if case .adapter(_, let seed) = method {
            for block in blocks { block.adapter?.initialize(layer: block.layer, seed: seed) }
        }
        tensors.releasePages()
        activations = blocks.map { _ in BlockActivations(isForTraining: true) }
        workspaces = (0..<threads).map { _ in Workspace() }
        encoder = ParallelEncoder(
            CPUEngine(configuration: configuration, embeddings: embeddings, blocks: blocks), threads: threads)
    }

    /// Last-layer vectors [B, C] of the batch, mean over each sequence's pooled tokens, not normalised; keeps what
    /// `backward` needs.
    /// - Parameter dropout: nil for none.
    package func forward(_ batch: [TokenSequence], dropout: DropoutKey?, into vectors: UnsafeMutablePointer<Float>) {
        let C = configuration.hiddenSize
        self.batch = batch
        self.dropout = DropoutSites(dropout, configuration: configuration)
        layout = BatchLayout(batch)
        guard !batch.isEmpty else { return }
        precondition(
            layout.longest <= configuration.maximumLength, "a sequence of \(layout.longest) tokens has no positions")
        reserve()
        let layout = layout, sites = self.dropout
        Parallel.forEach(layout.chunks.count, threads: threads) { worker, index in
            let chunk = layout.chunks[index]
            embeddings.forward(batch, layout, chunk, dropout: sites, into: activations[0].input.pointer)
            for (layer, block) in blocks.enumerated() {
                let isLast = isLast(block), out = isLast ? top.pointer : activations[layer + 1].input.pointer
                block.forward(
                    layout, chunk, pooledOnly: isLast, activations: activations[layer], dropout: sites,
                    workspace: workspaces[worker], into: out)
            }
            for sequence in chunk.sequences {
                let rows = layout.sequences[sequence].pooledRows
                Vectors.meanRows(
                    top.pointer + rows.lowerBound * C, rows: rows.count, columns: C, into: vectors + sequence * C)
            }
        }
    }

    /// The last block computes pooled rows alone.
    private func isLast(_ block: TransformerBlock) -> Bool { block.layer == blocks.count - 1 }

    private func reserve() {
        let C = configuration.hiddenSize, M = layout.tokenCount, R = layout.pooledCount
        let width = blocks[0].adapter?.width
        embeddings.prepare(batch, tokens: M)
        for (block, activations) in zip(blocks, activations) {
            activations.reserve(
                tokens: M, rows: isLast(block) ? R : M, adapterWidth: width, configuration: configuration)
        }
        for flow in flows {
            flow.reserve(
                tokens: M, rows: M, chunks: layout.chunks.count, adapterWidth: width, trainsBlocks: method == .full,
                configuration: configuration)
        }
        for workspace in workspaces {
            workspace.reserve(
                rows: layout.longestChunk, longest: layout.longest, configuration: configuration, isForTraining: true)
        }
        top.reserve(R * C)
        gradients.reserve(M * C)
    }

    /// Adds d loss / d parameter to the gradients for the last `forward`; vectorGradients [B, C] = d loss / d vectors.
    package func backward(_ vectorGradients: UnsafePointer<Float>) {
        guard !batch.isEmpty else { return }
        var weightTasks = blocks.reversed().map(\.weightTaskCount)
        if method == .full { weightTasks.append(1) }
        let schedule = BackwardSchedule(weightTasks: weightTasks, chunks: layout.chunks.count)
        Parallel.perform(threads) { worker in
            while let task = schedule.next() {
                switch task {
                case .flow(let level, let chunk):
                    if level == 0 { spread(vectorGradients, chunk) }
                    flow(level: level, chunk: chunk, workspace: workspaces[worker])
                case .weights(let level, let index):
                    weights(level: level, index: index, scratch: workspaces[worker].gemm)
                }
                schedule.finished(task)
            }
        }
        gradientsAreEmpty = false
    }

    /// Backward of pooling: each pooled row of the last block gets its share of the vector's gradient.
    private func spread(_ vectorGradients: UnsafePointer<Float>, _ chunk: Int) {
        let C = configuration.hiddenSize, top = top.pointer
        for index in layout.chunks[chunk].sequences {
            let rows = layout.sequences[index].pooledRows, share = 1 / Float(rows.count)
            let gradient = vectorGradients + index * C
            for row in rows {
                for i in 0..<C { top[row * C + i] = gradient[i] * share }
            }
        }
    }

    private func flow(level: Int, chunk: Int, workspace: Workspace) {
        let flow = flows[level % flows.count]
        guard level < blocks.count else {
            embeddings.backward(
                layout.chunks[chunk], dropout: dropout, gradients.pointer,
                partial: flow.norms.pointer + chunk * TransformerBlock.mostNorms * 2 * configuration.hiddenSize)
            return
        }
        let block = blocks[blocks.count - 1 - level]
        // Nothing below the lowest adapter is trained.
        let isNeeded = block.layer > 0 || method == .full
        block.backward(
            layout, chunk, pooledOnly: isLast(block), activations: activations[block.layer], flow: flow,
            dropout: dropout,
            workspace: workspace, dout: isLast(block) ? top.pointer : gradients.pointer,
            din: isNeeded ? gradients.pointer : nil)
    }

    private func weights(level: Int, index: Int, scratch: FloatBuffer) {
        let flow = flows[level % flows.count], accumulate = !gradientsAreEmpty
        guard level < blocks.count else {
            embeddings.norm.addGradients(
                flow.norms.pointer, stride: TransformerBlock.mostNorms * 2 * configuration.hiddenSize,
                chunks: layout.chunks.count,
                accumulate: accumulate)
            embeddings.addGradients(batch, gradients.pointer, accumulate: accumulate)
            return
        }
        let block = blocks[blocks.count - 1 - level]
        block.weightGradient(
            task: index, layout, pooledOnly: isLast(block), flow: flow, accumulate: accumulate, scratch: scratch)
    }

    package func zeroGradients() {
        gradientsAreEmpty = true
        embeddings.trainedWords?.zeroGradients()
    }

    /// Dense gradients are not cleared until somebody reads them before a backward pass overwrites them.
    func settleGradients() {
        guard gradientsAreEmpty else { return }
        for tensor in trainedTensors { tensor.zeroGradient() }
        gradientsAreEmpty = false
    }
}
