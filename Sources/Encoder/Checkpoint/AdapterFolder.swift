import Diagnostics
import Files
import Fingerprinting
import Foundation

/// An adapter-hub folder: `adapter_config.json` and the weights of a Pfeiffer adapter, and where its base checkpoint
/// is.
///
/// Weights are those of `adapter.safetensors`, or without it of `pytorch_adapter.bin`, the same as a pickle. Folders of
/// the `adapters` library and of adapter-transformers 1 to 3 are read; a key that a configuration lacks has the
/// library's default.
/// - Source: adapters 1.3, `configuration/adapter_config.py` (BnConfig), `loading.py` (names of earlier versions).
package struct AdapterFolder: TensorSource, Sendable {
    static let configurationName = "adapter_config.json"
    static let weightsName = "adapter.safetensors"
    /// What a plain `load_adapter` of `adapters` looks for.
    static let pickledWeightsName = "pytorch_adapter.bin"

    package let folder: String
    /// Folder of the base checkpoint: "model_name", absolute or relative to the adapter's folder.
    package let baseFolder: String
    /// The adapter's own name, part of its parameters' names.
    let name: String
    let reduction: Double
    private let file: MappedFile
    /// By the names of today.
    private let entries: [String: SafetensorsFile.Entry]
    /// Entries of the weights' file that are no tensors.
    let others: [String]

    /// Nil when the folder is not an adapter's.
    static func open(_ folder: String) throws -> AdapterFolder? {
        let manager = FileManager.default
        guard manager.fileExists(atPath: folder + "/" + configurationName),
            !manager.fileExists(atPath: folder + "/config.json")
        else { return nil }
        return try AdapterFolder(folder)
    }

    private init(_ folder: String) throws {
        self.folder = folder
        let path = folder + "/" + Self.configurationName
        let table = try ConfigurationTable(reading: path)
        guard let base = table["model_name"]?.string, !base.isEmpty else {
            throw Self.fault(path, "model_name", table["model_name"], "the base checkpoint's folder")
        }
        baseFolder = base.hasPrefix("/") ? base : folder + "/" + base
        guard let name = table["name"]?.string, !name.isEmpty else {
            throw Self.fault(path, "name", table["name"], "the adapter's name")
        }
        self.name = name
        let settings = try Self.settings(table["config"], path: path)
        reduction = try Self.checkSettings(settings, path: path)
        let (file, stored, others) = try Self.weights(folder)
        self.file = file
        self.others = others
        entries = try Self.renamed(stored, path: file.path)
        try Self.checkInverse(settings, type: table["type"], name: name, entries, path: path)
    }

    private static func weights(
        _ folder: String
    ) throws -> (MappedFile, [String: SafetensorsFile.Entry], others: [String]) {
        if FileManager.default.fileExists(atPath: "\(folder)/\(weightsName)") {
            let file = try SafetensorsFile(path: "\(folder)/\(weightsName)")
            return (file.file, file.entries, [])
        }
        guard FileManager.default.fileExists(atPath: "\(folder)/\(pickledWeightsName)") else {
            throw CheckpointError.missingFile(
                folder: folder, expected: "\(weightsName) or \(pickledWeightsName)", hint: "fetch the folder again")
        }
        let file = try StateDictionaryFile(path: "\(folder)/\(pickledWeightsName)")
        return (file.file, file.entries, file.others)
    }

    /// Parts of names in adapter-transformers 1 and what they are called today.
    private static let formerNames = [
        "attention_text_task_adapters", "attention_text_lang_adapters", "layer_text_task_adapters",
        "layer_text_lang_adapters",
    ]

    private static func renamed(
        _ entries: [String: SafetensorsFile.Entry], path: String
    ) throws -> [String: SafetensorsFile.Entry] {
        var renamed: [String: SafetensorsFile.Entry] = [:]
        for (name, entry) in entries {
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            let today = parts.map { formerNames.contains(String($0)) ? "adapters" : $0 }.joined(separator: ".")
            guard renamed.updateValue(entry, forKey: today) == nil else {
                throw CheckpointError.extraTensor(
                    path: path, tensor: name, reason: "another is called \(today), too, by the names of today")
            }
        }
        return renamed
    }

    private static func fault(_ path: String, _ key: String, _ found: JSONValue?, _ expected: String) -> CheckpointError
    {
        .adapterKey(path: path, key: key, expected: expected, found: ConfigurationTable.text(found))
    }

    /// The configuration's keys; the library also takes the name of a configuration.
    private static func settings(_ found: JSONValue?, path: String) throws -> JSONValue {
        if let name = found?.string, ["pfeiffer", "seq_bn"].contains(name) {
            return [
                "mh_adapter": false, "output_adapter": true, "original_ln_before": true, "non_linearity": "relu",
                "reduction_factor": 16,
            ]
        }
        guard let settings = found, settings.members != nil else {
            throw fault(path, "config", found, "an object, or \"pfeiffer\"")
        }
        return settings
    }

    /// Refuses what `BottleneckAdapter` would compute differently; returns the reduction factor.
    private static func checkSettings(_ settings: JSONValue, path: String) throws -> Double {
        if let kind = settings["architecture"], !kind.isNull {
            throw fault(path, "architecture", kind, "null (a bottleneck)")
        }
        // What is computed, and what the library takes a missing key for; nil where it demands the key.
        let switches: [(key: String, expected: Bool, absent: Bool?)] = [
            ("adapter_residual_before_ln", false, false), ("cross_adapter", false, false),
            ("is_parallel", false, false), ("ln_after", false, false), ("ln_before", false, false),
            ("mh_adapter", false, nil), ("original_ln_after", true, true), ("original_ln_before", true, false),
            ("output_adapter", true, nil), ("phm_layer", false, false), ("residual_before_ln", true, true),
            ("use_gating", false, false),
        ]
        for (key, expected, absent) in switches {
            let found = settings[key] == nil ? absent : settings[key]?.bool
            guard found == expected else {
                let missing = absent.map { "missing, which stands for \($0)" } ?? "missing"
                throw CheckpointError.adapterKey(
                    path: path, key: key, expected: "\(expected)",
                    found: settings[key] == nil ? missing : ConfigurationTable.text(settings[key]))
            }
        }
        guard settings["non_linearity"]?.string == "relu" else {
            throw fault(path, "non_linearity", settings["non_linearity"], "\"relu\"")
        }
        if let scaling = settings["scaling"], scaling.double != 1 {
            throw fault(path, "scaling", scaling, "1.0")
        }
        if let left = settings["leave_out"], left.array?.isEmpty != true {
            throw fault(path, "leave_out", left, "[]")
        }
        guard let reduction = settings["reduction_factor"]?.double, reduction > 0 else {
            throw fault(path, "reduction_factor", settings["reduction_factor"], "a positive number")
        }
        return reduction
    }

    /// Invertible layers around the embeddings are not computed. Task adapters of adapter-transformers 1 speak of them
    /// and have none; the library leaves them out, too.
    private static func checkInverse(
        _ settings: JSONValue, type: JSONValue?, name: String, _ entries: [String: SafetensorsFile.Entry], path: String
    ) throws {
        guard let inverse = settings["inv_adapter"], !inverse.isNull else { return }
        let stored = entries.keys.contains {
            $0.contains("invertible_adapters.\(name).") || $0.contains("invertible_lang_adapters.\(name).")
        }
        guard type?.string == "text_task", !stored else { throw fault(path, "inv_adapter", inverse, "null") }
    }

    /// r
    func width(_ configuration: TransformerConfiguration) -> Int {
        max(1, Int(min(Double(configuration.hiddenSize) / reduction, 1e6)))
    }

    /// The bottleneck after a block's feed-forward.
    /// - Throws: `CheckpointError` (missing, misshapen, not finite).
    func adapter(layer: Int, configuration: TransformerConfiguration) throws -> BottleneckAdapter {
        let adapter = BottleneckAdapter(
            layer: layer, name: name, width: width(configuration), configuration: configuration, use: .inference)
        try adapter.read(self)
        return adapter
    }

    /// Checks that every parameter is there in its shape, without reading values.
    func checkShapes(_ configuration: TransformerConfiguration) throws {
        let C = configuration.hiddenSize, width = width(configuration)
        for layer in 0..<configuration.layerCount {
            let (down, up) = configuration.names.adapter(layer, name)
            for (name, shape) in [
                (down + ".weight", [width, C]), (down + ".bias", [width]), (up + ".weight", [C, width]),
                (up + ".bias", [C]),
            ] { _ = try tensor(name, shape: shape) }
        }
    }

    func tensor(_ name: String, shape: [Int]) throws -> MappedTensor {
        let path = file.path
        // Saved from a model with heads, names carry the encoder's prefix.
        let found = ([""] + CheckpointTensors.prefixes).lazy.map { $0 + name }.first { entries[$0] != nil }
        guard let found, let entry = entries[found] else {
            throw CheckpointError.missingTensor(
                path: path, tensor: name,
                hint: "the adapter is incomplete, or belongs to another base; save or fetch it again")
        }
        guard let type = SafetensorsFile.ElementType(rawValue: entry.typeName) else {
            throw CheckpointError.unsupportedType(path: path, tensor: found, found: entry.typeName)
        }
        guard entry.shape == shape else {
            throw CheckpointError.misshapenTensor(path: path, tensor: found, expected: shape, found: entry.shape)
        }
        return MappedTensor(name: found, type: type, file: file, entry: entry)
    }

    func combine(into builder: FingerprintBuilder) throws {
        // Not the configuration's bytes: where the base lies does not change a vector.
        builder.combine("adapter 1")
        builder.combine(UInt64(reduction.bitPattern))
        builder.combine(name)
        builder.combine(try Fingerprint.of(file: file.path))
    }
}
