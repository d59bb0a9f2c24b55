import Diagnostics
import Foundation
import Testing

@testable import Encoder

@Suite struct CheckpointTests {
    /// Encodes the golden cases with a variant and compares with the fixture's golden states.
    private func worstError(_ folder: String, _ name: String) throws -> Float {
        let engine = try CPUEngine(Checkpoint(folder: folder))
        let cases = try Fixtures.golden(name).cases
        let ours = Fixtures.encode(engine, cases.map(\.sequence))
        var worst: Float = 0
        for (row, golden) in cases.enumerated() {
            for (layer, expected) in golden.layers.enumerated() {
                worst = max(worst, relativeError(ours[layer][row], expected))
            }
        }
        return worst
    }

    private func renamed(_ tensors: [String: TestTensor], _ rename: (String) -> String) -> [String: TestTensor] {
        Dictionary(uniqueKeysWithValues: tensors.map { (rename($0.key), $0.value) })
    }

    @Test(arguments: ["bert.", "roberta."])
    func aPrefixIsStripped(_ prefix: String) throws {
        let folder = try Fixtures.variant(of: "tiny-bert", tensors: { $0 = renamed($0) { prefix + $0 } })
        #expect(try worstError(folder, "tiny-bert") <= CPUEngineTests.parityTolerance)
    }

    @Test func oldNormNamesAndHeadsAreUnderstood() throws {
        let folder = try Fixtures.variant(
            of: "tiny-bert",
            tensors: { tensors in
                tensors = renamed(tensors) { name in
                    guard name.contains("LayerNorm") else { return name }
                    return name.replacingOccurrences(of: ".weight", with: ".gamma")
                        .replacingOccurrences(of: ".bias", with: ".beta")
                }
                for head in ["cls.predictions.bias", "lm_head.dense.weight", "embeddings.position_ids"] {
                    tensors[head] = TestTensor(type: "I64", shape: [1, 1], bytes: Data(count: 8))
                }
                for name in tensors.keys where name.hasPrefix("pooler.") { tensors[name] = nil }
            })
        #expect(try worstError(folder, "tiny-bert") <= CPUEngineTests.parityTolerance)
    }

    @Test(arguments: [("F16", Float(2e-3)), ("BF16", Float(3e-2))])
    func halfPrecisionWeightsAreWidened(_ type: String, _ tolerance: Float) throws {
        let folder = try Fixtures.variant(
            of: "tiny-bert",
            tensors: { tensors in
                for (name, tensor) in tensors where tensor.type == "F32" {
                    let words: [UInt16] = tensor.floats.map {
                        type == "F16" ? Float16($0).bitPattern : UInt16(truncatingIfNeeded: ($0.bitPattern + 0x8000) >> 16)
                    }
                    tensors[name] = TestTensor(
                        type: type, shape: tensor.shape, bytes: words.withUnsafeBytes { Data($0) })
                }
            })
        let error = try worstError(folder, "tiny-bert")
        // Rounded weights move the states, but only by what the format loses; and they must move.
        #expect(error > 1e-6 && error < tolerance * 10, "\(error)")
    }

    @Test func shardsAreJoined() throws {
        let folder = try Fixtures.variant(of: "tiny-bert")
        let tensors = try TestTensor.read(folder + "/model.safetensors")
        try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
        var map: [String: String] = [:]
        for shard in 0..<3 {
            let name = "model-0000\(shard + 1)-of-00003.safetensors"
            let part = tensors.keys.sorted().enumerated().filter { $0.offset % 3 == shard }.map(\.element)
            try TestTensor.write(
                Dictionary(uniqueKeysWithValues: part.map { ($0, tensors[$0]!) }), to: folder + "/" + name)
            for tensor in part { map[tensor] = name }
        }
        let index = folder + "/model.safetensors.index.json"
        try JSONSerialization.data(withJSONObject: ["metadata": ["total_size": 1], "weight_map": map])
            .write(to: URL(fileURLWithPath: index))
        #expect(try worstError(folder, "tiny-bert") <= CPUEngineTests.parityTolerance)

        try FileManager.default.removeItem(atPath: folder + "/model-00002-of-00003.safetensors")
        try expectMessage(folder, naming: "model-00002-of-00003.safetensors", status: .missingInput)
        try JSONSerialization.data(withJSONObject: ["weight_map": ["x": "../../etc/passwd"]])
            .write(to: URL(fileURLWithPath: index))
        try expectMessage(folder, naming: "plain file names")
    }

