import Kernels
import Parallelism

/// A transformer on this machine's processor.
///
/// Weights are packed once and shared; each worker has its own buffers. Sequences are laid end to end, so no padding
/// enters a matrix product, and every kernel sums in an order that depends on the sequence alone: the vector of a
/// sequence is bitwise independent of the rest of the batch.
package final class CPUEngine: EncodingEngine {
    package let configuration: TransformerConfiguration
    private let embeddings: Embeddings
    private let blocks: [TransformerBlock]

    /// What it computes in, that of the kernels on the calling thread.
    static var arithmetic: String { Arithmetic.inUse }
    static let precision = "float32"

    package var dimension: Int { configuration.hiddenSize }
    package var layerCount: Int { configuration.layerCount }
    package var maximumLength: Int { configuration.maximumLength }

    /// Reads and packs the weights up to `highestLayer` (all by default): about 4 bytes a parameter beside the mapping,
    /// whose pages are given back.
    /// - Throws: `CheckpointError` naming the tensor at fault (NaN weights among them).
    package init(_ checkpoint: Checkpoint, highestLayer: Int? = nil) throws {
        configuration = checkpoint.configuration
        let tensors = checkpoint.tensors
        embeddings = try Embeddings(tensors, configuration: checkpoint.configuration, use: .inference)
        checkpoint.tensors.releasePages()
        blocks = try Self.packedBlocks(
            tensors, count: min(highestLayer ?? configuration.layerCount, configuration.layerCount),
            configuration: checkpoint.configuration, adapter: checkpoint.adapter)
        tensors.releasePages()
    }

    /// Over weights that somebody else owns and may change between two passes.
    init(configuration: TransformerConfiguration, embeddings: Embeddings, blocks: [TransformerBlock]) {
        self.configuration = configuration
        self.embeddings = embeddings
        self.blocks = blocks
    }

    /// Reads and packs blocks on all cores; a command that encodes one word spends most of its time here.
    private static func packedBlocks(
        _ tensors: CheckpointTensors, count: Int, configuration: TransformerConfiguration, adapter: AdapterFolder?
    ) throws -> [TransformerBlock] {
        let positions = try AttentionPositions(tensors, configuration: configuration)
        return try Parallel.map(count, threads: count) { layer in
            let block = TransformerBlock(
                layer: layer, configuration: configuration, positions: positions, use: .inference,
                adapter: try adapter?.adapter(layer: layer, configuration: configuration))
            try block.read(tensors)
            return block
        }
    }

    package func operations(length: Int, upToLayer layer: Int) -> Double {
        // Multiplications and additions of matrix products and attention, pooled over all but the two special tokens.
        guard layer > 0 else { return 0 }
        let C = Double(configuration.hiddenSize), T = Double(length), pooled = Double(max(length - 2, 1))
        let feedForward = 2 * C * Double(configuration.wideSize + configuration.intermediateSize)
        let keyValue = 4 * C * C * T
        func rest(_ rows: Double, _ layer: Int) -> Double {
            let seen = configuration.reach[layer].window.map { min(T, Double(2 * $0 + 1)) } ?? T
            return rows * (4 * C * C + feedForward) + 4 * C * rows * seen
        }
        return (0..<layer).reduce(0) { $0 + keyValue + rest($1 == layer - 1 ? pooled : T, $1) }
    }

    package func makeWorker() -> any EncodingWorker { Worker(engine: self) }

    /// Buffers of one thread.
    private final class Worker: EncodingWorker {
        private let engine: CPUEngine
        fileprivate let activations = BlockActivations(isForTraining: false)
        fileprivate let workspace = Workspace()

        init(engine: CPUEngine) { self.engine = engine }

        /// Pass by pass of as many tokens as belong together.
        func encode(_ batch: [TokenSequence], layers: [Int], into output: UnsafeMutablePointer<Float>) {
            let L = engine.blocks.count
            precondition(layers.allSatisfy { (0...L).contains($0) }, "layers \(layers) of \(L)")
            precondition(zip(layers, layers.dropFirst()).allSatisfy { $0 < $1 }, "layers \(layers) are not ascending")
            for range in BatchPlanner().neighbours(lengths: batch.map(\.ids.count)) {
                engine.pass(batch, range, layers: layers, worker: self, into: output)
            }
        }
    }

    /// One pass over the sequences `range` of the batch.
    private func pass(
        _ batch: [TokenSequence], _ range: Range<Int>, layers: [Int], worker: Worker,
        into output: UnsafeMutablePointer<Float>
    ) {
        guard let last = layers.last else { return }
        let C = configuration.hiddenSize, layout = BatchLayout(batch[range], isOneChunk: true)
        let activations = worker.activations, hidden = reserve(layout, worker: worker)
        for (sequence, place) in zip(batch[range], layout.sequences) {
            embeddings.forward(sequence, into: hidden + place.tokens.lowerBound * C)
        }
        var next = 0
        for layer in 0...last {
            // The last layer asked for computes pooled rows alone, which then lie end to end.
            let pooledOnly = layer == last && layer > 0
            if layer > 0 {
                for chunk in layout.chunks {
                    blocks[layer - 1].forward(
                        layout, chunk, pooledOnly: pooledOnly, activations: activations, dropout: nil,
                        workspace: worker.workspace, into: hidden)
                }
            }
            guard layers[next] == layer else { continue }
            for (index, sequence) in layout.sequences.enumerated() {
                let rows = pooledOnly ? sequence.pooledRows : sequence.pooled
                let vector = output + (next * batch.count + range.lowerBound + index) * C
                batch[range.lowerBound + index].pool(hidden + rows.lowerBound * C, columns: C, into: vector)
            }
            next += 1
        }
    }

    /// - Returns: where the hidden states are, [M, C].
    private func reserve(_ layout: BatchLayout, worker: Worker) -> UnsafeMutablePointer<Float> {
        precondition(
            layout.longest <= configuration.maximumLength, "a sequence of \(layout.longest) tokens has no positions")
        worker.activations.reserve(
            tokens: layout.tokenCount, rows: layout.tokenCount, adapterWidth: blocks.first?.adapter?.width,
            configuration: configuration)
        worker.workspace.reserve(
            rows: layout.tokenCount, longest: layout.longest, configuration: configuration, isForTraining: false)
        return worker.activations.input.pointer
    }
}
