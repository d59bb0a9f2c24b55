import Encoder
import Foundation
import TestSupport
import Testing

/// The program with an adapter's folder as the checkpoint: configuration and tokenizer are its base's.
@Suite struct AdapterBuildTests {
    private let folder: TemporaryFolder
    private let base: String
    private let adapter: String

    init() throws {
        folder = try TemporaryFolder()
        base = folder.path + "/model"
        adapter = folder.path + "/adapter"
        try TinyCheckpoint().write(to: base)
        let model = try TrainableTransformer(
            Checkpoint(folder: base), method: .adapter(reduction: 4, seed: 1), threads: 1)
        try model.writeCheckpoint(to: adapter, extraFiles: [:])
        _ = try folder.write("words/en.txt", "house\nkoira\nword9\n")
    }

    private func build(_ store: String) throws -> IndexerProcess.Outcome {
        try IndexerProcess.run(
            [
                "build", "--store", "\(folder.path)/\(store)", "--checkpoint", "whole=\(base)", "adapted=\(adapter)",
                "--vocabularies", folder.path + "/words", "--codec", "fp32",
            ])
    }

    private func vectors(_ checkpoint: String, layer: Int) throws -> Data {
        let out = "\(folder.path)/\(checkpoint)-\(layer).npy"
        let outcome = try IndexerProcess.run(
            [
                "export", "--store", folder.path + "/store", "--checkpoint", checkpoint, "--collection", "words/en",
                "--layer", "\(layer)", "--out", out,
            ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        return try Data(contentsOf: URL(fileURLWithPath: out))
    }

    @Test func anAdapterFolderIsACheckpoint() throws {
        let outcome = try build("store")
        #expect(outcome.status == 0, "\(outcome.errors)")
        // Adapters stand in the blocks: the embeddings are the base's, what comes after is not.
        #expect(try vectors("whole", layer: 0) == vectors("adapted", layer: 0))
        #expect(try vectors("whole", layer: 2) != vectors("adapted", layer: 2))
        let tokens = try ["whole": base, "adapted": adapter].mapValues {
            try IndexerProcess.run(["tokenize", "--checkpoint", $0], input: "house\n").output
        }
        #expect(tokens["whole"] == tokens["adapted"])
        #expect(tokens["whole"]?.contains("ids") == true)
    }

    @Test func anAdapterWithoutItsBaseSaysSo() throws {
        try FileManager.default.moveItem(atPath: base, toPath: base + ".moved")
        let outcome = try IndexerProcess.run(
            [
                "build", "--store", folder.path + "/store", "--checkpoint", "adapted=\(adapter)", "--vocabularies",
                folder.path + "/words",
            ])
        #expect(outcome.status == 66)
        #expect(outcome.errors.contains("adapter_config.json") && outcome.errors.contains(base))
    }
}
