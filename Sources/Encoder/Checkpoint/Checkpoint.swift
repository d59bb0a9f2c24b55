import Files
import Fingerprinting
import Foundation

/// A Hugging Face checkpoint folder: configuration, memory-mapped weights, fingerprint. Or an adapter's folder: then
/// configuration, weights and tokenizer are those of its base checkpoint.
///
/// Opening checks that configuration and weights agree, tensor by tensor; it reads no weight but to hash the files.
package final class Checkpoint: Sendable {
    package let folder: String
    package let configuration: TransformerConfiguration
    package let tensors: CheckpointTensors
    /// What the folder adds to its base; nil for a whole checkpoint.
    package let adapter: AdapterFolder?
    /// What the weights' files hold that the encoder has no use for and that is no part known to stand on top of one;
    /// after tensors, entries that are none.
    package let leftOut: [String]
    private let nonTensors: [String]
    /// Hash of weights, configuration and tokenizer files, the base's and the adapter's.
    package let fingerprint: Fingerprint

    /// - Throws: `CheckpointError` naming the file and the tensor or key at fault.
    package init(folder: String) throws {
        let folder = try Self.resolved(
            folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder)
        self.folder = folder
        adapter = try AdapterFolder.open(folder)
        if let adapter { try Self.checkBase(adapter) }
        let source = adapter?.baseFolder ?? folder
        configuration = try ConfigurationFile.read(folder: source)
        tensors = try CheckpointTensors(folder: source)
        let parameters = configuration.parameters
        for (name, shape) in parameters { _ = try tensors.tensor(name, shape: shape) }
        nonTensors = tensors.nonTensors + (adapter?.others ?? [])
        leftOut = tensors.others(than: Set(parameters.map(\.name))) + nonTensors
        try adapter?.checkShapes(configuration)
        fingerprint = try Self.fingerprint(folder: source, weights: tensors.paths, adapter: adapter)
    }

    /// The folder with configuration, weights and tokenizer: the base's for an adapter.
    package var sourceFolder: String { adapter?.baseFolder ?? folder }

    /// The same without opening the checkpoint.
    /// - Throws: `CheckpointError` when an adapter's configuration is malformed or its base is not there.
    package static func sourceFolder(of folder: String) throws -> String {
        let folder = try resolved(folder)
        guard let adapter = try AdapterFolder.open(folder) else { return folder }
        try checkBase(adapter)
        return adapter.baseFolder
    }

    /// The folder with the files, of the hub's cache or of sentence-transformers' first releases.
    private static func resolved(_ folder: String) throws -> String {
        try SentenceConvention.weightsFolder(of: HubFolder.resolved(folder))
    }

    private static func checkBase(_ adapter: AdapterFolder) throws {
        let base = adapter.baseFolder, manager = FileManager.default
        var reason: String?
        if !manager.fileExists(atPath: base) {
            // What the library writes there is the base's name on the hub.
            let stated = base.hasPrefix(adapter.folder + "/") ? String(base.dropFirst(adapter.folder.count + 1)) : base
            reason =
                HubFolder.looksLikeModelName(stated)
                ? "no such folder, it looks like the name of a model on the Hugging Face hub ('huggingface-cli "
                    + "download \(stated) --local-dir FOLDER' brings it)"
                : "no such folder"
        } else if !manager.fileExists(atPath: base + "/config.json") {
            reason = "it has no config.json"
        }
        if let reason {
            let path = adapter.folder + "/" + AdapterFolder.configurationName
            throw CheckpointError.missingBase(path: path, base: base, reason: reason)
        }
    }

    /// Loads the folder's tokenizer and checks that every id it gives has an embedding row.
    /// - Throws: `TokenizerError`, `CheckpointError.tokenizerMismatch`.
    package func tokenizer() throws -> any Tokenizer {
        let tokenizer = try TokenizerFolder.load(sourceFolder)
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw CheckpointError.tokenizerMismatch(
                folder: folder, tokenizerIds: tokenizer.vocabularySize, modelRows: configuration.vocabularySize)
        }
        return tokenizer
    }

    /// One remark for whoever opened the checkpoint, when tensors were left out.
    package var remark: String? {
        guard let first = leftOut.first, let last = leftOut.last else { return nil }
        let count = leftOut.count
        let (one, many) = nonTensors.isEmpty ? ("tensor", "tensors") : ("entry", "entries")
        let counted = count == 1 ? "1 \(one) of the weights is" : "\(count) \(many) of the weights are"
        let named = count == 1 ? first : count == 2 ? "\(first) and \(last)" : "\(first) … \(last)"
        return "\(folder): \(counted) no part of the \(configuration.layerCount)-layer "
            + "\(configuration.architecture.name) encoder and left out: \(named)"
    }

    /// What the folder's model card says of its licence; an adapter's base's.
    package var statedLicence: StatedLicence? {
        // A card may stand in the folder around the weights.
        StatedLicence.of(folder: sourceFolder)
            ?? StatedLicence.of(folder: SentenceConvention.place(sourceFolder).folder)
    }

    /// Whether the family's class in `transformers` would look for a pooler that the weights do not hold.
    package var lacksPooler: Bool { configuration.architecture.hasPooler && tensors.pooler.count < 2 }

    /// Contents of `training.json`, where a specialised checkpoint says how it was made; nil without one.
    /// - Throws: `CheckpointError.foreignFile`, `FileError`, `SystemFault`.
    package func training() throws -> String? {
        guard let file = try OwnFile.openIfPresent("training.json", of: folder) else { return nil }
        return String(validating: try file.contents(limit: ConfigurationFile.maximumBytes), as: UTF8.self)
    }

    private static func fingerprint(folder: String, weights: [String], adapter: AdapterFolder?) throws -> Fingerprint {
        let builder = FingerprintBuilder()
        builder.combine("checkpoint 1")
        for path in [folder + "/config.json"] + weights {
            builder.combine(URL(fileURLWithPath: path).lastPathComponent)
            builder.combine(try Fingerprint.of(file: path))
        }
        builder.combine(try TokenizerFolder.fingerprint(folder))
        try adapter?.combine(into: builder)
        return builder.finish()
    }
}
