import Foundation
import TestSupport
import Testing

/// `indexer encode --input sentence --pooling model` as a user runs it.
@Suite struct EncodeSentenceTests {
    private let folder = try! TemporaryFolder()
    private var model: String { folder.path + "/model" }

    init() throws {
        try TinyCheckpoint().write(to: folder.path + "/model")
    }

    private func describe(mode: String, prompt: String = "", isNormalized: Bool = false) throws {
        let kinds =
            [("", "Transformer"), ("1_Pooling", "Pooling")] + (isNormalized ? [("2_Normalize", "Normalize")] : [])
        let rows = kinds.map { #"{"path": "\#($0.0)", "type": "sentence_transformers.models.\#($0.1)"}"# }
        try folder.write("model/modules.json", "[" + rows.joined(separator: ",") + "]")
        try folder.write("model/1_Pooling/config.json", #"{"pooling_mode": "\#(mode)"}"#)
        try folder.write(
            "model/config_sentence_transformers.json",
            #"{"prompts": {"query": "\#(prompt)"}, "default_prompt_name": "query"}"#)
    }

    private func run(_ options: [String], input: String) throws -> IndexerProcess.Outcome {
        try IndexerProcess.run(
            ["encode", "--checkpoint", model, "--input", "sentence", "--out", folder.path + "/out.npy"] + options,
            input: input)
    }

    /// The array's numbers, row after row.
    private func vectors(_ options: [String], input: String) throws -> [Float] {
        let outcome = try run(options, input: input)
        try #require(outcome.status == 0, "\(outcome.errors)")
        let data = try Data(contentsOf: URL(fileURLWithPath: folder.path + "/out.npy"))
        let header = 10 + Int(data[8]) + 256 * Int(data[9])
        return data.dropFirst(header).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
    }

    @Test("pooling, prompt and length of the folder, and what the command line says instead")
    func options() throws {
        try describe(mode: "cls")
        let plain = try vectors([], input: "house\n")
        let first = try vectors(["--pooling", "model"], input: "house\n")
        #expect(first != plain && first.count == plain.count)
        try describe(mode: "cls", prompt: "house ")
        let asked = try vectors(["--pooling", "model"], input: "house\n")
        #expect(asked != first)
        #expect(try vectors(["--pooling", "model", "--prompt", ""], input: "house\n") == first)
        let twice = try vectors(["--pooling", "model", "--prompt", ""], input: "house house\n")
        #expect(asked == twice)
        let cut = ["--pooling", "model", "--prompt", "", "--maximum-length", "3"]
        let long = try vectors(cut, input: "house house\n")
        #expect(try vectors(cut, input: "house\n") == long)
    }

    @Test("a normalised vector has length 1 at every layer; an empty line has none")
    func lengths() throws {
        try describe(mode: "mean", isNormalized: true)
        let found = try vectors(["--pooling", "model", "--layers", "0,1"], input: "house\n\n")
        let half = found.count / 2, layer = found.count / 4
        for start in [0, layer] {
            let length = found[start..<start + layer].reduce(0) { $0 + $1 * $1 }
            #expect(abs(length - 1) < 1e-5)
        }
        #expect(!found[half...].contains { !$0.isNaN })
    }

    @Test("wrong options are usage errors; a folder that says nothing is a missing input")
    func errors() throws {
        #expect(try run(["--prompt", "a"], input: "").status == 64)
        #expect(try run(["--pooling", "model", "--maximum-length", "2"], input: "").status == 64)
        #expect(try run(["--input", "word", "--pooling", "model"], input: "").status == 64)
        let outcome = try run(["--pooling", "model"], input: "house\n")
        #expect(outcome.status == 66 && outcome.errors.contains("modules.json"))
    }
}
