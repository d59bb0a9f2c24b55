import Encoder
import Fingerprinting
import Store

/// The forward pass as the job sees it: made once per run, one worker per thread.
protocol SequenceEncoding: Sendable {
    func makeWorker() -> any SequenceEncodingWorker
    /// Floating-point operations of one sequence of this many tokens: the weight of progress.
    func operations(length: Int, upToLayer layer: Int) -> Double
}

/// Buffers of one thread.
protocol SequenceEncodingWorker {
    /// - Parameter output: [layers.count, batch.count, C] float32, pooled, not normalised.
    func encode(_ batch: [TokenSequence], layers: [Int], into output: UnsafeMutablePointer<Float>)
}

/// A checkpoint as the job sees it: what it is now, and how to get its tokenizer and encoder when there is work.
struct EncodingModel {
    let record: CheckpointRecord
    let maximumLength: Int
    let makeTokenizer: () throws -> any Tokenizer
    /// - Parameter highestLayer: blocks above it are never computed.
    let makeEncoder: (_ highestLayer: Int) throws -> any SequenceEncoding
}

extension EncodingModel {
    /// Opens a checkpoint folder: reads its configuration and fingerprints its files; weights are not packed yet.
    /// - Throws: `CheckpointError`, `SystemFault`.
    init(name: String, folder: String) throws {
        let checkpoint = try Checkpoint(folder: folder)
        let configuration = checkpoint.configuration
        record = CheckpointRecord(
            name: name, fingerprint: checkpoint.fingerprint, source: AbsolutePath.of(folder),
            architecture: configuration.architecture.rawValue, hiddenSize: configuration.hiddenSize,
            layerCount: configuration.layerCount, vocabularySize: configuration.vocabularySize,
            training: try checkpoint.training())
        maximumLength = configuration.maximumLength
        makeTokenizer = { try checkpoint.tokenizer() }
        makeEncoder = { TransformerEncoding(encoder: try TransformerEncoder(checkpoint, highestLayer: $0)) }
    }
}

/// The real forward pass.
struct TransformerEncoding: SequenceEncoding {
    let encoder: TransformerEncoder

    func makeWorker() -> any SequenceEncodingWorker { Worker(encoder: encoder) }

    func operations(length: Int, upToLayer layer: Int) -> Double {
        encoder.floatingPointOperations(lengths: CollectionOfOne(length), upToLayer: layer)
    }

    private final class Worker: SequenceEncodingWorker {
        private let encoder: TransformerEncoder
        private let workspace = TransformerEncoder.Workspace()

        init(encoder: TransformerEncoder) { self.encoder = encoder }

        func encode(_ batch: [TokenSequence], layers: [Int], into output: UnsafeMutablePointer<Float>) {
            encoder.encode(batch, layers: layers, workspace: workspace, into: output)
        }
    }
}
