import Foundation

/// Where a sentence-transformers folder keeps its parts.
extension SentenceConvention {
    /// Whether the folder says how its model makes sentence vectors.
    package static func isStated(folder weights: String) -> Bool { exists(place(weights).folder + "/modules.json") }

    /// The folder with modules.json, and the weights' folder in it; "" where they are one.
    static func place(_ weights: String) -> (folder: String, part: String) {
        guard !exists(weights + "/modules.json") else { return (weights, "") }
        let url = URL(fileURLWithPath: weights).standardized
        let around = url.deletingLastPathComponent().path, name = url.lastPathComponent
        // Of the usual name whatever modules.json holds, so that what is wrong with it is said.
        let isPart = exists(around + "/modules.json") && (name == usualPart || (try? part(of: around)) == name)
        return isPart ? (around, name) : (weights, "")
    }

    /// The folder with config.json, weights and tokenizer where `folder` has modules.json and none of them, as folders
    /// of the library's first releases: the one modules.json names as its Transformer's. `folder` itself otherwise.
    /// - Throws: `CheckpointError.missingFile` when that is not there, `.foreignFile` when it leads out of the folder,
    ///   `.malformedJSON`; `FileError`, `SystemFault`.
    static func weightsFolder(of folder: String) throws -> String {
        guard !exists(folder + "/config.json"), !exists(folder + "/adapter_config.json"),
            let part = try part(of: folder)
        else { return folder }
        let place = folder + "/" + part
        guard exists(place + "/config.json") else {
            throw CheckpointError.missingFile(
                folder: folder, expected: part + "/config.json",
                hint: "modules.json names this folder as its Transformer's, fetch its files again")
        }
        try OwnFile.requireOwnFolder(part, of: folder)
        return place
    }

    private static let usualPart = "0_Transformer"

    /// The folder of the first Transformer that modules.json names, right in this one; nil without.
    private static func part(of folder: String) throws -> String? {
        guard let rows = try json(folder + "/modules.json")?.array else { return nil }
        for row in rows {
            guard let type = row["type"]?.string, type.split(separator: ".").last == "Transformer",
                let path = row["path"]?.string
            else { continue }
            return path.isEmpty || path.contains("/") || !isPlain(path) ? nil : path
        }
        return nil
    }

    private static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }
}
