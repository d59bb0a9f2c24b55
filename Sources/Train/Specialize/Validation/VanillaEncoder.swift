import Encoder
import Evaluation

/// The unspecialised checkpoint as a source of word vectors, for runs whose trained model begins with adapters in it.
final class VanillaEncoder: WordVectorSource {
    private let encoder: TransformerEncoder
    private let threads: Int
    private static let sequencesAtOnce = 64

    /// - Throws: `CheckpointError`.
    init(_ checkpoint: Checkpoint, threads: Int) throws {
        encoder = try TransformerEncoder(checkpoint)
        self.threads = threads
    }

    var dimension: Int { encoder.configuration.hiddenSize }

    /// What one thread owns.
    private final class Worker: @unchecked Sendable {
        let workspace = TransformerEncoder.Workspace()
    }

    /// Where threads write, each to places of its own.
    private struct Output: @unchecked Sendable {
        let pointer: UnsafeMutablePointer<Float>
    }

    func encode(_ batch: [TokenSequence], into vectors: UnsafeMutablePointer<Float>) {
        let output = Output(pointer: vectors), encoder = encoder
        let layer = encoder.configuration.layerCount, C = dimension
        let pieces = (batch.count + Self.sequencesAtOnce - 1) / Self.sequencesAtOnce
        // The body throws nothing.
        _ = try? WorkShare.forEach(pieces: pieces, threads: threads, makeState: { Worker() }) { piece, worker in
            let first = piece * Self.sequencesAtOnce
            let part = Array(batch[first..<min(first + Self.sequencesAtOnce, batch.count)])
            encoder.encode(part, layers: [layer], workspace: worker.workspace, into: output.pointer + first * C)
        }
    }
}
