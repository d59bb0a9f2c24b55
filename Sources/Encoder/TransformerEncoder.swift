import Kernels
import Parallelism
import Synchronization

/// The forward pass: pooled vectors of any layers for a batch of token sequences.
///
/// Weights are packed once and shared; each worker thread has its own `Workspace`. Sequences are laid end to end, so no
/// padding enters a matrix product, and every kernel sums in an order that depends on the sequence alone: the vector of a
/// sequence is bitwise independent of the rest of the batch.
package final class TransformerEncoder: Sendable {
    /// Tokens computed together: enough to amortise streaming the weights, few enough to stay in the caches.
    package static let tokensPerPass = 384

    package let configuration: TransformerConfiguration
    private let embeddings: Embeddings
    private let blocks: [TransformerBlock]

    /// Reads and packs the weights up to `highestLayer` (all by default): about 4 bytes a parameter beside the mapping,
    /// whose pages are given back.
    /// - Throws: `CheckpointError` naming the tensor at fault (NaN weights among them).
    package init(_ checkpoint: Checkpoint, highestLayer: Int? = nil) throws {
        configuration = checkpoint.configuration
        let tensors = checkpoint.tensors
        embeddings = try Embeddings(tensors, configuration: checkpoint.configuration)
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
        let results = Mutex([Result<TransformerBlock, any Error>?](repeating: nil, count: count))
        Parallel.perform(count) { layer in
            let result = Result {
                try TransformerBlock(tensors, layer: layer, configuration: configuration, adapter: adapter)
            }
            results.withLock { $0[layer] = result }
        }
        // The lowest block at fault is the one reported, whatever order they finished in.
        return try results.withLock { $0.compactMap { $0 } }.map { try $0.get() }
    }

    /// Buffers of one worker; grows to the largest pass it has seen. Not to be shared between threads.
    package final class Workspace {
        let hidden = FloatBuffer()
        let gathered = FloatBuffer()
        let query = FloatBuffer()
        let keyValue = FloatBuffer()
        let context = FloatBuffer()
        let attended = FloatBuffer()
        let intermediate = FloatBuffer()
        let attention = FloatBuffer()
        let adapterStates = FloatBuffer()
        let adapterHidden = FloatBuffer()
        let gemm = PackedMatrix.makeScratch()

        package init() {}

        func reserve(tokens M: Int, longest T: Int, configuration: TransformerConfiguration) {
            let C = configuration.hiddenSize
            for buffer in [hidden, gathered, query, context, attended] { buffer.reserve(M * C) }
            keyValue.reserve(M * 2 * C)
            intermediate.reserve(M * configuration.intermediateSize)
            attention.reserve(
                SelfAttention.scratchCount(length: T, headSize: C / configuration.headCount))
        }
    }

    /// Floating-point operations (multiplications and additions of matrix products and attention) of encoding sequences
    /// of these lengths up to `layer`, pooled over all but two tokens each; specials count, padding does not exist.
    package func floatingPointOperations(lengths: some Sequence<Int>, upToLayer layer: Int) -> Double {
        guard layer > 0 else { return 0 }
        let C = Double(configuration.hiddenSize), I = Double(configuration.intermediateSize)
        var total = 0.0
        for length in lengths {
            let T = Double(length), pooled = Double(max(length - 2, 1))
            let keyValue = 4 * C * C * T
            func rest(_ rows: Double) -> Double { rows * (4 * C * C + 4 * C * I) + 4 * C * rows * T }
            total += Double(layer - 1) * (keyValue + rest(T)) + keyValue + rest(pooled)
        }
        return total
    }

    /// Encodes a batch on the calling thread.
    /// - Parameters:
    ///   - batch: B sequences, each at most `configuration.maximumLength` long; neighbours of similar length are not
    ///     needed, there is no padding.
    ///   - layers: ascending layer numbers, 0 … L.
    ///   - output: [layers.count, B, C] float32, pooled, not normalised.
    package func encode(
        _ batch: [TokenSequence], layers: [Int], workspace: Workspace, into output: UnsafeMutablePointer<Float>
    ) {
        precondition(layers.allSatisfy { (0...blocks.count).contains($0) }, "layers \(layers) of \(blocks.count)")
        precondition(zip(layers, layers.dropFirst()).allSatisfy { $0 < $1 }, "layers \(layers) are not ascending")
        var start = 0
        while start < batch.count {
            var end = start, tokens = 0
            while end < batch.count, end == start || tokens + batch[end].ids.count <= Self.tokensPerPass {
                tokens += batch[end].ids.count
                end += 1
            }
            pass(batch, start..<end, tokens: tokens, layers: layers, workspace: workspace, into: output)
            start = end
        }
    }

    /// One pass over the sequences `range` of the batch.
    private func pass(
        _ batch: [TokenSequence], _ range: Range<Int>, tokens: Int, layers: [Int], workspace: Workspace,
        into output: UnsafeMutablePointer<Float>
    ) {
        let C = configuration.hiddenSize
        guard let last = layers.last else { return }
        let longest = batch[range].reduce(0) { max($0, $1.ids.count) }
        precondition(longest <= configuration.maximumLength, "a sequence of \(longest) tokens has no positions")
        workspace.reserve(tokens: tokens, longest: longest, configuration: configuration)

        var segments: [Segment] = []
        segments.reserveCapacity(range.count)
        var offset = 0
        for sequence in batch[range] {
            embeddings.apply(sequence, into: workspace.hidden.pointer + offset * C)
            segments.append(
                Segment(
                    tokens: offset..<(offset + sequence.ids.count),
                    pooled: (offset + sequence.pooled.lowerBound)..<(offset + sequence.pooled.upperBound)))
            offset += sequence.ids.count
        }

        var next = 0
        for layer in 0...last {
            if layer > 0 { blocks[layer - 1].apply(segments, workspace: workspace, pooledOnly: layer == last) }
            guard layers[next] == layer else { continue }
            let compact = layer == last && layer > 0
            var row = 0
            for (index, segment) in segments.enumerated() {
                let from = compact ? row : segment.pooled.lowerBound
                let vector = output + (next * batch.count + range.lowerBound + index) * C
                Vectors.meanRows(
                    workspace.hidden.pointer + from * C, rows: segment.pooled.count, columns: C, into: vector)
                row += segment.pooled.count
            }
            next += 1
        }
    }
}