    @Test func theFingerprintFollowsWeightsAndConfiguration() throws {
        let base = try Checkpoint(folder: Fixtures.variant(of: "tiny-bert")).fingerprint
        #expect(try Checkpoint(folder: Fixtures.variant(of: "tiny-bert")).fingerprint == base)
        let nudged = try Fixtures.variant(
            of: "tiny-bert", tensors: { $0["encoder.layer.0.output.dense.bias"]!.floats[0] += 1e-3 })
        #expect(try Checkpoint(folder: nudged).fingerprint != base)
        let reconfigured = try Fixtures.variant(of: "tiny-bert", config: { $0["layer_norm_eps"] = 1e-5 })
        #expect(try Checkpoint(folder: reconfigured).fingerprint != base)
    }

    // MARK: Bad input

    private func expectMessage(
        _ folder: String, naming parts: String..., status: Diagnostics.ExitStatus = .badInput,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        do {
            _ = try CPUEngine(Checkpoint(folder: folder))
            Issue.record("no error", sourceLocation: sourceLocation)
        } catch let error as any Diagnosable {
            for part in parts {
                #expect(error.description.contains(part), "\(error.description)", sourceLocation: sourceLocation)
            }
            #expect(error.exitStatus == status, "\(error.description)", sourceLocation: sourceLocation)
        }
    }

    @Test func missingExtraAndMisshapenTensorsAreNamed() throws {
        let name = "encoder.layer.1.output.dense.weight"
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0[name] = nil }), naming: name, "missing")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0["encoder.layer.3.output.dense.weight"] = $0[name] }),
            naming: "encoder.layer.3.output.dense.weight", "not expected")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0["bert." + name] = $0[name] }), naming: "same parameter")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0[name]!.shape = [64, 32] }),
            naming: name, "[64, 32]", "[32, 64]")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0[name]!.type = "I32" }), naming: name, "I32")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", config: { $0["num_hidden_layers"] = 2 }), naming: "encoder.layer.2")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", config: { $0["vocab_size"] = 61 }), naming: "word_embeddings", "61")
    }

    @Test(arguments: [
        "encoder.layer.2.intermediate.dense.weight", "embeddings.word_embeddings.weight",
        "encoder.layer.0.attention.self.key.bias", "embeddings.LayerNorm.bias",
    ])
    func notANumberIsNamed(_ name: String) throws {
        let folder = try Fixtures.variant(of: "tiny-bert", tensors: { $0[name]!.floats[3] = .nan })
        try expectMessage(folder, naming: name, "NaN")
    }

    @Test func configurationsWeComputeDifferentlyAreRefused() throws {
        let edits: [(String, Any?)] = [
            ("model_type", "distilbert"), ("model_type", nil), ("hidden_act", "relu"),
            ("position_embedding_type", "relative_key"), ("num_attention_heads", 5), ("hidden_size", -32),
            ("hidden_size", 1e18), ("hidden_size", "32"), ("vocab_size", 0.5), ("is_decoder", true),
            ("layer_norm_eps", "tiny"), ("max_position_embeddings", 2),
        ]
        for (key, value) in edits {
            let folder = try Fixtures.variant(of: "tiny-bert", config: { $0[key] = value })
            try expectMessage(folder, naming: "config.json", key)
        }
    }

    @Test func missingFilesSayWhatToDo() throws {
        let folder = try Fixtures.temporaryFolder()
        try expectMessage(folder, naming: "config.json", status: .missingInput)
        try expectMessage(folder + "/nowhere", naming: "nowhere", "no such file", status: .missingInput)
        let legacy = try Fixtures.variant(of: "tiny-bert")
        try FileManager.default.moveItem(
            atPath: legacy + "/model.safetensors", toPath: legacy + "/pytorch_model.bin")
        try expectMessage(legacy, naming: "tools/convert-checkpoint", status: .missingInput)
    }
}
