import Files
import Fingerprinting
import Foundation
import Kernels

/// The Dense modules of a sentence-transformers folder, in order: a pooled vector x becomes f(W x + b) in each.
///
/// Reading opens the weights and checks their shapes; `DenseEngine` computes with them.
/// - Source: sentence-transformers' `Dense`.
package struct DenseModules: Equatable, Sendable {
    /// f, by the last part of its class's name in torch.
    enum Activation: String, CaseIterable {
        case identity = "Identity"
        case tanh = "Tanh"
        case sigmoid = "Sigmoid"
        case gelu = "GELU"
        case silu = "SiLU"
        case relu = "ReLU"
    }

    struct Module: Sendable {
        /// Of its config.json.
        let path: String
        /// K
        let inputSize: Int
        /// N
        let outputSize: Int
        let hasBias: Bool
        let activation: Activation
        let tensors: CheckpointTensors
    }

    let modules: [Module]
    /// Of sizes, activations and weight files.
    package let fingerprint: Fingerprint

    /// Values of a vector that has gone through all of them.
    package var outputSize: Int { modules[modules.count - 1].outputSize }

    package static func == (one: DenseModules, other: DenseModules) -> Bool { one.fingerprint == other.fingerprint }

    /// - Parameter folders: one for each module, at least one.
    /// - Throws: `CheckpointError` naming the file, and the key or tensor at fault; `FileError`, `SystemFault`.
    init(folders: [String]) throws {
        modules = try folders.map(Self.module)
        for (before, module) in zip(modules, modules.dropFirst()) {
            try module.requireInput(before.outputSize, from: "what \(before.path) puts out")
        }
        let builder = FingerprintBuilder()
        builder.combine("dense 1")
        for module in modules {
            builder.combine(module.inputSize)
            builder.combine(module.outputSize)
            builder.combine(module.activation.rawValue)
            builder.combine(module.hasBias ? 1 : 0)
            for path in module.tensors.paths { builder.combine(try Fingerprint.of(file: path)) }
        }
        fingerprint = builder.finish()
    }

    /// That pooled vectors of a checkpoint can go through.
    /// - Throws: `CheckpointError.configurationKey`.
    package func requireInput(hiddenSize: Int) throws {
        try modules[0].requireInput(hiddenSize, from: "the checkpoint's hidden size")
    }

    private static func module(_ folder: String) throws -> Module {
        let path = folder + "/config.json"
        guard FileManager.default.fileExists(atPath: path) else {
            throw CheckpointError.missingFile(
                folder: folder, expected: "config.json", hint: "modules.json names a Dense here, fetch its files again")
        }
        let table = try ConfigurationTable(reading: path)
        // What the library adds to the product, or takes from elsewhere than the pooled vector.
        try table.requireDefault("module_input_name", "sentence_embedding")
        try table.requireDefault("module_output_name", "sentence_embedding")
        guard try !table.flag("use_residual") else {
            throw table.fault("use_residual", expected: "false (residuals of a Dense are not computed)")
        }
        let tensors = try CheckpointTensors(
            folder: folder, hint: "modules.json names a Dense here, fetch its files again")
        let module = Module(
            path: path, inputSize: try table.extent("in_features"), outputSize: try table.extent("out_features"),
            hasBias: try table.flag("bias", absent: true), activation: try activation(table), tensors: tensors)
        // The shapes are checked before anything is computed.
        _ = try tensors.tensor("linear.weight", shape: [module.outputSize, module.inputSize])
        if module.hasBias { _ = try tensors.tensor("linear.bias", shape: [module.outputSize]) }
        let others = tensors.others(than: module.hasBias ? ["linear.weight", "linear.bias"] : ["linear.weight"])
        if let other = others.first {
            throw CheckpointError.extraTensor(
                path: tensors.paths[0], tensor: other,
                reason: "a Dense has linear.weight and, with \"bias\", linear.bias")
        }
        return module
    }

    /// Tanh when the key is missing, as in the library.
    private static func activation(_ table: ConfigurationTable) throws -> Activation {
        let key = "activation_function"
        guard table[key] != nil else { return .tanh }
        let known = Activation.allCases.map { "\"torch.nn.…\($0.rawValue)\"" }.joined(separator: ", ")
        let name = try table.string(key, expected: "one of \(known)")
        guard name.hasPrefix("torch.nn."), let last = name.split(separator: ".").last,
            let activation = Activation(rawValue: String(last))
        else { throw table.fault(key, expected: "one of \(known)") }
        return activation
    }
}

extension DenseModules.Module {
    fileprivate func requireInput(_ size: Int, from source: String) throws {
        guard inputSize == size else {
            throw CheckpointError.configurationKey(
                path: path, key: "in_features", expected: "\(size), \(source)", found: "\(inputSize)")
        }
    }
}

extension DenseModules.Activation {
    /// x = f(x)
    func apply(_ x: UnsafeMutablePointer<Float>, count: Int) {
        switch self {
        case .identity: break
        // In double, so that the rounded result does not depend on the C library's last bit.
        case .tanh: for index in 0..<count { x[index] = Float(Foundation.tanh(Double(x[index]))) }
        case .sigmoid: for index in 0..<count { x[index] = Float(1 / (1 + Foundation.exp(-Double(x[index])))) }
        case .gelu: Kernels.Activation.gelu.apply(x, count: count)
        case .silu: Kernels.Activation.silu.apply(x, count: count)
        case .relu: Kernels.Activation.relu.apply(x, count: count)
        }
    }
}
