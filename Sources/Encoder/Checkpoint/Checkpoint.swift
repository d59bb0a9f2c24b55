import Fingerprinting

/// A Hugging Face checkpoint folder: configuration, memory-mapped weights, fingerprint.
package final class Checkpoint: Sendable {
    package let folder: String
    package let configuration: TransformerConfiguration
    /// Hash of weights, configuration and tokenizer files.
    package let fingerprint: Fingerprint

    /// - Throws: `CheckpointError` naming the file and the tensor or key at fault.
    package init(folder: String) throws {
        throw CheckpointError.missingFile(folder: folder, name: "config.json")
    }
}
