import Encoder
import Fingerprinting
import Store
import Synchronization

/// The models of the checkpoints asked last, for a program that answers many questions.
package final class EncoderCache: ModelSource {
    private struct Entry {
        let fingerprint: Fingerprint
        let folder: String
        let pooling: [String: String]?
        let encoder: TextEncoder
    }

    private struct Tokenizing {
        let fingerprint: Fingerprint
        let folder: String
        let tokenizer: any Tokenizer
    }

    /// Most recent last.
    private let entries = Mutex<[Entry]>([])
    private let tokenizers = Mutex<[Tokenizing]>([])
    private let capacity: Int

    /// - Parameter capacity: how many models stay in memory.
    package init(capacity: Int = 2) { self.capacity = capacity }

    /// The encoder of a checkpoint, with all its layers. Of several that ask at once for one that is not there, one
    /// loads it and the others wait.
    /// - Parameter pooling: of the stored vectors that texts will be compared with.
    /// - Throws: as `TextEncoder.init`.
    package func encoder(_ record: CheckpointRecord, pooling: [String: String]?) throws -> TextEncoder {
        try entries.withLock { entries in
            let found = entries.firstIndex {
                $0.fingerprint == record.fingerprint && $0.folder == record.source && $0.pooling == pooling
            }
            let entry =
                try found.map { entries.remove(at: $0) }
                ?? Entry(
                    fingerprint: record.fingerprint, folder: record.source, pooling: pooling,
                    encoder: TextEncoder(record, highestLayer: record.layerCount, pooling: pooling))
            entries.append(entry)
            if entries.count > capacity { entries.removeFirst() }
            return entry.encoder
        }
    }

    /// The same, with all layers whatever the highest is.
    package func encoder(
        _ record: CheckpointRecord, highestLayer: Int, pooling: [String: String]?
    ) throws -> TextEncoder { try encoder(record, pooling: pooling) }

    /// The tokenizer of a checkpoint; loads no weights.
    package func tokenizer(_ record: CheckpointRecord) throws -> any Tokenizer {
        try tokenizers.withLock { tokenizers in
            let found = tokenizers.firstIndex { $0.fingerprint == record.fingerprint && $0.folder == record.source }
            let entry =
                try found.map { tokenizers.remove(at: $0) }
                ?? Tokenizing(
                    fingerprint: record.fingerprint, folder: record.source,
                    tokenizer: record.opened().tokenizer())
            tokenizers.append(entry)
            if tokenizers.count > capacity { tokenizers.removeFirst() }
            return entry.tokenizer
        }
    }
}
