import Diagnostics

/// What can be wrong with a checkpoint folder; every case names the file, and the tensor or key at fault.
package enum CheckpointError: Diagnosable {
    case missingFile(folder: String, expected: String, hint: String)
    case malformedJSON(path: String, reason: String)
    case configurationKey(path: String, key: String, expected: String, found: String)
    case header(path: String, reason: String)
    case missingTensor(path: String, tensor: String, hint: String)
    case extraTensor(path: String, tensor: String, reason: String)
    case misshapenTensor(path: String, tensor: String, expected: [Int], found: [Int])
    case unsupportedType(path: String, tensor: String, found: String)
    case truncated(path: String, tensor: String, expectedBytes: Int, foundBytes: Int)
    case notFinite(path: String, tensor: String)
    /// A file of `torch.save`; the reason says what to do.
    case stateDictionary(path: String, reason: String)
    case trainingState(path: String, reason: String)
    case adapterKey(path: String, key: String, expected: String, found: String)
    case missingBase(path: String, base: String, reason: String)
    case adapterOnAdapter(folder: String)
    case untrainable(folder: String, family: String)
    case adapterInterpolated(folder: String)
    case otherShape(folder: String, key: String, found: String, first: String, expected: String)
    case otherTokenizer(folder: String, first: String)
    /// A file that would be copied, and is a link to somewhere else.
    case foreignFile(path: String, target: String)
    /// The name of a model on the Hugging Face hub where a folder was expected; `cached` is its folder in the hub's
    /// cache.
    case hubName(name: String, cached: String?)
    /// A folder of the hub's cache with several revisions and none of them current.
    case ambiguousSnapshot(folder: String, revisions: [String])
    case tokenizerMismatch(folder: String, tokenizerIds: Int, modelRows: Int)
    /// A file of sentence-transformers that asks for what Polylex does not compute.
    case sentenceConvention(path: String, reason: String)

    package var exitStatus: ExitStatus {
        switch self {
        case .missingFile, .missingBase, .hubName, .ambiguousSnapshot: .missingInput
        default: .badInput
        }
    }

    package var description: String {
        switch self {
        case .missingFile(let folder, let expected, let hint):
            "\(folder): \(expected) is missing; \(hint)"
        case .malformedJSON(let path, let reason):
            "\(path): not valid JSON: \(reason); fetch the file again"
        case .configurationKey(let path, let key, let expected, let found):
            "\(path): key \"\(key)\" is \(found), expected \(expected)"
        case .header(let path, let reason):
            "\(path): not a usable safetensors file: \(reason); fetch the file again"
        case .missingTensor(let path, let tensor, let hint):
            "\(path): tensor \(tensor) is missing; \(hint)"
        case .extraTensor(let path, let tensor, let reason):
            "\(path): tensor \(tensor) is not expected: \(reason); config.json belongs to another model, fetch both "
                + "again"
        case .misshapenTensor(let path, let tensor, let expected, let found):
            "\(path): tensor \(tensor) is \(found), expected \(expected) from config.json; config.json belongs to "
                + "another model, fetch both again"
        case .unsupportedType(let path, let tensor, let found):
            "\(path): tensor \(tensor) has type \(found), expected F32, F16, BF16 or F64; convert the checkpoint to "
                + "one of these"
        case .truncated(let path, let tensor, let expectedBytes, let foundBytes):
            "\(path): tensor \(tensor) ends at byte \(expectedBytes) but the file has \(foundBytes) bytes; the file is "
                + "cut short, fetch it again"
        case .notFinite(let path, let tensor):
            "\(path): tensor \(tensor) holds NaN or infinite values; the training that wrote it diverged, or the file "
                + "is damaged"
        case .stateDictionary(let path, let reason):
            "\(path): not a state dictionary that can be read: \(reason)"
        case .trainingState(let path, let reason):
            "\(path): not a training state that can be resumed: \(reason); resume from another one, or start again "
                + "without it"
        case .adapterKey(let path, let key, let expected, let found):
            "\(path): key \"\(key)\" is \(found), expected \(expected): Polylex computes Pfeiffer adapters (seq_bn "
                + "with ReLU)"
        case .missingBase(let path, let base, let reason):
            "\(path): the adapter's base checkpoint \(base) cannot be used: \(reason); put it there, or name its "
                + "folder in \"model_name\""
        case .foreignFile(let path, let target):
            "\(path): expected a file of this folder, found a link to \(target); its contents would be copied into "
                + "what is made from the checkpoint, so put the file itself there (cp -L)"
        case .untrainable(let folder, let family):
            "\(folder): checkpoints of type \"\(family)\" can be encoded with, not trained: their relative position "
                + "biases have no gradient here"
        case .adapterOnAdapter(let folder):
            "\(folder): this is an adapter, which cannot be trained further; train from its base checkpoint "
                + "(\"model_name\" of adapter_config.json)"
        case .adapterInterpolated(let folder):
            "\(folder): this is an adapter, expected a whole checkpoint: adapters of other runs do not lie on a line; "
                + "interpolate checkpoints that were trained in full"
        case .otherShape(let folder, let key, let found, let first, let expected):
            "\(folder)/config.json: \"\(key)\" is \(found), expected \(expected) as in \(first); only checkpoints of "
                + "one shape have a mean"
        case .otherTokenizer(let folder, let first):
            "\(folder): its tokenizer's files are not those of \(first); ids must mean the same pieces, give "
                + "checkpoints that were trained from one model"
        case .hubName(let name, let cached):
            cached.map { "\(name): no such folder; the hub's cache has this model, give its folder: \($0)" }
                ?? "\(name): no such folder; it looks like the name of a model on the Hugging Face hub: download it "
                + "with 'huggingface-cli download \(name) --local-dir "
                + "models/\(name.split(separator: "/").last ?? "")' (tools/fetch --list names those it knows) and "
                + "give the folder"
        case .ambiguousSnapshot(let folder, let revisions):
            "\(folder): a folder of the hub's cache with \(revisions.count) "
                + "revisions\(revisions.isEmpty ? "" : " (\(revisions.prefix(3).joined(separator: ", ")))"), and "
                + "refs/main names none of them; download the model again, or give the folder of one revision in "
                + "snapshots"
        case .sentenceConvention(let path, let reason):
            "\(path): the model's own sentence vectors cannot be computed: \(reason); '--pooling paper' takes the mean "
                + "over a sentence's own subwords, '--pooling mean' or 'cls' and so on a pooling of your choice"
        case .tokenizerMismatch(let folder, let tokenizerIds, let modelRows):
            "\(folder): the tokenizer gives ids up to \(tokenizerIds - 1), but the word embedding table has "
                + "\(modelRows) rows; tokenizer and weights belong to different models"
        }
    }
}
