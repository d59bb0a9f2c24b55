import Fingerprinting
import Foundation

/// A Hugging Face checkpoint folder: configuration, memory-mapped weights, fingerprint.
///
/// Opening checks that configuration and weights agree, tensor by tensor; it reads no weight but to hash the files.
package final class Checkpoint: Sendable {
    package let folder: String
    package let configuration: TransformerConfiguration
    package let tensors: CheckpointTensors
    /// Hash of weights, configuration and tokenizer files.
    package let fingerprint: Fingerprint

    /// - Throws: `CheckpointError` naming the file and the tensor or key at fault.
    package init(folder: String) throws {
        let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
        self.folder = folder
        configuration = try ConfigurationFile.read(folder: folder)
        tensors = try CheckpointTensors(folder: folder)
        let parameters = ParameterName.all(of: configuration)
        for (name, shape) in parameters { _ = try tensors.tensor(name, shape: shape) }
        try tensors.requireNothingBeyond(Set(parameters.map(\.name)))
        fingerprint = try Self.fingerprint(folder: folder, weights: tensors.paths)
    }

    /// Loads the folder's tokenizer and checks that every id it gives has an embedding row.
    /// - Throws: `TokenizerError`, `CheckpointError.tokenizerMismatch`.
    package func tokenizer() throws -> any Tokenizer {
        let tokenizer = try TokenizerFolder.load(folder)
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw CheckpointError.tokenizerMismatch(
                folder: folder, tokenizerIds: tokenizer.vocabularySize, modelRows: configuration.vocabularySize)
        }
        return tokenizer
    }

    /// Contents of `training.json`, where a specialised checkpoint says how it was made; nil without one.
    package var training: String? {
        guard let data = FileManager.default.contents(atPath: folder + "/training.json") else { return nil }
        return String(data: data, encoding: .utf8)
    }

    private static func fingerprint(folder: String, weights: [String]) throws -> Fingerprint {
        let builder = FingerprintBuilder()
        builder.combine("checkpoint 1")
        for path in [folder + "/config.json"] + weights {
            builder.combine(URL(fileURLWithPath: path).lastPathComponent)
            builder.combine(try Fingerprint.of(file: path))
        }
        builder.combine(try TokenizerFolder.fingerprint(folder))
        return builder.finish()
    }
}
