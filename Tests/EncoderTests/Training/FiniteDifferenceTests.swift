import Foundation
import TestSupport
import Testing

@testable import Encoder

@Suite struct FiniteDifferenceTests {
    /// Central differences in double (error about h² = 1e-10) against float32 gradients of a loss of a few units.
    static let tolerance = 2e-4
    static let h = 1e-5

    /// Two layers of eight dimensions, two heads: every parameter, every element.
    @Test func everyGradientEqualsCentralDifferences() throws {
        let shape: [String: Any] = [
            "model_type": "bert", "vocab_size": 9, "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 2,
            "intermediate_size": 12, "max_position_embeddings": 7, "type_vocab_size": 2, "pad_token_id": 0,
        ]
        let folder = try Fixtures.temporaryFolder()
        let configuration = try ConfigurationFile.parse(
            [UInt8](JSONSerialization.data(withJSONObject: shape)), path: "config.json")
        try JSONSerialization.data(withJSONObject: shape).write(to: URL(fileURLWithPath: folder + "/config.json"))
        var generator = SeededGenerator(state: 77), tensors: [String: TestTensor] = [:]
        for (name, extents) in configuration.parameters {
            let isGamma = name.hasSuffix("LayerNorm.weight")
            let values = (0..<extents.reduce(1, *)).map { _ in
                Float.random(in: -0.7...0.7, using: &generator) + (isGamma ? 1 : 0)
            }
            tensors[name] = TestTensor(type: "F32", shape: extents, bytes: values.withUnsafeBytes { Data($0) })
        }
        try TestTensor.write(tensors, to: folder + "/model.safetensors")
        let model = try TrainableTransformer(Checkpoint(folder: folder), method: .full, threads: 2)
        let batch = [
            TokenSequence(ids: [1, 3, 4, 2], pooled: 1..<3), TokenSequence(ids: [1, 5, 2], pooled: 1..<2),
            TokenSequence(ids: [1, 3, 2, 7, 6, 2], secondSegmentStart: 3, pooled: 1..<2),
        ]
        let functional = (0..<batch.count * 8).map { _ in Float.random(in: -1...1, using: &generator) }
        _ = model.vectors(batch)
        model.backward(functional)
        var reference = DoubleReference(configuration: configuration, parameters: [:])
        for name in model.parameterNames { reference.parameters[name] = model.values(of: name).map(Double.init) }
        for name in model.parameterNames {
            let gradient = model.gradient(of: name)
            for i in gradient.indices {
                let value = reference.parameters[name]![i]
                reference.parameters[name]![i] = value + Self.h
                let up = reference.loss(batch, functional)
                reference.parameters[name]![i] = value - Self.h
                let down = reference.loss(batch, functional)
                reference.parameters[name]![i] = value
                let slope = (up - down) / (2 * Self.h)
                #expect(
                    abs(slope - Double(gradient[i])) <= Self.tolerance * max(1, abs(slope)),
                    "\(name)[\(i)]: \(slope), \(gradient[i])")
            }
        }
    }
}
