import Files
import Foundation

/// What a written checkpoint folder takes over from the folder it came from.
enum CheckpointFiles {
    /// Files of a Hugging Face folder that belong to the tokenizer.
    static let tokenizer = [
        "added_tokens.json", "sentencepiece.bpe.model", "special_tokens_map.json", "tokenizer.json",
        "tokenizer_config.json", "vocab.txt",
    ]

    /// Copies the tokenizer's files of a folder, those that are there.
    /// - Throws: `SystemFault`.
    static func copyTokenizer(from folder: String, into replacement: FolderReplacement) throws {
        for name in tokenizer {
            let path = folder + "/" + name
            guard FileManager.default.fileExists(atPath: path) else { continue }
            try replacement.write(name, try MappedFile(path: path).data)
        }
    }

    /// A checkpoint's config.json for an encoder with float32 weights. The text is edited, not written anew: a number keeps
    /// its form (`1.0` stays a float for Python).
    /// - Throws: `CheckpointError.malformedJSON`, `SystemFault`.
    static func configuration(of checkpoint: Checkpoint) throws -> Data {
        let path = checkpoint.folder + "/config.json"
        guard let text = try String(data: MappedFile(path: path).data, encoding: .utf8) else {
            throw CheckpointError.malformedJSON(path: path, reason: "it is not UTF-8")
        }
        let model =
            switch checkpoint.configuration.architecture {
            case .bert: "BertModel"
            case .roberta: "RobertaModel"
            case .xlmRoberta: "XLMRobertaModel"
            }
        let edited = text
            .replacing(#/"(torch_)?dtype"\s*:\s*"[^"]*"/#) { "\"\($0.output.1 ?? "")dtype\": \"float32\"" }
            .replacing(#/"architectures"\s*:\s*(\[[^\]]*\]|null)/#) { _ in "\"architectures\": [\"\(model)\"]" }
        let data = Data(edited.utf8)
        guard try ConfigurationFile.parse(data, path: path) == checkpoint.configuration else {
            throw CheckpointError.malformedJSON(path: path, reason: "it cannot be rewritten for float32 weights")
        }
        return data
    }
}
