import Diagnostics
import Foundation
import Kernels
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

    /// Of models with heads, of wrappers, of both.
    @Test(arguments: [
        ("tiny-bert", "bert."), ("tiny-xlmr", "roberta."), ("tiny-distilbert", "distilbert."), ("tiny-mpnet", "mpnet."),
        ("tiny-modernbert", "model."), ("tiny-bert", "module."), ("tiny-bert", "_orig_mod.bert."),
        ("tiny-distilbert", "0.auto_model."), ("tiny-modernbert", "module._orig_mod.model."),
    ])
    func aPrefixIsStripped(_ name: String, _ prefix: String) throws {
        let folder = try Fixtures.variant(of: name, tensors: { $0 = renamed($0) { prefix + $0 } })
        #expect(try worstError(folder, name) <= CPUEngineTests.parityTolerance)
        #expect(try Checkpoint(folder: folder).remark == nil)
    }

    @Test func anUnknownPrefixIsNamed() throws {
        let folder = try Fixtures.variant(of: "tiny-bert", tensors: { $0 = renamed($0) { "net.encoder_q." + $0 } })
        try expectMessage(
            folder, naming: "embeddings.word_embeddings.weight is missing",
            "net.encoder_q.embeddings.word_embeddings.weight", "begin with \"net.encoder_q.\"")
    }

    /// What the encoder has no use for is left out and counted; the vectors are those without it.
    @Test func extraTensorsAreLeftOutAndCounted() throws {
        let extras = ["crf.transitions", "linear.weight", "mlp.dense.bias"]
        let folder = try Fixtures.variant(
            of: "tiny-bert",
            tensors: { tensors in
                tensors = renamed(tensors) { "bert." + $0 }
                for name in extras { tensors[name] = TestTensor(type: "F32", shape: [2], bytes: Data(count: 8)) }
                tensors["cls.predictions.bias"] = TestTensor(type: "F32", shape: [2], bytes: Data(count: 8))
            })
        #expect(try worstError(folder, "tiny-bert") <= CPUEngineTests.parityTolerance)
        let checkpoint = try Checkpoint(folder: folder)
        #expect(checkpoint.leftOut == extras)
        let remark = try #require(checkpoint.remark)
        #expect(remark.contains("3 tensors") && remark.contains("crf.transitions … mlp.dense.bias"))
    }

    /// Fewer layers than the files hold, as `from_pretrained(…, num_hidden_layers=2)` takes them.
    @Test func fewerLayersAreTakenFromTheBottom() throws {
        let folder = try Fixtures.variant(of: "tiny-bert", config: { $0["num_hidden_layers"] = 2 })
        let checkpoint = try Checkpoint(folder: folder), engine = try CPUEngine(checkpoint)
        let cases = try Fixtures.golden("tiny-bert").cases, ours = Fixtures.encode(engine, cases.map(\.sequence))
        #expect(ours.count == 3)
        for layer in 0...2 {
            for (row, golden) in cases.enumerated() {
                #expect(relativeError(ours[layer][row], golden.layers[layer]) <= CPUEngineTests.parityTolerance)
            }
        }
        #expect(checkpoint.leftOut.count == 16 && checkpoint.leftOut.allSatisfy { $0.contains("encoder.layer.2.") })
    }

    @Test func doublesAreRounded() throws {
        let folder = try Fixtures.variant(
            of: "tiny-distilbert",
            tensors: { tensors in
                for (name, tensor) in tensors {
                    let doubles = tensor.floats.map { Double($0) }
                    tensors[name] = TestTensor(
                        type: "F64", shape: tensor.shape, bytes: doubles.withUnsafeBytes { Data($0) })
                }
            })
        #expect(try worstError(folder, "tiny-distilbert") <= CPUEngineTests.parityTolerance)
    }

    @Test func nullsMeanTheDefault() throws {
        let folder = try Fixtures.variant(
            of: "tiny-bert",
            config: {
                $0["pad_token_id"] = NSNull(); $0["position_embedding_type"] = NSNull()
            })
        #expect(try worstError(folder, "tiny-bert") <= CPUEngineTests.parityTolerance)
        #expect(try Checkpoint(folder: folder).configuration.paddingId == nil)
        // Without a padding row every word embedding is trained.
        let model = try TrainableTransformer(Checkpoint(folder: folder), method: .full, threads: 1)
        _ = model.vectors([TokenSequence(ids: [2, 0, 3], pooled: 1..<2)])
        model.backward((0..<32).map { sin(Float($0)) })
        #expect(model.gradient(of: "embeddings.word_embeddings.weight")[..<32].contains { $0 != 0 })
        try expectMessage(
            Fixtures.variant(of: "tiny-xlmr", config: { $0["pad_token_id"] = NSNull() }), naming: "pad_token_id", "null"
        )
    }

    @Test(arguments: [
        ("gelu", Activation.gelu), ("gelu_python", .gelu), ("gelu_new", .geluTanh), ("gelu_pytorch_tanh", .geluTanh),
        ("gelu_fast", .geluTanh), ("silu", .silu), ("swish", .silu), ("relu", .relu),
    ])
    func activationsAreKnownByTheirNames(_ name: String, _ activation: Activation) throws {
        for (fixture, key) in [
            ("tiny-bert", "hidden_act"), ("tiny-distilbert", "activation"), ("tiny-modernbert", "hidden_activation"),
        ] {
            let folder = try Fixtures.variant(of: fixture, config: { $0[key] = name })
            #expect(try Checkpoint(folder: folder).configuration.activation == activation)
        }
    }

    /// The keys of the first ModernBERTs say the same as those of today.
    @Test func bothKindsOfRotaryKeysAreRead() throws {
        let today = try ConfigurationFile.read(folder: "\(Fixtures.folder)/tiny-modernbert")
        let folder = try Fixtures.variant(
            of: "tiny-modernbert",
            config: { config in
                for key in ["layer_types", "rope_parameters"] { config[key] = nil }
                config["global_attn_every_n_layers"] = 3
                config["global_rope_theta"] = 160_000.0
                config["local_rope_theta"] = 10_000.0
            })
        #expect(try ConfigurationFile.read(folder: folder) == today)
        #expect(today.reach.map(\.window) == [nil, 4, 4, nil])
        #expect(today.reach.map(\.rotaryBase) == [160_000, 10_000, 10_000, 160_000])
        for (key, value) in [
            ("layer_types", ["full_attention", "sliding_attention"] as Any), ("rope_scaling", ["type": "linear"]),
            ("rope_parameters", ["full_attention": ["rope_type": "yarn", "rope_theta": 1.0]]), ("norm_bias", "no"),
            ("num_attention_heads", 32),
        ] {
            try expectMessage(
                Fixtures.variant(of: "tiny-modernbert", config: { $0[key] = value }), naming: "config.json", key)
        }
    }

    @Test func aFamilyThatCannotBeTrainedSaysSo() throws {
        let error = #expect(throws: CheckpointError.self) {
            try TrainableTransformer(Checkpoint(folder: "\(Fixtures.folder)/tiny-mpnet"), method: .full, threads: 1)
        }
        #expect(error?.description.contains("\"mpnet\"") == true)
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
                        type == "F16"
                            ? Float16($0).bitPattern : UInt16(truncatingIfNeeded: ($0.bitPattern + 0x8000) >> 16)
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

    /// What the hub has of mmBERT, and everything before 2023: the weights as a pickle, whole or in shards.
    @Test func picklesOfTorchAreReadAsSafetensorsAre() throws {
        let folder = try Fixtures.variant(of: "tiny-bert")
        let tensors = try TestTensor.read(folder + "/model.safetensors").sorted { $0.key < $1.key }
        try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
        try Self.pickle(tensors, to: folder + "/pytorch_model.bin")
        #expect(try worstError(folder, "tiny-bert") <= CPUEngineTests.parityTolerance)
        #expect(try Checkpoint(folder: folder).leftOut.isEmpty)

        try FileManager.default.removeItem(atPath: folder + "/pytorch_model.bin")
        var map: [String: String] = [:]
        for shard in 0..<2 {
            let name = "pytorch_model-0000\(shard + 1)-of-00002.bin"
            let part = tensors.enumerated().filter { $0.offset % 2 == shard }.map(\.element)
            try Self.pickle(part, to: folder + "/" + name)
            for (tensor, _) in part { map[tensor] = name }
        }
        try JSONSerialization.data(withJSONObject: ["weight_map": map])
            .write(to: URL(fileURLWithPath: folder + "/pytorch_model.bin.index.json"))
        #expect(try worstError(folder, "tiny-bert") <= CPUEngineTests.parityTolerance)
        try FileManager.default.removeItem(atPath: folder + "/pytorch_model-00002-of-00002.bin")
        try expectMessage(folder, naming: "pytorch_model.bin.index.json names it", status: .missingInput)
    }

    /// Trainings that save more than weights: what is no tensor is said, not taken for one.
    @Test func entriesThatAreNoTensorsAreSaid() throws {
        let folder = try Fixtures.variant(of: "tiny-bert")
        let tensors = try TestTensor.read(folder + "/model.safetensors").sorted { $0.key < $1.key }
        try FileManager.default.removeItem(atPath: folder + "/model.safetensors")
        let pickle = StateDictionaryPickle(tensors.map { ($0.key, $0.value.shape) }).bytes
        let epoch = Array("X\u{5}\0\0\0epochK\u{3}".utf8)
        var members = [(name: "x/data.pkl", bytes: Array(pickle.dropLast(2) + epoch + pickle.suffix(2)))]
        for (number, tensor) in tensors.enumerated() {
            members.append((name: "x/data/\(number)", bytes: Array(tensor.value.bytes)))
        }
        try Data(Fixtures.zip(members)).write(to: URL(fileURLWithPath: folder + "/pytorch_model.bin"))
        let checkpoint = try Checkpoint(folder: folder)
        #expect(checkpoint.leftOut == ["epoch"])
        #expect(checkpoint.remark?.contains("1 entry of the weights is no part") == true, "\(checkpoint.remark ?? "")")
    }

    private static func pickle(_ tensors: [(key: String, value: TestTensor)], to path: String) throws {
        let arrays = tensors.map(\.value.floats), buffers = arrays.map { UnsafeMutablePointer<Float>.allocate($0) }
        defer { buffers.forEach { $0.deallocate() } }
        try TorchArchive.write(
            zip(tensors, buffers).map { .init(name: $0.key, shape: $0.value.shape, values: $1) }, to: path)
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

    @Test func missingRepeatedAndMisshapenTensorsAreNamed() throws {
        let name = "encoder.layer.1.output.dense.weight"
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0[name] = nil }), naming: name, "missing")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0["bert." + name] = $0[name] }), naming: "same parameter")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0[name]!.shape = [64, 32] }),
            naming: name, "[64, 32]", "[32, 64]")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", tensors: { $0[name]!.type = "I32" }), naming: name, "I32")
        try expectMessage(
            Fixtures.variant(of: "tiny-bert", config: { $0["num_hidden_layers"] = 4 }), naming: "encoder.layer.3")
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
            ("model_type", "t5"), ("model_type", nil), ("hidden_act", "mish"),
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
        let renamed = try Fixtures.variant(of: "tiny-bert")
        try FileManager.default.moveItem(
            atPath: renamed + "/model.safetensors", toPath: renamed + "/pytorch_model.bin")
        try expectMessage(renamed, naming: "pytorch_model.bin", "no file of torch.save")
    }
}

extension UnsafeMutablePointer<Float> {
    fileprivate static func allocate(_ values: [Float]) -> Self {
        let pointer = allocate(capacity: values.count)
        pointer.initialize(from: values, count: values.count)
        return pointer
    }
}
