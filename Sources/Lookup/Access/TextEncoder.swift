import Encoder
import Kernels
import Store

/// Encodes texts that are not stored, with the checkpoint the store was built from.
///
/// Loads tokenizer and weights when made: make one only when something is missing from the store.
package final class TextEncoder: Sendable {
    private let name: String
    private let engine: any EncodingEngine
    private let sequences: TextSequences

    /// - Parameters:
    ///   - highestLayer: the last layer that will be asked for; no weights above it are read.
    ///   - pooling: of the stored vectors that these will be compared with (`CollectionRecord.pooling`).
    /// - Throws: `CheckpointError` or `TokenizerError` when the folder is not usable any more,
    ///   `LookupError.checkpointChanged` when it holds another checkpoint, `.denseChanged`, `.unknownPooling`.
    package init(_ record: CheckpointRecord, highestLayer: Int, pooling: [String: String]?) throws {
        let convention = try pooling.map { try Self.convention($0, of: record) }
        let checkpoint = try record.opened()
        name = record.name
        let tokenizer = try checkpoint.tokenizer()
        engine = try checkpoint.engine(highestLayer: highestLayer, dense: convention?.dense)
        sequences = TextSequences(tokenizer, convention: convention, maximumLength: engine.maximumLength)
    }

    private static func convention(
        _ fields: [String: String], of record: CheckpointRecord
    ) throws -> SentenceConvention {
        var dense: DenseModules?
        if SentenceConvention.hasDense(fields) {
            dense = try SentenceConvention.read(folder: Checkpoint.sourceFolder(of: record.source)).dense
            guard let dense, dense.fingerprint.hex == fields["dense"] else {
                throw LookupError.denseChanged(
                    name: record.name, folder: record.source, expected: SentenceConvention.text(fields),
                    found: dense.map { "Dense \($0.fingerprint.short)" } ?? "no Dense")
            }
        }
        guard let convention = SentenceConvention(fields: fields, dense: dense) else {
            throw LookupError.unknownPooling(checkpoint: record.name, pooling: SentenceConvention.text(fields))
        }
        return convention
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
        var found: [(text: Int, sequence: TokenSequence)] = []
        for (index, text) in texts.enumerated() {
            switch text.withUnsafeBufferPointer({ sequences.sequence(utf8: $0) }) {
            case .sequence(let sequence, _): found.append((index, sequence))
            case .empty: missing[index] = "it tokenises to nothing"
            case .separatorInside: missing[index] = "it holds a separator token"
            }
        }
        let dimension = engine.dimension
        let output = EncodedTexts(layers: layers, missing: missing, dimension: dimension)
        try ParallelEncoder(engine, threads: threads).encode(found.map(\.sequence), layers: layers) {
            batch, vectors in
            for layer in layers.indices {
                for (place, position) in batch.enumerated() {
                    output.set(
                        layer: layer, text: found[position].text,
                        from: vectors + (layer * batch.count + place) * dimension)
                }
            }
            try progress(batch.count)
        }
        return output
    }
}

extension CheckpointRecord {
    /// The folder the store was built from, when it holds the same checkpoint still.
    /// - Throws: `CheckpointError`; `LookupError.checkpointChanged`.
    func opened() throws -> Checkpoint {
        let checkpoint = try Checkpoint(folder: source)
        guard checkpoint.fingerprint == fingerprint else {
            throw LookupError.checkpointChanged(
                name: name, folder: source, expected: fingerprint.short, found: checkpoint.fingerprint.short)
        }
        return checkpoint
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
    private let buffers: [FloatBuffer]

    fileprivate init(layers: [Int], missing: [String?], dimension: Int) {
        self.layers = layers
        self.missing = missing
        self.dimension = dimension
        buffers = layers.map { _ in FloatBuffer(count: missing.count * dimension) }
    }

    /// C values of a text that has a vector; `layer` is a position in `layers`.
    package func row(layer: Int, text: Int) -> UnsafePointer<Float> {
        precondition(missing[text] == nil, "text \(text) has no vector")
        return UnsafePointer(buffers[layer].pointer + text * dimension)
    }

    fileprivate func set(layer: Int, text: Int, from row: UnsafePointer<Float>) {
        (buffers[layer].pointer + text * dimension).update(from: row, count: dimension)
    }
}
