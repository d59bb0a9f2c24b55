import Encoder
import Evaluation

/// What validation needs of a model: last-layer vectors of words.
protocol WordVectorSource: AnyObject {
    /// C
    var dimension: Int { get }
    /// [batch.count, C], not normalised.
    func encode(_ batch: [TokenSequence], into vectors: UnsafeMutablePointer<Float>)
}

extension TrainableTransformer: WordVectorSource {
    var dimension: Int { configuration.hiddenSize }
}

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

/// A vocabulary's vectors under a model's present weights: one per distinct token sequence, a row for each word.
final class EncodedVocabulary: VectorRows, @unchecked Sendable {
    let name: String
    let rowCount: Int
    let dimension: Int
    private let sequenceOfRow: [UInt32]
    /// [distinct sequences, C]; written by `WordVectorSource.encode` before anybody reads, never after.
    let vectors: UnsafeMutablePointer<Float>

    init(_ vocabulary: ValidationVocabulary, dimension: Int) {
        name = "words of '\(vocabulary.language)'"
        rowCount = vocabulary.sequenceOfRow.count
        self.dimension = dimension
        sequenceOfRow = vocabulary.sequenceOfRow
        vectors = .allocate(capacity: max(1, vocabulary.sequences.count * dimension))
    }

    deinit { vectors.deallocate() }

    func decode(rows: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        for (i, row) in rows.enumerated() { copy(row, to: output + i * dimension) }
    }

    func decode(rows: [Int], into output: UnsafeMutablePointer<Float>) {
        for (i, row) in rows.enumerated() { copy(row, to: output + i * dimension) }
    }

    private func copy(_ row: Int, to output: UnsafeMutablePointer<Float>) {
        output.update(from: vectors + Int(sequenceOfRow[row]) * dimension, count: dimension)
    }
}
