import Diagnostics
import Files
import Foundation

/// Reads `config.json` into a `TransformerConfiguration`, refusing what Polylex would compute differently.
package enum ConfigurationFile {
    /// No checkpoint in use comes near these; a larger number is damage or malice.
    private static let maximumExtent = 10_000_000
    private static let maximumLayerCount = 1_000
    /// Of this and the other small files of a checkpoint folder; real ones have some kilobytes.
    static let maximumBytes = 4 << 20

    /// - Throws: `CheckpointError` naming the key; `SystemFault` when the file cannot be read.
    package static func read(folder: String) throws -> TransformerConfiguration {
        let path = folder + "/config.json"
        guard FileManager.default.fileExists(atPath: folder) else {
            throw SystemFault(operation: "open", path: folder, code: ENOENT)
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw CheckpointError.missingFile(
                folder: folder, expected: "config.json", hint: "expected a Hugging Face checkpoint folder")
        }
        let contents = try RegularFile(reading: path).contents(limit: maximumBytes)
        try ContentKind.refuseForeign(contents, path: path)
        return try parse(Data(contents), path: path)
    }

    package static func parse(_ json: Data, path: String) throws -> TransformerConfiguration {
        let parsed: Any
        do {
            parsed = try JSONSerialization.jsonObject(with: json)
        } catch {
            throw CheckpointError.malformedJSON(path: path, reason: "\((error as NSError).localizedDescription)")
        }
        guard let table = parsed as? [String: Any] else {
            throw CheckpointError.malformedJSON(path: path, reason: "expected an object at the top")
        }
        let keys = Keys(path: path, table: table)
        let known = ArchitectureDescription.all.map { "\"\($0.name)\"" }
        let expected = known.dropLast().joined(separator: ", ") + " or " + known[known.count - 1]
        guard let architecture = ArchitectureDescription.named(try keys.string("model_type", expected: expected)) else {
            throw keys.fault("model_type", expected: expected)
        }
        let defaults = architecture.defaults
        try keys.requireDefault("hidden_act", "gelu")
        try keys.requireDefault("position_embedding_type", "absolute")
        for flag in ["is_decoder", "add_cross_attention"] where (table[flag] as? Bool) == true {
            throw keys.fault(flag, expected: "false (an encoder)")
        }
        let configuration = TransformerConfiguration(
            architecture: architecture,
            vocabularySize: try keys.extent("vocab_size"),
            hiddenSize: try keys.extent("hidden_size"),
            layerCount: try keys.extent("num_hidden_layers", maximum: maximumLayerCount),
            headCount: try keys.extent("num_attention_heads"),
            intermediateSize: try keys.extent("intermediate_size"),
            positionCount: try keys.extent("max_position_embeddings"),
            tokenTypeCount: try keys.extent("type_vocab_size", absent: defaults.tokenTypes),
            layerNormEpsilon: try keys.fraction("layer_norm_eps", absent: defaults.layerNormEpsilon),
            paddingId: Int32(try keys.extent("pad_token_id", minimum: 0, absent: defaults.paddingId)),
            hiddenDropout: try keys.fraction("hidden_dropout_prob", absent: 0.1),
            attentionDropout: try keys.fraction("attention_probs_dropout_prob", absent: 0.1))
        guard configuration.hiddenSize % configuration.headCount == 0 else {
            throw keys.fault("num_attention_heads", expected: "a divisor of hidden_size \(configuration.hiddenSize)")
        }
        guard configuration.maximumLength >= 3 else {
            throw keys.fault("max_position_embeddings", expected: "room for three tokens after \(configuration.firstPosition)")
        }
        return configuration
    }

    private struct Keys {
        let path: String
        let table: [String: Any]

        func fault(_ key: String, expected: String) -> CheckpointError {
            let found = table[key].map { $0 is String ? "\"\($0)\"" : "\($0)" } ?? "missing"
            return .configurationKey(path: path, key: key, expected: expected, found: found)
        }

        func string(_ key: String, expected: String) throws -> String {
            guard let value = table[key] as? String else { throw fault(key, expected: expected) }
            return value
        }

        func extent(_ key: String, minimum: Int = 1, maximum: Int = maximumExtent, absent: Int? = nil) throws -> Int {
            if table[key] == nil, let absent { return absent }
            guard let number = table[key] as? NSNumber, let value = Int(exactly: number.doubleValue),
                (minimum...maximum).contains(value)
            else { throw fault(key, expected: "an integer from \(minimum) to \(maximum)") }
            return value
        }

        func fraction(_ key: String, absent: Float) throws -> Float {
            guard let found = table[key] else { return absent }
            guard let number = found as? NSNumber, (0..<1).contains(number.doubleValue) else {
                throw fault(key, expected: "a number from 0 to below 1")
            }
            return number.floatValue
        }

        func requireDefault(_ key: String, _ value: String) throws {
            guard let found = table[key] else { return }
            guard found as? String == value else {
                throw fault(key, expected: "\"\(value)\" (the only kind Polylex computes)")
            }
        }
    }
}
