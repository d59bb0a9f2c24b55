import Files
import Foundation

/// What a written checkpoint folder takes over from the folder it came from.
enum CheckpointFiles {
    /// Files of a Hugging Face folder that belong to the tokenizer.
    static let tokenizer = [
        "added_tokens.json", "merges.txt", "sentencepiece.bpe.model", "special_tokens_map.json", "tokenizer.json",
        "tokenizer.model", "tokenizer_config.json", "vocab.json", "vocab.txt",
    ]

    /// Finds out before hours of work whether the tokenizer's files can be copied.
    /// - Throws: `CheckpointError.foreignFile`, `FileError`, `SystemFault`.
    static func requireCopyableTokenizer(_ folder: String) throws {
        for name in tokenizer { _ = try OwnFile.openIfPresent(name, of: folder) }
    }

    /// Copies the tokenizer's files of a folder, those that are there.
    /// - Throws: as `requireCopyableTokenizer`.
    static func copyTokenizer(from folder: String, into replacement: FolderReplacement) throws {
        for name in tokenizer {
            guard let file = try OwnFile.openIfPresent(name, of: folder) else { continue }
            try replacement.write(name, Data(file.contents(limit: WholeFile.sizeLimit)))
        }
    }

    /// A checkpoint's config.json for an encoder with float32 weights. The text is edited, not written anew: a number
    /// keeps its form (`1.0` stays a float for Python).
    /// - Throws: `CheckpointError.malformedJSON`, `SystemFault`.
    static func configuration(of checkpoint: Checkpoint) throws -> Data {
        let path = checkpoint.folder + "/config.json"
        let contents = try RegularFile(reading: path).contents(limit: ConfigurationFile.maximumBytes)
        guard let text = String(validating: contents, as: UTF8.self) else {
            throw CheckpointError.malformedJSON(path: path, reason: "it is not UTF-8")
        }
        let model = checkpoint.configuration.architecture.modelClass
        let edited =
            text
            .replacing(#/"(torch_)?dtype"\s*:\s*"[^"]*"/#) { "\"\($0.output.1 ?? "")dtype\": \"float32\"" }
            .replacing(#/"architectures"\s*:\s*(\[[^\]]*\]|null)/#) { _ in "\"architectures\": [\"\(model)\"]" }
        guard try ConfigurationFile.parse(Array(edited.utf8), path: path) == checkpoint.configuration else {
            throw CheckpointError.malformedJSON(path: path, reason: "it cannot be rewritten for float32 weights")
        }
        return Data(edited.utf8)
    }
}
