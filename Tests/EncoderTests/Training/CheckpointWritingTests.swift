import Diagnostics
import Foundation
import Testing

@testable import Encoder

@Suite struct CheckpointWritingTests {
    private static func trained(_ name: String) throws -> TrainableTransformer {
        let fixture = try TrainingFixture.load(), item = fixture.named(name), model = try fixture.model(item)
        let functional = try TrainingFixture.tensors(name + "-steps")
        for step in 1...3 {
            model.zeroGradients()
            _ = model.vectors(item.steps[0].map(\.sequence))
            model.backward(functional["functional.0"]!)
            model.applyAdamW(AdamWUpdate(step: step, learningRate: 1e-3, weightDecay: 0.1))
        }
        return model
    }

    @Test(arguments: TrainingFixture.names.filter { !$0.hasSuffix("gloss") })
    func aWrittenCheckpointGivesTheSameVectors(_ name: String) throws {
        let model = try Self.trained(name), folder = try Fixtures.temporaryFolder() + "/out"
        let batch = TrainableTransformerTests.largeBatch(model), expected = model.encoded(batch)
        try model.writeCheckpoint(to: folder, extraFiles: ["training.json": "{}\n"])
        let checkpoint = try Checkpoint(folder: folder)
        #expect(try checkpoint.training() == "{}\n")
        #expect(checkpoint.fingerprint != model.checkpoint.fingerprint)
        let engine = try CPUEngine(checkpoint)
        let vectors = Fixtures.encode(engine, batch, layers: [checkpoint.configuration.layerCount])[0]
        #expect(vectors.flatMap { $0 } == expected)
        // Written again over itself, with other contents.
        try model.writeCheckpoint(to: folder, extraFiles: ["training.json": "[]\n"])
        #expect(try Checkpoint(folder: folder).training() == "[]\n")
        #expect(try Checkpoint(folder: folder).fingerprint == checkpoint.fingerprint)
        let around = try FileManager.default.contentsOfDirectory(atPath: (folder as NSString).deletingLastPathComponent)
        #expect(around == ["out"])
    }

    @Test func theConfigurationKeepsItsNumbersAndNamesTheType() throws {
        let source = try Fixtures.variant(of: "tiny-bert", config: { $0["torch_dtype"] = "float16" })
        let model = try TrainableTransformer(Checkpoint(folder: source), method: .full, threads: 1)
        let folder = try Fixtures.temporaryFolder() + "/out"
        try model.writeCheckpoint(to: folder, extraFiles: [:])
        #expect(try Checkpoint(folder: folder).configuration == Checkpoint(folder: source).configuration)
        let text = try String(contentsOfFile: folder + "/config.json", encoding: .utf8)
        #expect(text.contains("\"torch_dtype\": \"float32\""))
        #expect(text.contains("\"architectures\": [\"BertModel\"]"))
    }

    /// `adapters` refuses a scaling of 1.
    @Test func theAdaptersConfigurationKeepsFloatsFloats() throws {
        let model = try Self.trained("tiny-bert-adapter"), folder = try Fixtures.temporaryFolder() + "/out"
        try model.writeCheckpoint(to: folder, extraFiles: [:])
        let text = try String(contentsOfFile: folder + "/adapter_config.json", encoding: .utf8)
        #expect(text.contains("\"scaling\": 1.0,"))
        #expect(text.contains("\"reduction_factor\": 8,"))
    }

    /// `adapters` reads `pytorch_adapter.bin`, Polylex `adapter.safetensors`: both hold the same values.
    @Test func theAdaptersPickleHoldsTheSameValues() throws {
        let model = try Self.trained("tiny-xlmr-adapter"), folder = try Fixtures.temporaryFolder() + "/out"
        try model.writeCheckpoint(to: folder, extraFiles: [:])
        let pickled = try Data(contentsOf: URL(fileURLWithPath: folder + "/pytorch_adapter.bin"))
        let tensors = try TestTensor.read(folder + "/adapter.safetensors")
        try #require(tensors.count == 4 * model.configuration.layerCount)
        for (name, tensor) in tensors {
            #expect(pickled.range(of: Data(name.utf8)) != nil, "\(name)")
            #expect(pickled.range(of: tensor.bytes) != nil, "\(name)")
        }
    }

