import Store

/// Encodes queries that are not stored: loads the checkpoint's model when the first is met, and again only when a
/// higher layer is wanted than has been so far.
///
/// Several translators of one checkpoint share one; a batch that the next translator asks about at the same layer is
/// not encoded twice.
package final class QueryEncoder {
    private let record: CheckpointRecord
    private let keepsModel: Bool
    private var loaded: (encoder: TextEncoder, highestLayer: Int, pooling: [String: String]?)?
    private var last: (words: [String], layer: Int, pooling: [String: String]?, vectors: EncodedTexts)?

    private let load: (CheckpointRecord, _ highestLayer: Int, _ pooling: [String: String]?) throws -> TextEncoder

    /// - Parameters:
    ///   - keepsModel: whether the model is kept for the next words; false where `load` does that.
    ///   - load: gives the model; another than the default one where models outlive a question.
    package init(
        _ record: CheckpointRecord, keepsModel: Bool = true,
        load: @escaping (CheckpointRecord, _ highestLayer: Int, _ pooling: [String: String]?) throws -> TextEncoder = {
            try TextEncoder($0, highestLayer: $1, pooling: $2)
        }
    ) {
        self.record = record
        self.keepsModel = keepsModel
        self.load = load
    }

    /// - Parameter pooling: of the stored vectors that these are compared with.
    /// - Throws: see `TextEncoder.init`.
    func encode(
        _ words: [String], layer: Int, pooling: [String: String]?, threads: Int
    ) throws -> EncodedTexts {
        if let last, last.layer == layer, last.pooling == pooling, Self.areSame(last.words, words) {
            return last.vectors
        }
        let encoder: TextEncoder
        if let loaded, loaded.highestLayer >= layer, loaded.pooling == pooling {
            encoder = loaded.encoder
        } else {
            encoder = try load(record, layer, pooling)
            if keepsModel { loaded = (encoder, layer, pooling) }
        }
        let vectors = try encoder.encode(words.map { Array($0.utf8) }, layers: [layer], threads: threads)
        last = (words, layer, pooling, vectors)
        return vectors
    }

    private static func areSame(_ first: [String], _ second: [String]) -> Bool {
        first.count == second.count && zip(first, second).allSatisfy { $0.utf8.elementsEqual($1.utf8) }
    }
}
