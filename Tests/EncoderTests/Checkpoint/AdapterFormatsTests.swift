import Foundation
import TestSupport
import Testing

@testable import Encoder

/// Adapters as adapter-transformers 1 and 2 saved them, against the vectors of the `adapters` library
/// (tools/goldens/make-adapter-goldens).
@Suite struct AdapterFormatsTests {
    private static let fixtures = Fixtures.folder + "/adapters"

    private func golden() throws -> [[String: Any]] {
        let data = try Data(contentsOf: URL(fileURLWithPath: Self.fixtures + "/golden.json"))
        let table = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        return try #require(table["sequences"] as? [[String: Any]])
    }

    @Test(arguments: ["version-1", "version-2"]) func statesAreTheLibrarys(name: String) throws {
        let engine = try Checkpoint(folder: "\(Self.fixtures)/\(name)").engine()
        let base = try Checkpoint(folder: Fixtures.folder + "/tiny-bert").engine()
        for row in try golden() {
            let ids = try #require(row["ids"] as? [Int]).map { Int32($0) }
            let expected = try #require(row[name] as? [[Double]])
            for (token, states) in expected.enumerated() {
                let sequence = TokenSequence(ids: ids, pooled: token..<token + 1)
                let layer = [engine.layerCount]
                let found = Fixtures.encode(engine, [sequence], layers: layer)[0][0]
                let plain = Fixtures.encode(base, [sequence], layers: layer)[0][0]
                func distance(_ vector: [Float]) -> Double {
                    zip(vector, states).map { (Double($0) - $1) * (Double($0) - $1) }.reduce(0, +).squareRoot()
                }
                let length = states.map { $0 * $0 }.reduce(0, +).squareRoot()
                #expect(distance(found) <= 2e-5 * length, "token \(token): \(distance(found) / length)")
                #expect(distance(plain) > 0.05 * length, "the adapter changes something")
            }
        }
    }

    /// What the library writes there is a name on the hub; which is no folder here.
    @Test(arguments: [
        ("bert-base-multilingual-cased", "the name of a model on the Hugging Face hub"),
        (
            "google-bert/bert-base-multilingual-cased",
            "huggingface-cli download google-bert/bert-base-multilingual-cased"
        ),
        ("../nowhere", "no such folder;"), ("/nowhere/at/all", "no such folder;"),
    ]) func aBaseThatIsNotHereIsNamed(base: String, says: String) throws {
        let folder = try Fixtures.temporaryFolder() + "/adapter", path = folder + "/adapter_config.json"
        try FileManager.default.copyItem(atPath: Self.fixtures + "/version-2", toPath: folder)
        let data = try Data(contentsOf: URL(fileURLWithPath: path))
        var table = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        table["model_name"] = base
        try JSONSerialization.data(withJSONObject: table).write(to: URL(fileURLWithPath: path))
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder) }
        #expect(error?.exitStatus == .missingInput)
        #expect(error?.description.contains(path) == true && error?.description.contains(says) == true, "\(error!)")
    }

    /// The pickle's numbers are those its safetensors would hold: nothing else about a folder changes.
    @Test func aFolderThatPolylexWroteIsReadFromEitherFile() throws {
        let model = try TrainableTransformer(
            Checkpoint(folder: Fixtures.folder + "/tiny-bert"), method: .adapter(reduction: 8, seed: 3), threads: 1)
        let folder = try Fixtures.temporaryFolder() + "/out"
        try model.writeCheckpoint(to: folder, extraFiles: [:])
        let sequence = TokenSequence(ids: [2, 7, 9, 3], pooled: 1..<3)
        let expected = Fixtures.encode(try Checkpoint(folder: folder).engine(), [sequence])
        try FileManager.default.removeItem(atPath: folder + "/adapter.safetensors")
        #expect(Fixtures.encode(try Checkpoint(folder: folder).engine(), [sequence]) == expected)
        try FileManager.default.removeItem(atPath: folder + "/pytorch_adapter.bin")
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder) }
        #expect(error?.description.contains("adapter.safetensors or pytorch_adapter.bin is missing") == true)
        #expect(error?.exitStatus == .missingInput)
    }

    /// A missing key has the library's default (BnConfig), which is not always what is computed.
    @Test func missingKeysHaveTheLibrarysDefaults() throws {
        let folder = try copy(of: "version-1")
        func outcome(_ edit: (inout [String: Any]) -> Void) throws -> String? {
            try rewrite(folder, edit)
            do {
                _ = try Checkpoint(folder: folder)
                return nil
            } catch let error as CheckpointError { return error.description }
        }
        let optional = [
            "adapter_residual_before_ln", "cross_adapter", "leave_out", "ln_after", "ln_before", "original_ln_after",
            "residual_before_ln",
        ]
        #expect(try outcome { table in self.change(&table) { for key in optional { $0[key] = nil } } } == nil)
        for key in ["mh_adapter", "output_adapter", "non_linearity", "reduction_factor"] {
            let said = try outcome { table in self.change(&table) { $0[key] = nil } }
            #expect(said?.contains("\"\(key)\" is missing") == true, "\(said ?? "read")")
        }
        let said = try outcome { table in self.change(&table) { $0["original_ln_before"] = nil } }
        #expect(said?.contains("missing, which stands for false") == true, "\(said ?? "read")")
        #expect(try outcome { table in self.change(&table) { $0["architecture"] = "lora" } }?.contains("lora") == true)
        // Invertible layers that are there, or would be made of nothing, are not computed.
        let other = try outcome { $0["type"] = "text_lang" }
        #expect(other?.contains("\"inv_adapter\" is \"nice\"") == true, "\(other ?? "read")")
    }

    @Test func aNamedConfigurationIsTheLibrarys() throws {
        let folder = try copy(of: "version-2")
        try rewrite(folder) { $0["config"] = "pfeiffer" }
        // Its reduction factor is 16, the weights' 8.
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder) }
        #expect(error?.description.contains("is [4, 32], expected [2, 32]") == true, "\(error?.description ?? "")")
        try rewrite(folder) { $0["config"] = "houlsby" }
        let refused = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder) }
        #expect(refused?.description.contains("\"config\" is \"houlsby\"") == true, "\(refused?.description ?? "")")
    }

    private func copy(of name: String) throws -> String {
        let folder = try Fixtures.temporaryFolder() + "/adapter"
        try FileManager.default.copyItem(atPath: "\(Self.fixtures)/\(name)", toPath: folder)
        try rewrite(folder) { $0["model_name"] = Fixtures.folder + "/tiny-bert" }
        return folder
    }

    private func rewrite(_ folder: String, _ edit: (inout [String: Any]) -> Void) throws {
        // From the original each time, with the base where this copy finds it.
        let path = URL(fileURLWithPath: folder + "/adapter_config.json")
        let kept = URL(fileURLWithPath: folder + "/kept.json")
        if !FileManager.default.fileExists(atPath: kept.path) { try FileManager.default.copyItem(at: path, to: kept) }
        var table = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: kept)) as? [String: Any])
        table["model_name"] = Fixtures.folder + "/tiny-bert"
        edit(&table)
        try JSONSerialization.data(withJSONObject: table).write(to: path)
    }

    private func change(_ table: inout [String: Any], _ edit: (inout [String: Any]) -> Void) {
        var settings = table["config"] as? [String: Any] ?? [:]
        edit(&settings)
        table["config"] = settings
    }
}
