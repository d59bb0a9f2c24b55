import Encoder
import Foundation
import TestSupport
import Testing

/// 'train specialize' beside PyTorch, transformers and pytorch-metric-learning
/// (tools/goldens/make-training-curve-goldens): the loss of every step and the parameters after the last one.
@Suite struct TrainingCurveTests {
    /// float32 in another order of summation; 50 steps of AdamW carry differences on.
    private static let lossTolerance = 1e-4
    private static let parameterTolerance = 1e-4

    private struct Golden: Decodable {
        let steps: Int
        let batch_size: Int
        let learning_rate: Double
        let weight_decay: Double
        let losses: [String: [Double]]
    }

    @Test(arguments: ["full", "gloss", "adapter"]) func trainingIsThatOfPyTorch(variant: String) throws {
        let small = try SmallRun()
        let golden = try JSONDecoder().decode(Golden.self, from: SmallRun.file("golden.json"))
        var more = [
            "--sampling", "file", "--dropout", "0", "--max-steps", "\(golden.steps)", "--learning-rate",
            "\(golden.learning_rate)", "--weight-decay", "\(golden.weight_decay)", "--batch-size",
            "\(golden.batch_size)",
        ]
        if variant == "gloss" { more += ["--input", "word-gloss"] }
        if variant == "adapter" { more += ["--method", "adapter", "--adapter-reduction", "4"] }
        let outcome = try TrainProcess.run(small.arguments(variant, validation: false, more))
        #expect(outcome.status == 0, "\(outcome.errors)")

        let losses = try small.metrics(variant).compactMap { $0["loss"] as? Double }
        let expected = try #require(golden.losses[variant])
        #expect(losses.count == golden.steps && expected.count == golden.steps)
        for (step, (found, wanted)) in zip(losses, expected).enumerated() {
            #expect(
                abs(found - wanted) <= Self.lossTolerance * wanted, "step \(step + 1): \(found), expected \(wanted)")
        }
        #expect((expected.first ?? 0) - (expected.last ?? 0) > 0.2, "the golden run does not learn")

        let name = try #require(
            try FileManager.default.contentsOfDirectory(atPath: "\(small.folder.path)/\(variant)").first {
                $0.hasSuffix(".safetensors")
            })
        let trained = try Self.tensors("\(small.folder.path)/\(variant)/\(name)")
        let wanted = try Self.tensors("\(SmallRun.fixture)/\(variant).safetensors")
        let start = try Self.tensors(
            variant == "adapter"
                ? "\(SmallRun.fixture)/adapter-start.safetensors" : "\(SmallRun.fixture)/model/model.safetensors")
        #expect(Set(trained.keys) == Set(wanted.keys))
        var moved = 0
        for (name, values) in wanted.sorted(by: { $0.key < $1.key }) {
            // A key's bias moves every score of a query alike, so its gradient is rounding noise, which AdamW scales
            // up.
            if name.hasSuffix("attention.self.key.bias") { continue }
            let found = trained[name] ?? []
            let distance = Self.norm(zip(found, values).map { $0 - $1 }), norm = Self.norm(values)
            #expect(
                found.count == values.count && distance <= Self.parameterTolerance * norm, "\(name): \(distance / norm)"
            )
            if Self.norm(zip(start[name] ?? [], values).map { $0 - $1 }) > 1e-3 * norm { moved += 1 }
        }
        #expect(moved > wanted.count / 2, "only \(moved) parameters moved")
    }

    private static func norm(_ values: [Float]) -> Double {
        values.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    /// Tensors by name; a file of a whole model may carry a prefix.
    private static func tensors(_ path: String) throws -> [String: [Float]] {
        let file = try SafetensorsFile(path: path)
        var found: [String: [Float]] = [:]
        for (name, entry) in file.entries {
            #expect(entry.typeName == "F32")
            let values = file.file.withBytes { bytes in
                (0..<(entry.range.count / 4)).map {
                    bytes.loadUnaligned(fromByteOffset: entry.range.lowerBound + 4 * $0, as: Float.self)
                }
            }
            found[name.hasPrefix("bert.") ? String(name.dropFirst(5)) : name] = values
        }
        return found
    }
}
