import Diagnostics
import Foundation
import Testing

@testable import Encoder

@Suite struct CheckpointInterpolationTests {
    /// A copy of the fixture whose floats went through `change` (with tensor's name and element's position).
    private func variant(_ change: @escaping (String, Int, Float) -> Float) throws -> String {
        try Fixtures.variant(
            of: "tiny-bert",
            tensors: { tensors in
                for name in tensors.keys {
                    let floats = tensors[name]!.floats
                    tensors[name]!.floats = floats.indices.map { change(name, $0, floats[$0]) }
                }
            })
    }

    private func average(_ folders: [String], _ shares: [Double]) throws -> [String: TestTensor] {
        let out = try Fixtures.temporaryFolder() + "/out"
        try CheckpointInterpolation(folders.map { try Checkpoint(folder: $0) }, shares: shares)
            .write(to: out, extraFiles: ["training.json": "{}", "1_Pooling/config.json": "{}"])
        // What is written is a checkpoint, with what was asked for beside it.
        _ = try CPUEngine(Checkpoint(folder: out))
        #expect(FileManager.default.contents(atPath: out + "/1_Pooling/config.json") == Data("{}".utf8))
        return try TestTensor.read(out + "/model.safetensors")
    }

    @Test func everyWeightIsTheWeightedSumRoundedOnce() throws {
        let folders = try [
            variant { _, _, x in x }, variant { _, i, x in x * 1.37 + Float(i % 7) * 0.01 },
            variant { _, i, x in -x + Float(i % 3) },
        ]
        let shares = [0.2, 0.5, 0.3]
        let found = try average(folders, shares),
            parts = try folders.map { try TestTensor.read($0 + "/model.safetensors") }
        #expect(found.keys.contains("pooler.dense.weight") && found.count == parts[0].count)
        for (name, tensor) in found {
            let values = parts.map { $0[name]!.floats }
            let expected = values[0].indices.map { i in
                Float(
                    shares[0] * Double(values[0][i]) + shares[1] * Double(values[1][i]) + shares[2]
                        * Double(values[2][i]))
            }
            #expect(tensor.type == "F32" && tensor.floats == expected, "\(name)")
        }
    }

    @Test func aShareOfOneAndTheMeanOfEqualsAreTheCheckpointItselfBitForBit() throws {
        // A negative zero, a number float32 has no neighbour of a third of, and a subnormal.
        let special: [Float] = [-0.0, 1.0 / 3, .leastNonzeroMagnitude * 700, 3.4e38]
        let a = try variant { _, i, x in i < special.count ? special[i] : x }, b = try variant { _, _, x in x * -2 }
        let bytes = try TestTensor.read(a + "/model.safetensors").mapValues(\.bytes)
        #expect(try average([a, b], [1, 0]).mapValues(\.bytes) == bytes)
        #expect(try average([b, a], [0, 1]).mapValues(\.bytes) == bytes)
        #expect(try average([a, a, a], [Double](repeating: 1 / 3.0, count: 3)).mapValues(\.bytes) == bytes)
    }

    @Test func halfPrecisionIsWidenedFirst() throws {
        let half = try Fixtures.variant(
            of: "tiny-bert",
            tensors: { tensors in
                for name in tensors.keys {
                    let words = tensors[name]!.floats.map { Float16($0).bitPattern }
                    tensors[name]!.type = "F16"
                    tensors[name]!.bytes = words.withUnsafeBytes { Data($0) }
                }
            })
        let whole = try variant { _, _, x in x }
        let name = "encoder.layer.1.output.dense.weight"
        let found = try #require(try average([half, whole], [0.5, 0.5])[name]).floats
        let floats = try #require(try TestTensor.read(whole + "/model.safetensors")[name]).floats
        #expect(found == floats.map { Float(0.5 * Double(Float(Float16($0))) + 0.5 * Double($0)) })
    }

    @Test func whatHasNoMeanIsRefusedWithTheReason() throws {
        let plain = try variant { _, _, x in x }
        func message(_ folder: String) throws -> String {
            let error = #expect(throws: CheckpointError.self) { try average([plain, folder], [0.5, 0.5]) }
            return error?.description ?? ""
        }
        let epsilon = try Fixtures.variant(of: "tiny-bert", config: { $0["layer_norm_eps"] = 1e-5 })
        #expect(try message(epsilon).contains("\"layer_norm_eps\" is 1e-05, expected 1e-12 as in \(plain)"))
        let other = try message("\(Fixtures.folder)/tiny-xlmr")
        #expect(other.contains("\"model_type\" is xlm-roberta, expected bert"))
        let tokens = try variant { _, _, x in x }
        try Data("[PAD]\n[UNK]\n".utf8).write(to: URL(fileURLWithPath: tokens + "/vocab.txt"))
        #expect(try message(tokens).contains("its tokenizer's files are not those of"))
        let broken = try variant { name, i, x in name.hasPrefix("encoder.layer.2.output.dense") && i == 5 ? .nan : x }
        #expect(try message(broken).contains("tensor encoder.layer.2.output.dense.weight holds NaN"))
        // Dropout is a training's choice, and what is left over goes away.
        let calm = try Fixtures.variant(of: "tiny-bert", config: { $0["hidden_dropout_prob"] = 0 })
        #expect(try average([plain, calm], [0.5, 0.5]).count > 0)
    }
}
