import Files
import Foundation

/// A file with weights of a checkpoint, whatever its format: tensors' names, and where their numbers lie in it.
///
/// `model.safetensors`, or the shards that `model.safetensors.index.json` names; without them `pytorch_model.bin`, or
/// the shards of its index, as `torch.save` writes them since PyTorch 1.6. No code of a pickle is run.
struct WeightFile: Sendable {
    let file: MappedFile
    let entries: [String: SafetensorsFile.Entry]
    /// Names of entries that are no tensors, sorted.
    let others: [String]

    private static let pickled = "pytorch_model.bin", formats = ["model.safetensors", pickled]

    /// The folder's weight files, sorted by name.
    /// - Throws: `CheckpointError` when there are none, when a shard is missing, when one is malformed; `FileError`,
    ///   `SystemFault`.
    static func all(in folder: String, hint: String) throws -> [WeightFile] {
        let manager = FileManager.default
        for single in formats {
            let path = folder + "/" + single, index = path + ".index.json"
            let paths =
                manager.fileExists(atPath: path)
                ? [path] : manager.fileExists(atPath: index) ? try shards(index, in: folder) : []
            guard paths.isEmpty else { return try paths.map { try WeightFile($0, isPickled: single == pickled) } }
        }
        throw CheckpointError.missingFile(
            folder: folder, expected: "model.safetensors or pytorch_model.bin", hint: hint)
    }

    private init(_ path: String, isPickled: Bool) throws {
        if isPickled {
            let dictionary = try StateDictionaryFile(path: path)
            (file, entries, others) = (dictionary.file, dictionary.entries, dictionary.others)
        } else {
            let safetensors = try SafetensorsFile(path: path)
            (file, entries, others) = (safetensors.file, safetensors.entries, [])
        }
    }

    private static func shards(_ index: String, in folder: String) throws -> [String] {
        let document = try ConfigurationTable.document(index, limit: SafetensorsFile.maximumHeaderBytes)
        guard let map = document["weight_map"]?.members, !map.isEmpty,
            case let names = map.compactMap(\.value.string), names.count == map.count
        else {
            throw CheckpointError.configurationKey(
                path: index, key: "weight_map", expected: "an object of tensor names and file names",
                found: "missing or malformed")
        }
        return try Set(names).sorted().map { name in
            guard !name.contains("/"), name != "..", !name.isEmpty else {
                throw CheckpointError.configurationKey(
                    path: index, key: "weight_map", expected: "plain file names", found: "\"\(name)\"")
            }
            guard FileManager.default.fileExists(atPath: folder + "/" + name) else {
                let named = index.split(separator: "/").last ?? ""
                throw CheckpointError.missingFile(
                    folder: folder, expected: name, hint: "\(named) names it; fetch the shard again")
            }
            return folder + "/" + name
        }
    }
}
