import Encoder
import Store

/// Where models and tokenizers of checkpoints come from, for what is not stored.
package protocol ModelSource: Sendable {
    /// - Parameters:
    ///   - highestLayer: the last layer that will be asked for.
    ///   - pooling: of the stored vectors that texts will be compared with.
    /// - Throws: as `TextEncoder.init`.
    func encoder(_ record: CheckpointRecord, highestLayer: Int, pooling: [String: String]?) throws -> TextEncoder

    /// - Throws: `CheckpointError` or `TokenizerError`, `LookupError.checkpointChanged`.
    func tokenizer(_ record: CheckpointRecord) throws -> any Tokenizer
}

/// Loads what is asked for, for a program that asks once.
package struct LoadedModels: ModelSource {
    package init() {}

    package func encoder(
        _ record: CheckpointRecord, highestLayer: Int, pooling: [String: String]?
    ) throws -> TextEncoder {
        try TextEncoder(record, highestLayer: highestLayer, pooling: pooling)
    }

    package func tokenizer(_ record: CheckpointRecord) throws -> any Tokenizer { try record.opened().tokenizer() }
}
