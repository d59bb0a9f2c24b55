import Foundation

/// A Dense module of sentence-transformers with made-up weights.
package struct DenseFixture {
    package var inputSize: Int
    package var outputSize: Int
    package var hasBias = true
    package var activation = "torch.nn.modules.activation.Tanh"
    package var seed = 1

    package init(_ inputSize: Int, _ outputSize: Int, seed: Int = 1) {
        (self.inputSize, self.outputSize, self.seed) = (inputSize, outputSize, seed)
    }

    /// linear.weight and, perhaps, linear.bias.
    package var tensors: [(name: String, shape: [Int], values: [Float])] {
        let weight = [outputSize, inputSize]
        var tensors = [(name: "linear.weight", shape: weight, values: Self.values(outputSize * inputSize, seed: seed))]
        if hasBias { tensors.append(("linear.bias", [outputSize], Self.values(outputSize, seed: seed + 1))) }
        return tensors
    }

    /// config.json and model.safetensors.
    package func write(to folder: String) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let configuration = """
            {"in_features": \(inputSize), "out_features": \(outputSize), "bias": \(hasBias),
             "activation_function": "\(activation)"}
            """
        try configuration.write(toFile: folder + "/config.json", atomically: false, encoding: .utf8)
        try SafetensorsFixture.data(tensors).write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
    }

    /// A checkpoint's folder becomes one of sentence-transformers: the mean over all tokens, then this Dense.
    package func writeModules(to folder: String) throws {
        let rows = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense")].map {
            #"{"path": "\#($0.0)", "type": "sentence_transformers.models.\#($0.1)"}"#
        }
        try FileManager.default.createDirectory(atPath: folder + "/1_Pooling", withIntermediateDirectories: true)
        for (name, contents) in [
            ("modules.json", "[" + rows.joined(separator: ",") + "]"),
            ("1_Pooling/config.json", #"{"pooling_mode": "mean"}"#),
        ] { try contents.write(toFile: "\(folder)/\(name)", atomically: false, encoding: .utf8) }
        try write(to: folder + "/2_Dense")
    }

    /// From −0.1 to 0.1, the same as `values` of tools/goldens/make-sentence-convention-goldens.
    package static func values(_ count: Int, seed: Int) -> [Float] {
        (0..<count).map { Float(Double(($0 * 7919 + seed * 613) % 2003 - 1001) / 10010) }
    }
}
