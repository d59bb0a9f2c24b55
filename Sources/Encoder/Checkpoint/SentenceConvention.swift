import Files
import Foundation

/// How the model of a sentence-transformers folder turns a sentence into a vector: `modules.json` and what it names.
///
/// Only what is computed as the library computes it is accepted: a Transformer, one Pooling with one mode, Dense
/// modules, Normalize, and WordWeights where they leave special tokens out of a mean, as in folders that Polylex
/// writes.
package struct SentenceConvention: Equatable, Sendable {
    package enum Mode: String, CaseIterable, Sendable {
        case cls, max, mean, weightedmean, lasttoken
        case meanOverRoot = "mean_sqrt_len_tokens"
    }

    package var mode: Mode
    /// Whether a prompt's tokens are pooled with the text's.
    package var includesPrompt = true
    /// Whether the tokens that stand around every text are left out; of a mean only.
    package var excludesSpecialTokens = false
    /// What a pooled vector goes through; nil for nothing.
    package var dense: DenseModules?
    /// Whether vectors are divided by their length.
    package var isNormalized = false
    /// Tokens of a sequence at most, special tokens included; nil where the folder does not say.
    package var maximumLength: Int?
    /// What the folder puts in front of every text ("query: "); empty for nothing.
    package var prompt = ""
    /// Whether texts, prompts included, are lower-cased before the tokenizer's own normalizers see them.
    package var lowercases = false

    package init(mode: Mode) { self.mode = mode }

    /// Whether it gives what Polylex gives words and sentences without it, the paper's mean over a text's own subwords.
    /// - Parameter longest: tokens the checkpoint has positions for.
    package func isPapers(longest: Int) -> Bool {
        mode == .mean && excludesSpecialTokens && dense == nil && prompt.isEmpty && !lowercases
            && (maximumLength ?? longest) >= longest
    }

    /// - Parameter folder: with the weights; where that is `0_Transformer` or the like, as in the library's first
    ///   releases, the folder around it says how.
    /// - Throws: `CheckpointError` naming the file and what it asks for; `SystemFault`.
    package static func read(folder given: String) throws -> SentenceConvention {
        let (folder, own) = place(given)
        let path = folder + "/modules.json"
        guard let list = try json(path) else {
            throw CheckpointError.missingFile(
                folder: folder, expected: "modules.json",
                hint: "only a folder of sentence-transformers says how its model makes sentence vectors")
        }
        guard let rows = list.array else {
            throw CheckpointError.sentenceConvention(path: path, reason: "expected a list of modules")
        }
        var found: SentenceConvention?, dense: [String] = [], isNormalized = false, transformer: String?,
            weights: String?
        for row in rows {
            guard let type = row["type"]?.string, let part = row["path"]?.string,
                let kind = type.split(separator: ".").last, isPlain(part)
            else {
                throw CheckpointError.sentenceConvention(
                    path: path, reason: "expected modules with \"type\" and a \"path\" inside the folder")
            }
            let place = part.isEmpty ? folder : folder + "/" + part
            switch kind {
            case "Transformer" where transformer == nil && found == nil:
                guard part == own else {
                    throw CheckpointError.sentenceConvention(
                        path: path, reason: "its Transformer is in \(place), not in the checkpoint's folder \(given)")
                }
                transformer = place
            case "WordWeights" where transformer != nil && found == nil && weights == nil:
                weights = place + "/config.json"
            case "Pooling" where transformer != nil && found == nil: found = try pooling(place + "/config.json")
            case "Dense" where found != nil && !isNormalized: dense.append(place)
            case "Normalize" where found != nil: isNormalized = true
            default:
                throw CheckpointError.sentenceConvention(
                    path: path,
                    reason: "module \(type) here is not computed, only a Transformer, Pooling, Dense and Normalize in "
                        + "this order")
            }
        }
        guard var convention = found, let transformer else {
            throw CheckpointError.sentenceConvention(path: path, reason: "it names no Transformer and Pooling")
        }
        if let weights {
            try requireSpecialTokensAlone(weights)
            guard convention.mode == .mean else {
                throw CheckpointError.sentenceConvention(
                    path: path,
                    reason: "WordWeights before the pooling \"\(convention.mode.rawValue)\" are not computed")
            }
            convention.excludesSpecialTokens = true
        }
        if !dense.isEmpty { convention.dense = try DenseModules(folders: dense) }
        convention.isNormalized = isNormalized
        try convention.readTransformer(transformer)
        convention.prompt = try prompt(folder + "/config_sentence_transformers.json")
        return convention
    }

    /// `config.json` of a Pooling module: one mode by name, or a flag for each.
    private static func pooling(_ path: String) throws -> SentenceConvention {
        guard let table = try json(path), table.members != nil else {
            throw CheckpointError.sentenceConvention(path: path, reason: "expected a file with an object")
        }
        var names: [String]
        switch table["pooling_mode"] {
        case nil:
            names = flags.filter { table[$0.key]?.bool == true }.map(\.mode.rawValue)
            if names.isEmpty { names = [Mode.mean.rawValue] }
        case .text(let name): names = [name]
        case .array(let list) where list.allSatisfy({ $0.string != nil }): names = list.compactMap(\.string)
        default: throw CheckpointError.sentenceConvention(path: path, reason: "\"pooling_mode\" is no name")
        }
        guard names.count == 1 else {
            throw CheckpointError.sentenceConvention(
                path: path, reason: "it joins the poolings \(names.joined(separator: ", ")), only one is computed")
        }
        guard let mode = Mode(rawValue: names[0]) else {
            let known = Mode.allCases.map(\.rawValue).joined(separator: ", ")
            throw CheckpointError.sentenceConvention(path: path, reason: "pooling \"\(names[0])\" is none of \(known)")
        }
        var convention = SentenceConvention(mode: mode)
        convention.includesPrompt = table["include_prompt"]?.bool ?? true
        return convention
    }

    /// WordWeights that are 0 for some tokens and 1 for all others, which is how Polylex writes that special tokens are
    /// left out.
    /// - Source: sentence-transformers' `WordWeights`: a weight for each id, by the text of its piece.
    private static func requireSpecialTokensAlone(_ path: String) throws {
        guard let table = try json(path), let weights = table["word_weights"]?.members, weights.count == 1,
            let special = weights.first, special.value.double == 0, table["unknown_word_weight"]?.double == 1,
            let vocabulary = table["vocab"]?.array, vocabulary.allSatisfy({ ["", special.key].contains($0.string) })
        else {
            throw CheckpointError.sentenceConvention(
                path: path, reason: "weights of words are not computed, but 0 for special tokens and 1 for all others")
        }
    }

    private static let flags: [(key: String, mode: Mode)] = [
        ("pooling_mode_cls_token", .cls), ("pooling_mode_max_tokens", .max), ("pooling_mode_mean_tokens", .mean),
        ("pooling_mode_mean_sqrt_len_tokens", .meanOverRoot), ("pooling_mode_weightedmean_tokens", .weightedmean),
        ("pooling_mode_lasttoken", .lasttoken),
    ]

    /// `do_lower_case` and `max_seq_length` of the module's own file; without a length there the tokenizer's
    /// `model_max_length`, where sentence-transformers has kept it since version 5.
    private mutating func readTransformer(_ folder: String) throws {
        for family in ["bert", "roberta", "distilbert", "camembert", "xlm-roberta"] {
            let path = folder + "/sentence_\(family)_config.json"
            guard let found = try Self.json(path) else { continue }
            guard found.members != nil else {
                throw CheckpointError.sentenceConvention(path: path, reason: "expected an object")
            }
            let table = try ConfigurationTable(found, path: path)
            if let flag = table.stated("do_lower_case") {
                guard let flag = flag.bool else { throw table.fault("do_lower_case", expected: "true, false or null") }
                lowercases = flag
            }
            guard let value = table.stated("max_seq_length") else { break }
            guard let length = value.integer, length >= 3 else {
                throw table.fault("max_seq_length", expected: "null or an integer from 3")
            }
            maximumLength = length
            return
        }
        let path = folder + "/" + TokenizerConfiguration.fileName, key = "model_max_length"
        guard let value = try Self.json(path)?[key], !value.isNull else { return }
        guard let number = value.double, number >= 3 else {
            throw CheckpointError.configurationKey(
                path: path, key: key, expected: "null or a number from 3", found: ConfigurationTable.text(value))
        }
        // Tokenizers without a limit have 1e30 there.
        maximumLength = Int(exactly: number)
    }

    /// The prompt that `default_prompt_name` names; others wait to be asked for.
    private static func prompt(_ path: String) throws -> String {
        guard let table = try json(path) else { return "" }
        guard table.members != nil else {
            throw CheckpointError.sentenceConvention(path: path, reason: "expected an object")
        }
        guard let name = table["default_prompt_name"]?.string else { return "" }
        guard let prompt = table["prompts"]?[name]?.string else {
            throw CheckpointError.configurationKey(
                path: path, key: "default_prompt_name", expected: "the name of one of \"prompts\"", found: "\"\(name)\""
            )
        }
        return prompt
    }

    /// - Returns: nil when there is no such file.
    static func json(_ path: String) throws -> JSONValue? {
        FileManager.default.fileExists(atPath: path) ? try ConfigurationTable.document(path) : nil
    }

    /// A module's path leads nowhere out of its folder.
    static func isPlain(_ path: String) -> Bool {
        !path.hasPrefix("/") && !path.split(separator: "/").contains("..")
    }
}
