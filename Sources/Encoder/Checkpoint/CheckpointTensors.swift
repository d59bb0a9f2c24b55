import Diagnostics
import Files
import Foundation

/// All tensors of a checkpoint folder under their canonical names ("encoder.layer.0.output.dense.weight").
///
/// Reads one `model.safetensors` or the shards of `model.safetensors.index.json`; strips a `bert.` or `roberta.` prefix,
/// turns the old `gamma`/`beta` names into `weight`/`bias`, and leaves out what stands on top of the encoder.
package struct CheckpointTensors: TensorSource, Sendable {
    /// Parts of published checkpoints that do not belong to the encoder's hidden states.
    private static let headPrefixes = ["pooler.", "cls.", "lm_head.", "classifier.", "qa_outputs.", "dropout."]
    static let prefixes = Set(ArchitectureDescription.all.map(\.prefix)).sorted()
    private static let bufferNames: Set<String> = ["embeddings.position_ids", "embeddings.token_type_ids"]

    package let folder: String
    /// Weight files, sorted by name.
    package let paths: [String]
    private let files: [SafetensorsFile]
    private let tensors: [String: (file: SafetensorsFile, name: String, entry: SafetensorsFile.Entry)]

    package init(folder: String) throws {
        self.folder = folder
        paths = try Self.weightFiles(in: folder)
        var tensors: [String: (SafetensorsFile, String, SafetensorsFile.Entry)] = [:]
        var files: [SafetensorsFile] = []
        for path in paths {
            let file = try SafetensorsFile(path: path)
            files.append(file)
            for (name, entry) in file.entries.sorted(by: { $0.key < $1.key }) {
                guard let canonical = Self.canonicalName(name) else { continue }
                if let other = tensors[canonical] {
                    throw CheckpointError.extraTensor(
                        path: path, tensor: name, reason: "\(other.1) of \(other.0.file.path) is the same parameter")
                }
                tensors[canonical] = (file, name, entry)
            }
        }
        self.files = files
        self.tensors = tensors
    }

    /// Canonical names, sorted.
    package var names: [String] { tensors.keys.sorted() }

    package func contains(_ name: String) -> Bool { tensors[name] != nil }

    /// - Throws: `CheckpointError` when the tensor is missing, of another shape, or of a type we do not compute with.
    package func tensor(_ name: String, shape: [Int]) throws -> MappedTensor {
        guard let (file, original, entry) = tensors[name] else {
            throw CheckpointError.missingTensor(path: paths.count == 1 ? paths[0] : folder, tensor: name)
        }
        let path = file.file.path
        guard let type = SafetensorsFile.ElementType(rawValue: entry.typeName) else {
            throw CheckpointError.unsupportedType(path: path, tensor: original, found: entry.typeName)
        }
        guard entry.shape == shape else {
            throw CheckpointError.misshapenTensor(path: path, tensor: original, expected: shape, found: entry.shape)
        }
        return MappedTensor(name: original, shape: shape, type: type, file: file.file, range: entry.range)
    }

    /// - Throws: `CheckpointError.extraTensor` for a tensor of the encoder that `expected` does not name.
    package func requireNothingBeyond(_ expected: Set<String>) throws {
        for name in names where !expected.contains(name) {
            let file = tensors[name].map { $0.file.file.path } ?? folder
            throw CheckpointError.extraTensor(
                path: file, tensor: tensors[name]?.name ?? name,
                reason: "config.json describes a model without it")
        }
    }

    /// The pooler's weight and bias when the files have them in types we read: not of the encoder, but copied with it.
    var pooler: [(name: String, tensor: MappedTensor)] {
        ["pooler.dense.weight", "pooler.dense.bias"].compactMap { canonical in
            for prefix in [""] + Self.prefixes {
                for file in files {
                    guard let entry = file.entries[prefix + canonical],
                        let type = SafetensorsFile.ElementType(rawValue: entry.typeName)
                    else { continue }
                    let tensor = MappedTensor(
                        name: prefix + canonical, shape: entry.shape, type: type, file: file.file, range: entry.range)
                    return (canonical, tensor)
                }
            }
            return nil
        }
    }

    /// Gives the pages of the weight files back to the system; they are read again when touched.
    package func releasePages() {
        for file in files { file.file.releasePages() }
    }

    private static func weightFiles(in folder: String) throws -> [String] {
        let manager = FileManager.default
        let single = folder + "/model.safetensors", index = folder + "/model.safetensors.index.json"
        if manager.fileExists(atPath: single) { return [single] }
        guard manager.fileExists(atPath: index) else {
            if manager.fileExists(atPath: folder + "/pytorch_model.bin") {
                _ = try MappedFile(path: folder + "/pytorch_model.bin").refusingForeign()
            }
            let legacy = manager.fileExists(atPath: folder + "/pytorch_model.bin")
                || manager.fileExists(atPath: folder + "/pytorch_model.bin.index.json")
            throw CheckpointError.missingFile(
                folder: folder, expected: "model.safetensors",
                hint: legacy
                    ? "the folder holds a legacy pytorch_model.bin, convert it with tools/convert-checkpoint"
                    : "expected a Hugging Face checkpoint folder")
        }
        let parsed: Any
        do {
            let contents = try RegularFile(reading: index).contents(limit: SafetensorsFile.maximumHeaderBytes)
            try ContentKind.refuseForeign(contents, path: index)
            parsed = try JSONSerialization.jsonObject(with: Data(contents))
        } catch let error as any Diagnosable {
            throw error
        } catch {
            throw CheckpointError.malformedJSON(path: index, reason: "cannot parse it")
        }
        guard let map = (parsed as? [String: Any])?["weight_map"] as? [String: String], !map.isEmpty else {
            throw CheckpointError.configurationKey(
                path: index, key: "weight_map", expected: "an object of tensor names and file names", found: "missing or malformed")
        }
        var paths: [String] = []
        for name in Set(map.values).sorted() {
            guard !name.contains("/"), name != "..", !name.isEmpty else {
                throw CheckpointError.configurationKey(
                    path: index, key: "weight_map", expected: "plain file names", found: "\"\(name)\"")
            }
            guard manager.fileExists(atPath: folder + "/" + name) else {
                throw CheckpointError.missingFile(
                    folder: folder, expected: name, hint: "model.safetensors.index.json names it; fetch the shard again")
            }
            paths.append(folder + "/" + name)
        }
        return paths
    }

    /// Nil for tensors that stand on top of the encoder.
    private static func canonicalName(_ name: String) -> String? {
        var canonical = name
        for prefix in prefixes where canonical.hasPrefix(prefix) { canonical.removeFirst(prefix.count) }
        if bufferNames.contains(canonical) || headPrefixes.contains(where: canonical.hasPrefix) { return nil }
        if canonical.hasSuffix("LayerNorm.gamma") { canonical = String(canonical.dropLast(5)) + "weight" }
        if canonical.hasSuffix("LayerNorm.beta") { canonical = String(canonical.dropLast(4)) + "bias" }
        return canonical
    }
}
