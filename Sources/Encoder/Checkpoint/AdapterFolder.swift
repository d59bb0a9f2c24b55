import Diagnostics
import Files
import Fingerprinting
import Foundation

/// An adapter-hub folder: `adapter_config.json` and `adapter.safetensors` of a Pfeiffer adapter, and where its base
/// checkpoint is. `pytorch_adapter.bin`, the same weights as a pickle, is not looked at.
package struct AdapterFolder: TensorSource, Sendable {
    static let configurationName = "adapter_config.json"
    static let weightsName = "adapter.safetensors"
    /// What a plain `load_adapter` of `adapters` looks for; written, never read.
    static let pickledWeightsName = "pytorch_adapter.bin"

    package let folder: String
    /// Folder of the base checkpoint: "model_name", absolute or relative to the adapter's folder.
    package let baseFolder: String
    /// The adapter's own name, part of its parameters' names.
    let name: String
    let reduction: Double
    private let file: SafetensorsFile

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
        let contents = try RegularFile(reading: path).contents(limit: ConfigurationFile.maximumBytes)
        try ContentKind.refuseForeign(contents, path: path)
        let parsed = try? JSONSerialization.jsonObject(with: Data(contents))
        guard let table = parsed as? [String: Any] else {
            throw CheckpointError.malformedJSON(path: path, reason: "expected an object at the top")
        }
        guard let base = table["model_name"] as? String, !base.isEmpty else {
            throw Self.fault(path, "model_name", table["model_name"], "the base checkpoint's folder")
        }
        baseFolder = base.hasPrefix("/") ? base : folder + "/" + base
        guard let name = table["name"] as? String, !name.isEmpty else {
            throw Self.fault(path, "name", table["name"], "the adapter's name")
        }
        self.name = name
        guard let settings = table["config"] as? [String: Any] else {
            throw Self.fault(path, "config", table["config"], "an object")
        }
        reduction = try Self.checkSettings(settings, path: path)
        guard FileManager.default.fileExists(atPath: folder + "/" + Self.weightsName) else {
            throw CheckpointError.missingFile(
                folder: folder, expected: Self.weightsName,
                hint: "save the adapter with use_safetensors=True, or fetch the folder again")
        }
        file = try SafetensorsFile(path: folder + "/" + Self.weightsName)
    }

    private static func fault(_ path: String, _ key: String, _ found: Any?, _ expected: String) -> CheckpointError {
        .adapterKey(path: path, key: key, expected: expected, found: found.map { "\($0)" } ?? "missing")
    }

    /// Refuses what `BottleneckAdapter` would compute differently; returns the reduction factor.
    private static func checkSettings(_ settings: [String: Any], path: String) throws -> Double {
        let switches: [(String, Bool)] = [
            ("adapter_residual_before_ln", false), ("cross_adapter", false), ("is_parallel", false),
            ("ln_after", false),
            ("ln_before", false), ("mh_adapter", false), ("original_ln_after", true), ("original_ln_before", true),
            ("output_adapter", true), ("phm_layer", false), ("residual_before_ln", true), ("use_gating", false),
        ]
        for (key, expected) in switches {
            let found = settings[key] as? Bool
            guard found == expected else { throw fault(path, key, found ?? settings[key], "\(expected)") }
        }
        guard settings["non_linearity"] as? String == "relu" else {
            throw fault(path, "non_linearity", settings["non_linearity"], "\"relu\"")
        }
        if let scaling = settings["scaling"], (scaling as? NSNumber)?.doubleValue != 1 {
            throw fault(path, "scaling", scaling, "1.0")
        }
        if let left = settings["leave_out"], (left as? [Any])?.isEmpty != true {
            throw fault(path, "leave_out", left, "[]")
        }
        if let inverse = settings["inv_adapter"], !(inverse is NSNull) {
            throw fault(path, "inv_adapter", inverse, "null")
        }
        guard let reduction = (settings["reduction_factor"] as? NSNumber)?.doubleValue, reduction > 0 else {
            throw fault(path, "reduction_factor", settings["reduction_factor"], "a positive number")
        }
        return reduction
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
        let path = file.file.path
        // Saved from a model with heads, names carry the encoder's prefix.
        let found = ([""] + CheckpointTensors.prefixes).lazy.map { $0 + name }.first { file.entries[$0] != nil }
        guard let found, let entry = file.entries[found] else {
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
        return MappedTensor(name: found, shape: shape, type: type, file: file.file, range: entry.range)
    }

    func combine(into builder: FingerprintBuilder) throws {
        // Not the configuration's bytes: where the base lies does not change a vector.
        builder.combine("adapter 1")
        builder.combine(UInt64(reduction.bitPattern))
        builder.combine(name)
        builder.combine(try Fingerprint.of(file: folder + "/" + Self.weightsName))
    }
}
