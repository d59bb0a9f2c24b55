import Files

/// All tensors of a checkpoint folder under their canonical names ("encoder.layer.0.output.dense.weight").
///
/// Reads the folder's weight files (`WeightFile`); strips what wrappers and models with heads put before a name, turns
/// the old `gamma`/`beta` names into `weight`/`bias`. What stands on top of the encoder, or has a name nobody asks for,
/// is left out.
package struct CheckpointTensors: TensorSource, Sendable {
    /// Parts of published checkpoints that do not belong to the encoder's hidden states.
    private static let headPrefixes = [
        "pooler.", "cls.", "lm_head.", "classifier.", "qa_outputs.", "dropout.", "vocab_transform.",
        "vocab_layer_norm.",
        "vocab_projector.", "pre_classifier.", "head.", "decoder.",
    ]
    private static let bufferNames: Set<String> = ["embeddings.position_ids", "embeddings.token_type_ids"]
    /// Before names that were saved from a wrapper: DataParallel, torch.compile, a sentence-transformers module.
    private static let wrapperPrefixes = ["module.", "_orig_mod.", "0.auto_model."]
    /// Before names that were saved from a model with heads.
    static let prefixes = Set(ArchitectureDescription.all.map(\.prefix)).sorted()

    package let folder: String
    /// Weight files, sorted by name.
    package let paths: [String]
    private let files: [WeightFile]
    private let tensors: [String: (file: WeightFile, name: String, entry: SafetensorsFile.Entry)]
    /// Second names of a parameter, by the canonical one; an error when somebody wants it.
    private let repeated: [String: (file: WeightFile, name: String)]
    /// Of the pooler, by their canonical names.
    private let poolerTensors: [String: (file: WeightFile, name: String, entry: SafetensorsFile.Entry)]

    /// - Parameter hint: what to do where the folder has no weights.
    package init(folder: String, hint: String = "expected a Hugging Face checkpoint folder") throws {
        self.folder = folder
        files = try WeightFile.all(in: folder, hint: hint)
        paths = files.map(\.file.path)
        var tensors: [String: (WeightFile, String, SafetensorsFile.Entry)] = [:], pooler = tensors
        var repeated: [String: (WeightFile, String)] = [:]
        for file in files {
            for (name, entry) in file.entries.sorted(by: { $0.key < $1.key }) {
                let canonical = Self.canonicalName(name)
                if canonical.hasPrefix("pooler.dense.") { pooler[canonical] = (file, name, entry) }
                guard !Self.isHead(canonical) else { continue }
                if tensors[canonical] == nil {
                    tensors[canonical] = (file, name, entry)
                } else {
                    repeated[canonical] = (file, name)
                }
            }
        }
        self.tensors = tensors
        self.repeated = repeated
        poolerTensors = pooler
    }

    /// Canonical names, sorted.
    package var names: [String] { tensors.keys.sorted() }

    package func contains(_ name: String) -> Bool { tensors[name] != nil }

    /// - Throws: `CheckpointError` when the tensor is missing, of another shape, or of a type we do not compute with.
    package func tensor(_ name: String, shape: [Int]) throws -> MappedTensor {
        guard let (file, original, entry) = tensors[name] else {
            throw CheckpointError.missingTensor(
                path: paths.count == 1 ? paths[0] : folder, tensor: name, hint: missingHint(name))
        }
        let path = file.file.path
        if let (other, second) = repeated[name] {
            throw CheckpointError.extraTensor(
                path: other.file.path, tensor: second, reason: "\(original) of \(path) is the same parameter")
        }
        guard let type = SafetensorsFile.ElementType(rawValue: entry.typeName) else {
            throw CheckpointError.unsupportedType(path: path, tensor: original, found: entry.typeName)
        }
        guard entry.shape == shape else {
            throw CheckpointError.misshapenTensor(path: path, tensor: original, expected: shape, found: entry.shape)
        }
        return MappedTensor(name: original, type: type, file: file.file, entry: entry)
    }

    /// Names in the files, sorted, that are neither among `expected` nor known parts on top of an encoder.
    package func others(than expected: Set<String>) -> [String] {
        tensors.filter { !expected.contains($0.key) }.map(\.value.name).sorted()
    }

    /// Entries of the files that are no tensors.
    var nonTensors: [String] { files.flatMap(\.others) }

    /// What to do about a missing tensor: the files may have it behind a prefix that is not known.
    private func missingHint(_ name: String) -> String {
        let all = files.flatMap(\.entries.keys)
        if let found = all.filter({ $0.hasSuffix("." + name) }).min() {
            return
                "it is there as \(found); names that begin with \"\(found.dropLast(name.count))\" are not looked at, "
                + "rename them"
        }
        let first = all.min().map { "; its first name is \($0)" } ?? ""
        return "the checkpoint is incomplete or config.json belongs to another model, fetch both again\(first)"
    }

    /// The pooler's weight and bias when the files have them in types we read: not of the encoder, but copied with it.
    var pooler: [(name: String, tensor: MappedTensor)] {
        ["pooler.dense.weight", "pooler.dense.bias"].compactMap { canonical in
            guard let (file, name, entry) = poolerTensors[canonical],
                let type = SafetensorsFile.ElementType(rawValue: entry.typeName)
            else { return nil }
            return (canonical, MappedTensor(name: name, type: type, file: file.file, entry: entry))
        }
    }

    /// Gives the pages of the weight files back to the system; they are read again when touched.
    package func releasePages() {
        for file in files { file.file.releasePages() }
    }

    static func canonicalName(_ name: String) -> String {
        var canonical = name
        while let prefix = wrapperPrefixes.first(where: canonical.hasPrefix) { canonical.removeFirst(prefix.count) }
        if let prefix = prefixes.first(where: canonical.hasPrefix) { canonical.removeFirst(prefix.count) }
        if canonical.hasSuffix("LayerNorm.gamma") { canonical = String(canonical.dropLast(5)) + "weight" }
        if canonical.hasSuffix("LayerNorm.beta") { canonical = String(canonical.dropLast(4)) + "bias" }
        return canonical
    }

    private static func isHead(_ canonical: String) -> Bool {
        bufferNames.contains(canonical) || headPrefixes.contains(where: canonical.hasPrefix)
    }
}