    @Test func aPoolerIsCopied() throws {
        let source = Fixtures.folder + "/tiny-bert", folder = try Fixtures.temporaryFolder() + "/out"
        let before = try TestTensor.read(source + "/model.safetensors")
        let pooler = before.filter { $0.key.hasPrefix("pooler.") }
        try #require(pooler.count == 2)
        try TrainableTransformer(Checkpoint(folder: source), method: .full, threads: 1)
            .writeCheckpoint(to: folder, extraFiles: [:])
        let after = try TestTensor.read(folder + "/model.safetensors")
        #expect(after.keys.sorted() == before.keys.sorted())
        for (name, tensor) in before {
            #expect(after[name]?.shape == tensor.shape)
            #expect(after[name]?.bytes == tensor.bytes, "\(name)")
        }
    }

    @Test func aFolderThatCannotBeWrittenLeavesTheOldOne() throws {
        let model = try Self.trained("tiny-xlmr-full"), parent = try Fixtures.temporaryFolder(),
            folder = parent + "/out"
        try model.writeCheckpoint(to: folder, extraFiles: [:])
        let before = try Checkpoint(folder: folder).fingerprint
        #expect(throws: SystemFault.self) { try model.writeCheckpoint(to: parent + "/absent/out", extraFiles: [:]) }
        // A crash between moving the old folder aside and naming the new one.
        try FileManager.default.moveItem(atPath: folder, toPath: folder + ".replaced")
        try FolderReplacement.recover(folder)
        #expect(try Checkpoint(folder: folder).fingerprint == before)
    }

    @Test func adaptersSayWhatIsWrong() throws {
        let model = try Self.trained("tiny-bert-adapter"), folder = try Fixtures.temporaryFolder() + "/out"
        try model.writeCheckpoint(to: folder, extraFiles: [:])
        let path = URL(fileURLWithPath: folder + "/adapter_config.json")
        let good = try Data(contentsOf: path)
        func expect(_ message: String, _ edit: (inout [String: Any]) -> Void) throws {
            var table = try #require(JSONSerialization.jsonObject(with: good) as? [String: Any])
            edit(&table)
            try JSONSerialization.data(withJSONObject: table).write(to: path)
            let error = #expect(throws: CheckpointError.self, "\(message)") { try Checkpoint(folder: folder) }
            #expect(error?.description.contains(message) == true, "\(error?.description ?? "no error")")
        }
        func setting(_ table: inout [String: Any], _ key: String, _ value: Any) {
            var settings = table["config"] as? [String: Any] ?? [:]
            settings[key] = value
            table["config"] = settings
        }
        try expect("/nowhere cannot be used: no such folder") { $0["model_name"] = "/nowhere" }
        try expect("\"model_name\" is missing") { $0["model_name"] = nil }
        try expect("\"non_linearity\" is \"gelu\"") { setting(&$0, "non_linearity", "gelu") }
        try expect("\"mh_adapter\" is true") { setting(&$0, "mh_adapter", true) }
        try expect("adapter_down.0.weight is [4, 32], expected [8, 32]") { setting(&$0, "reduction_factor", 4) }
        try expect("polyglot.adapter_down.0.weight is missing") { $0["name"] = "polyglot" }
        try Data("{".utf8).write(to: path)
        #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder) }
        // A base beside the adapter is found by a relative path.
        var table = try #require(JSONSerialization.jsonObject(with: good) as? [String: Any])
        try FileManager.default.copyItem(atPath: Fixtures.folder + "/tiny-bert", toPath: folder + "/../base")
        table["model_name"] = "../base"
        try JSONSerialization.data(withJSONObject: table).write(to: path)
        #expect(throws: Never.self) { try CPUEngine(Checkpoint(folder: folder)) }
        let error = #expect(throws: CheckpointError.self) {
            try TrainableTransformer(Checkpoint(folder: folder), method: .full, threads: 1)
        }
        #expect(error?.description.contains("cannot be trained further") == true)
    }
}
