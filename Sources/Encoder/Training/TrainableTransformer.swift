import Kernels
import Synchronization

/// A transformer whose weights change: forward, backward, AdamW. Not for concurrent use; it uses `threads` threads inside.
///
/// Every number is computed by one task, in an order that depends on the batch alone: results do not depend on the number
/// of threads or on which thread ran what.
package final class TrainableTransformer {
    package let configuration: TransformerConfiguration
    package let method: TrainingMethod
    let checkpoint: Checkpoint
    let embeddings: TrainableEmbeddings
    let blocks: [TrainableBlock]
    let crew: WorkerCrew

    private let saved: [SavedActivations]
    private let flows = (0..<BackwardSchedule.bufferCount).map { _ in GradientFlow() }
    private let workspaces: [TrainingWorkspace]
    private let encodingWorkspaces: [TransformerEncoder.Workspace]
    /// [R, C]: the last block's output, then its gradient.
    private let top = FloatBuffer()
    /// [M, C]: gradients of the blocks' inputs.
    private let gradients = FloatBuffer()
    private let encoder: TransformerEncoder
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
        let crew = WorkerCrew(threads: max(1, threads))
        self.crew = crew
        embeddings = try TrainableEmbeddings(tensors, configuration: configuration, trained: method == .full)
        tensors.releasePages()
        let blocks = (0..<configuration.layerCount).map {
            TrainableBlock(layer: $0, configuration: configuration, trainsBase: method == .full, adapterWidth: width)
        }
        self.blocks = blocks
        let failures = Mutex([(any Error)?](repeating: nil, count: blocks.count))
        crew.run(blocks.count) { _, layer in
            do {
                try blocks[layer].read(tensors)
            } catch {
                failures.withLock { $0[layer] = error }
            }
        }
        // The lowest block at fault is the one reported, whatever order they finished in.
        if let failure = failures.withLock({ $0.compactMap { $0 }.first }) { throw failure }
        if case .adapter(_, let seed) = method {
            for block in blocks { block.adapter?.initialize(layer: block.layer, seed: seed) }
        }
        tensors.releasePages()
        saved = blocks.map { _ in SavedActivations() }
        workspaces = (0..<crew.threads).map { _ in TrainingWorkspace() }
        encodingWorkspaces = (0..<crew.threads).map { _ in TransformerEncoder.Workspace() }
        encoder = TransformerEncoder(
            configuration: configuration, embeddings: embeddings.shared, blocks: blocks.map(\.shared))
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
        crew.run(layout.chunks.count) { worker, index in
            let chunk = layout.chunks[index]
            embeddings.forward(batch, layout, chunk, dropout: sites, into: saved[0].input.pointer)
            for (layer, block) in blocks.enumerated() {
                let out = block.isLast ? top.pointer : saved[layer + 1].input.pointer
                block.forward(
                    layout, chunk, saved: saved[layer], dropout: sites, workspace: workspaces[worker], into: out)
            }
            for sequence in chunk.sequences {
                let rows = layout.sequences[sequence].pooledRows
                Vectors.meanRows(
                    top.pointer + rows.lowerBound * C, rows: rows.count, columns: C, into: vectors + sequence * C)
            }
        }
    }

    private func reserve() {
        let C = configuration.hiddenSize, M = layout.tokenCount, R = layout.pooledCount
        let width = blocks[0].adapter?.width
        embeddings.prepare(batch, tokens: M)
        for (block, saved) in zip(blocks, saved) {
            saved.reserve(tokens: M, rows: block.isLast ? R : M, adapterWidth: width, configuration: configuration)
        }
        for flow in flows {
            flow.reserve(
                tokens: M, rows: M, chunks: layout.chunks.count, adapterWidth: width, trainsBlocks: method == .full,
                configuration: configuration)
        }
        for workspace in workspaces {
            workspace.reserve(rows: layout.longestChunk, longest: layout.longest, configuration: configuration)
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
        crew.runOnAll { worker in
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

    private func flow(level: Int, chunk: Int, workspace: TrainingWorkspace) {
        let flow = flows[level % flows.count]
        guard level < blocks.count else {
            embeddings.backward(
                layout.chunks[chunk], dropout: dropout, gradients.pointer,
                partial: flow.norms.pointer + chunk * 4 * configuration.hiddenSize)
            return
        }
        let block = blocks[blocks.count - 1 - level]
        // Nothing below the lowest adapter is trained.
        let isNeeded = block.layer > 0 || method == .full
        block.backward(
            layout, chunk, saved: saved[block.layer], flow: flow, dropout: dropout, workspace: workspace,
            dout: block.isLast ? top.pointer : gradients.pointer, din: isNeeded ? gradients.pointer : nil)
    }

    private func weights(level: Int, index: Int, scratch: FloatBuffer) {
        let flow = flows[level % flows.count], accumulate = !gradientsAreEmpty
        guard level < blocks.count else {
            embeddings.norm.addGradients(
                flow.norms.pointer, stride: 4 * configuration.hiddenSize, chunks: layout.chunks.count,
                accumulate: accumulate)
            embeddings.addGradients(batch, gradients.pointer, accumulate: accumulate)
            return
        }
        blocks[blocks.count - 1 - level].weightGradient(
            task: index, layout, flow: flow, accumulate: accumulate, scratch: scratch)
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

    /// Evaluation-mode last-layer vectors [B, C] with the current weights, not normalised; the same bits whatever the
    /// batch, and those `TransformerEncoder` gives for the checkpoint that `writeCheckpoint` would write.
    package func encode(_ batch: [TokenSequence], into vectors: UnsafeMutablePointer<Float>) {
        let C = configuration.hiddenSize, last = configuration.layerCount
        // Tasks of the encoder's own pass size; neighbours of any length.
        var passes: [Range<Int>] = [], start = 0, tokens = 0
        for index in batch.indices {
            let count = batch[index].ids.count
            if index > start && tokens + count > TransformerEncoder.tokensPerPass {
                passes.append(start..<index)
                start = index
                tokens = 0
            }
            tokens += count
        }
        if start < batch.count { passes.append(start..<batch.count) }
        crew.run(passes.count) { worker, pass in
            encoder.encode(
                Array(batch[passes[pass]]), layers: [last], workspace: encodingWorkspaces[worker],
                into: vectors + passes[pass].lowerBound * C)
        }
    }
}
