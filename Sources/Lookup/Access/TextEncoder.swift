import Encoder
import Evaluation
import Store

/// Encodes texts that are not stored, with the checkpoint the store was built from.
///
/// Loads tokenizer and weights when made: make one only when something is missing from the store.
package final class TextEncoder: Sendable {
    private let name: String
    private let tokenizer: any Tokenizer
    private let encoder: TransformerEncoder

    /// - Parameter highestLayer: the last layer that will be asked for; no weights above it are read.
    /// - Throws: `CheckpointError` or `TokenizerError` when the folder is not usable any more,
    ///   `LookupError.checkpointChanged` when it holds another checkpoint.
    package init(_ record: CheckpointRecord, highestLayer: Int) throws {
        let checkpoint = try Checkpoint(folder: record.source)
        guard checkpoint.fingerprint == record.fingerprint else {
            throw LookupError.checkpointChanged(
                name: record.name, folder: record.source, expected: record.fingerprint.short,
                found: checkpoint.fingerprint.short)
        }
        name = record.name
        tokenizer = try checkpoint.tokenizer()
        encoder = try TransformerEncoder(checkpoint, highestLayer: highestLayer)
    }

    /// - Parameters:
    ///   - texts: UTF-8.
    ///   - layers: ascending.
    ///   - progress: called from worker threads with the number of texts done; an error it throws ends the work.
    package func encode(
        _ texts: [[UInt8]], layers: [Int], threads: Int,
        progress: @escaping @Sendable (_ texts: Int) throws -> Void = { _ in }
    ) throws -> EncodedTexts {
        var missing = [String?](repeating: nil, count: texts.count)
        var sequences: [(text: Int, sequence: TokenSequence)] = []
        for (index, text) in texts.enumerated() {
            let outcome = text.withUnsafeBufferPointer {
                SequenceBuilder.single(tokenizer, utf8: $0, maximumLength: encoder.configuration.maximumLength)
            }
            switch outcome {
            case .sequence(let sequence, _): sequences.append((index, sequence))
            case .empty: missing[index] = "it tokenises to nothing"
            case .separatorInside: missing[index] = "it holds a separator token"
            }
        }
        // Like lengths together: a batch is as long as its longest sequence's work. The result does not depend on it.
        let ordered = sequences.sorted { ($0.sequence.ids.count, $0.text) < ($1.sequence.ids.count, $1.text) }
        let batches = Self.batches(of: ordered)
        let dimension = encoder.configuration.hiddenSize
        let output = EncodedTexts(layers: layers, missing: missing, dimension: dimension)
        _ = try WorkShare.forEach(
            pieces: batches.count, threads: threads,
            makeState: { EncodingWorker() }
        ) { piece, worker in
            let batch = ordered[batches[piece]]
            let pooled = worker.pooled(count: layers.count * batch.count * dimension)
            encoder.encode(batch.map(\.sequence), layers: layers, workspace: worker.workspace, into: pooled)
            for layer in layers.indices {
                for (place, entry) in batch.enumerated() {
                    output.set(layer: layer, text: entry.text, from: pooled + (layer * batch.count + place) * dimension)
                }
            }
            try progress(batch.count)
        }
        return output
    }

    /// Ranges of as many tokens as the encoder likes together, or one sequence.
    private static func batches(of ordered: [(text: Int, sequence: TokenSequence)]) -> [Range<Int>] {
        var batches: [Range<Int>] = []
        var start = 0
        var tokens = 0
        for (index, entry) in ordered.enumerated() {
            if index > start, tokens + entry.sequence.ids.count > TransformerEncoder.tokensPerPass {
                batches.append(start..<index)
                (start, tokens) = (index, 0)
            }
            tokens += entry.sequence.ids.count
        }
        if start < ordered.count { batches.append(start..<ordered.count) }
        return batches
    }
}

/// Pooled vectors of texts at some layers, in memory, not normalised.
package final class EncodedTexts: @unchecked Sendable {
    /// Ascending.
    let layers: [Int]
    /// Why a text has no vector; nil for those that have one.
    package let missing: [String?]
    package let dimension: Int
    /// One [texts, C] buffer a layer. Threads of the encoder write rows of their own; nobody writes afterwards.
    private let buffers: [UnsafeMutablePointer<Float>]

    fileprivate init(layers: [Int], missing: [String?], dimension: Int) {
        self.layers = layers
        self.missing = missing
        self.dimension = dimension
        buffers = layers.map { _ in .allocate(capacity: max(missing.count * dimension, 1)) }
    }

    deinit { buffers.forEach { $0.deallocate() } }

    /// C values of a text that has a vector; `layer` is a position in `layers`.
    package func row(layer: Int, text: Int) -> UnsafePointer<Float> {
        precondition(missing[text] == nil, "text \(text) has no vector")
        return UnsafePointer(buffers[layer] + text * dimension)
    }

    fileprivate func set(layer: Int, text: Int, from row: UnsafePointer<Float>) {
        (buffers[layer] + text * dimension).update(from: row, count: dimension)
    }
}

/// Buffers of one encoding thread.
private final class EncodingWorker: @unchecked Sendable {
    let workspace = TransformerEncoder.Workspace()
    private var buffer = UnsafeMutableBufferPointer<Float>.allocate(capacity: 1 << 16)

    deinit { buffer.deallocate() }

    /// Room for `count` values; what it held before is lost.
    func pooled(count: Int) -> UnsafeMutablePointer<Float> {
        if count > buffer.count {
            buffer.deallocate()
            buffer = .allocate(capacity: count)
        }
        // The buffer is never empty, so it has an address.
        return buffer.baseAddress.unsafelyUnwrapped
    }
}
