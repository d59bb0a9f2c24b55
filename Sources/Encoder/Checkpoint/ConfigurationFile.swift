import Diagnostics
import Files
import Foundation
import Kernels

/// Reads `config.json` into a `TransformerConfiguration`, refusing what Polylex would compute differently.
package enum ConfigurationFile {
    /// No checkpoint in use comes near it; a larger number is damage or malice.
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
        return try configuration(ConfigurationTable(reading: path))
    }

    /// - Throws: `CheckpointError`.
    static func parse(_ json: [UInt8], path: String) throws -> TransformerConfiguration {
        try configuration(ConfigurationTable(ConfigurationTable.document(json, path: path), path: path))
    }

    private static func configuration(_ file: ConfigurationTable) throws -> TransformerConfiguration {
        let known = ArchitectureDescription.all.map { "\"\($0.name)\"" }
        let expected = known.dropLast().joined(separator: ", ") + " or " + known[known.count - 1]
        guard let architecture = ArchitectureDescription.named(try file.string("model_type", expected: expected)) else {
            throw file.fault("model_type", expected: expected)
        }
        try refuseOthers(file)
        let configuration = try configuration(file, architecture)
        guard configuration.hiddenSize % configuration.headCount == 0 else {
            throw file.fault(
                architecture.keys.headCount,
                expected: "a divisor of \(architecture.keys.hiddenSize) \(configuration.hiddenSize)")
        }
        if architecture.positions == .rotary, configuration.headSize % 2 != 0 {
            throw file.fault(
                architecture.keys.headCount, expected: "heads of an even size: rotary positions turn pairs of values")
        }
        guard configuration.maximumLength >= 3 else {
            throw file.fault(
                "max_position_embeddings", expected: "room for three tokens after \(configuration.firstPosition)")
        }
        return configuration
    }

    /// What would be computed differently. (DistilBERT's sinusoids are stored like any other table of positions.)
    private static func refuseOthers(_ file: ConfigurationTable) throws {
        try file.requireDefault("position_embedding_type", "absolute")
        for flag in ["is_decoder", "add_cross_attention"] where file[flag]?.bool == true {
            throw file.fault(flag, expected: "false (an encoder)")
        }
    }

    private static func configuration(
        _ file: ConfigurationTable, _ architecture: ArchitectureDescription
    ) throws -> TransformerConfiguration {
        let keys = architecture.keys
        let layerCount = try file.extent(keys.layerCount, maximum: maximumLayerCount)
        return TransformerConfiguration(
            architecture: architecture,
            vocabularySize: try file.extent("vocab_size"),
            hiddenSize: try file.extent(keys.hiddenSize),
            layerCount: layerCount,
            headCount: try file.extent(keys.headCount),
            intermediateSize: try file.extent(keys.intermediateSize),
            positionCount: try file.extent("max_position_embeddings"),
            tokenTypeCount: try keys.tokenTypes.map { try file.extent($0, absent: keys.absentTokenTypes) } ?? 0,
            layerNormEpsilon: try keys.layerNormEpsilon.map { try file.fraction($0, absent: keys.absentEpsilon) }
                ?? keys.absentEpsilon,
            paddingId: try padding(file, architecture),
            activation: try activation(file, keys.activation),
            biases: try biases(file, architecture),
            dropout: try dropout(file, architecture.dropout),
            reach: try reach(file, architecture, layerCount: layerCount),
            relativeBuckets: architecture.names.relativeBias == nil
                ? 0 : try file.extent("relative_attention_num_buckets", minimum: 32, maximum: 32, absent: 32))
    }

    private static func padding(
        _ file: ConfigurationTable, _ architecture: ArchitectureDescription
    ) throws -> Int32? {
        if file["pad_token_id"]?.isNull == true {
            guard architecture.positions != .absolute(afterPadding: true) else {
                throw file.fault("pad_token_id", expected: "an id: positions are counted from it")
            }
            return nil
        }
        return Int32(try file.extent("pad_token_id", minimum: 0, absent: Int(architecture.keys.absentPadding)))
    }

    private static func activation(_ file: ConfigurationTable, _ key: String) throws -> Activation {
        let names: [(String, Activation)] = [
            ("gelu", .gelu), ("gelu_python", .gelu), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh),
            ("gelu_fast", .geluTanh), ("silu", .silu), ("swish", .silu), ("relu", .relu),
        ]
        guard let found = file.stated(key) else { return .gelu }
        guard let name = found.string, let activation = names.first(where: { $0.0 == name })?.1 else {
            throw file.fault(key, expected: "one of " + names.map { "\"\($0.0)\"" }.joined(separator: ", "))
        }
        return activation
    }

    private static func biases(
        _ file: ConfigurationTable, _ architecture: ArchitectureDescription
    ) throws -> TransformerConfiguration.Biases {
        guard architecture.norm == .beforeLayer else { return .init() }
        return .init(
            attention: try file.flag("attention_bias"), feedForward: try file.flag("mlp_bias"),
            norms: try file.flag("norm_bias"))
    }

    private static func dropout(
        _ file: ConfigurationTable, _ keys: ArchitectureDescription.DropoutKeys
    ) throws -> TransformerConfiguration.Dropout {
        func probability(_ key: String) throws -> Float { try file.fraction(key, absent: keys.absent) }
        return .init(
            embeddings: try probability(keys.embeddings),
            attentionProbabilities: try probability(keys.attentionProbabilities),
            attentionOutput: try keys.attentionOutput.map(probability), activated: try keys.activated.map(probability),
            output: try keys.output.map(probability))
    }

    /// Which blocks look at a window only, and each block's rotary base: by "layer_types" and "rope_parameters", or by
    /// the keys of the first ModernBERTs.
    private static func reach(
        _ file: ConfigurationTable, _ architecture: ArchitectureDescription, layerCount: Int
    ) throws -> [TransformerConfiguration.Reach] {
        guard architecture.positions == .rotary else { return Array(repeating: .init(), count: layerCount) }
        let isLocal: [Bool]
        if let types = file.stated("layer_types") {
            let local = ["full_attention": false, "sliding_attention": true]
            guard let list = types.array, list.count >= layerCount,
                case let isSliding = list.compactMap({ $0.string.flatMap { local[$0] } }), isSliding.count == list.count
            else {
                throw file.fault(
                    "layer_types",
                    expected: "\"full_attention\" or \"sliding_attention\" for each of \(layerCount) layers")
            }
            isLocal = Array(isSliding.prefix(layerCount))
        } else {
            let every = try file.extent("global_attn_every_n_layers", absent: 3)
            isLocal = (0..<layerCount).map { $0 % every != 0 }
        }
        let window = try file.extent("local_attention", minimum: 0, absent: 128) / 2
        let all = try rotaryBase(file, "full_attention", "global_rope_theta", absent: 160_000, null: 160_000)
        // Null says that both kinds have one base.
        let local = try rotaryBase(file, "sliding_attention", "local_rope_theta", absent: 10_000, null: all)
        return isLocal.map { $0 ? .init(window: window, rotaryBase: local) : .init(window: nil, rotaryBase: all) }
    }

    private static func rotaryBase(
        _ file: ConfigurationTable, _ type: String, _ old: String, absent: Double, null: Double
    ) throws -> Double {
        if file.stated("rope_scaling") != nil {
            throw file.fault("rope_scaling", expected: "null (plain rotary positions are all Polylex computes)")
        }
        if let parameters = file["rope_parameters"]?[type], parameters.members != nil {
            if let kind = parameters["rope_type"], kind.string != "default" {
                throw file.fault("rope_parameters", expected: "rope_type \"default\" (the only kind Polylex computes)")
            }
            if let theta = parameters["rope_theta"]?.double {
                guard theta > 0, theta.isFinite else {
                    throw file.fault("rope_parameters", expected: "a positive rope_theta for \"\(type)\"")
                }
                return theta
            }
        }
        guard let found = file[old] else { return absent }
        if found.isNull { return null }
        guard let theta = found.double, theta > 0, theta.isFinite else {
            throw file.fault(old, expected: "a positive number")
        }
        return theta
    }
}
