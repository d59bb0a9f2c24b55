import Foundation
import TestSupport
import Testing

@testable import Encoder

/// Folders of sentence-transformers, against what the library makes of them
/// (tools/goldens/make-sentence-convention-goldens).
@Suite struct SentenceConventionTests {
    private struct Golden: Decodable {
        struct Case: Decodable {
            let name: String
            let files: [String: String]
            let prompt: String?
            let vectors: [[Float]]
        }
        let sentences: [String]
        let cases: [Case]
    }

    private let folder = try! TemporaryFolder()

    @Test("every pooling, prompts in and out of it, lengths, lower-casing, Dense modules: the vectors of encode()")
    func goldens() throws {
        let golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: URL(fileURLWithPath: "\(Fixtures.folder)/sentence-conventions.json")))
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let model = root.appendingPathComponent("models/mini").path
        let checkpoint = try Checkpoint(folder: model)
        let plain = try checkpoint.engine()
        #expect(golden.cases.count == 26)
        for expected in golden.cases {
            let own = try TemporaryFolder()
            for (name, text) in expected.files {
                try own.write(name, text)
                if name.contains("_Dense/") {
                    try writeDense(
                        config: text, to: own.path + "/" + name.dropLast("/config.json".count),
                        isPickled: expected.name.hasSuffix("pickled"))
                }
            }
            var convention = try SentenceConvention.read(folder: own.path)
            if let prompt = expected.prompt { convention.prompt = prompt }
            #expect(convention.isNormalized == ["normalised", "dense", "two of dense"].contains(expected.name))
            #expect((convention.dense != nil) == expected.name.contains("dense"))
            #expect(convention.lowercases == expected.name.hasPrefix("lower-cased"))
            let engine = try convention.dense.map { try DenseEngine(plain, $0) } ?? plain
            var tokenizer = model
            if expected.files["tokenizer_config.json"] != nil {
                tokenizer = own.path
                try FileManager.default.copyItem(atPath: model + "/vocab.txt", toPath: own.path + "/vocab.txt")
            }
            let sequences = TextSequences(
                try TokenizerFolder.load(tokenizer), convention: convention, maximumLength: engine.maximumLength)
            for (sentence, vector) in zip(golden.sentences, expected.vectors) {
                let outcome = Array(sentence.utf8).withUnsafeBufferPointer { sequences.sequence(utf8: $0) }
                guard case .sequence(let sequence, let truncated) = outcome else {
                    Issue.record("\(expected.name): no sequence")
                    continue
                }
                #expect(
                    truncated
                        ? expected.name.hasPrefix("cut") && sequence.ids.count == 6
                        : !expected.name.hasPrefix("cut") || sequence.ids.count <= 6)
                var found = Fixtures.encode(engine, [sequence])[engine.layerCount][0]
                if convention.isNormalized {
                    let length = found.reduce(0) { $0 + $1 * $1 }.squareRoot()
                    found = found.map { $0 / length }
                }
                let error = zip(found, vector).map { abs($0 - $1) }.max() ?? .infinity
                // mean_sqrt_len_tokens scales a mean, and its rounding, by √n.
                let largest = max(1, vector.map(abs).max() ?? 0)
                #expect(error <= 1e-5 * largest, "\(expected.name), \(sentence): \(error) of \(largest)")
            }
        }
    }

    /// Weights as the script makes them, of a module with this config.json.
    private func writeDense(config: String, to folder: String, isPickled: Bool) throws {
        struct Configuration: Decodable {
            let in_features: Int, out_features: Int, bias: Bool
        }
        let config = try JSONDecoder().decode(Configuration.self, from: Data(config.utf8))
        let number = try #require(Int(URL(fileURLWithPath: folder).lastPathComponent.prefix(1)))
        var dense = DenseFixture(config.in_features, config.out_features, seed: number)
        dense.hasBias = config.bias
        guard isPickled else {
            let data = SafetensorsFixture.data(dense.tensors)
            return try data.write(to: URL(fileURLWithPath: folder + "/model.safetensors"))
        }
        let tensors = dense.tensors, values = tensors.flatMap(\.values)
        try values.withUnsafeBufferPointer { buffer in
            var next = try #require(buffer.baseAddress)
            try TorchArchive.write(
                tensors.map { tensor in
                    defer { next += tensor.values.count }
                    return .init(name: tensor.name, shape: tensor.shape, values: next)
                }, to: folder + "/pytorch_model.bin")
        }
    }

    private static let pooling = #"{"word_embedding_dimension": 8, "pooling_mode_mean_tokens": true}"#
    private static func modules(_ kinds: [(String, String)]) -> String {
        "["
            + kinds.map {
                #"{"idx": 0, "name": "0", "path": "\#($0.0)", "type": "sentence_transformers.models.\#($0.1)"}"#
            }
            .joined(separator: ",") + "]"
    }

    @Test("the layout of the first releases: 0_Transformer, and a length of the family's own file")
    func oldLayout() throws {
        let files = [
            "modules.json": Self.modules([("0_Transformer", "Transformer"), ("1_Pooling", "Pooling")]),
            "0_Transformer/sentence_xlm-roberta_config.json": #"{"max_seq_length": 128}"#,
            "1_Pooling/config.json": Self.pooling,
        ]
        for (name, text) in files { try folder.write(name, text) }
        let found = try SentenceConvention.read(folder: folder.path + "/0_Transformer")
        #expect(found.mode == .mean && found.maximumLength == 128 && found.prompt.isEmpty && !found.isNormalized)
        let around = #expect(throws: CheckpointError.self) { try SentenceConvention.read(folder: folder.path) }
        #expect(around?.description.contains("its Transformer is in \(folder.path)/0_Transformer") == true)
    }

    @Test("a length the module's file does not state is the tokenizer's, where that has one")
    func tokenizersLength() throws {
        try folder.write("modules.json", Self.modules([("", "Transformer"), ("1_Pooling", "Pooling")]))
        try folder.write("1_Pooling/config.json", Self.pooling)
        func length(_ stated: String) throws -> Int? {
            try folder.write("tokenizer_config.json", stated)
            return try SentenceConvention.read(folder: folder.path).maximumLength
        }
        for config in [#"{"max_seq_length": null}"#, "{}"] {
            try folder.write("sentence_bert_config.json", config)
            #expect(try length(#"{"model_max_length": 40}"#) == 40)
            #expect(try length(#"{"model_max_length": 1000000000000000019884624838656}"#) == nil)
            #expect(try length(#"{"model_max_length": null}"#) == nil)
            #expect(try length("{}") == nil)
            let error = #expect(throws: CheckpointError.self) { try length(#"{"model_max_length": "many"}"#) }
            #expect(error?.description.contains("tokenizer_config.json: key \"model_max_length\" is \"many\"") == true)
        }
        try folder.write("sentence_bert_config.json", #"{"max_seq_length": 20}"#)
        #expect(try length(#"{"model_max_length": 40}"#) == 20)
    }

    @Test(
        "the folder around the weights stands for them, whatever theirs is called",
        arguments: ["0_Transformer", "0_BERT"])
    func foldersAroundWeights(part: String) throws {
        let place = folder.path + "/" + part
        try folder.write("modules.json", Self.modules([(part, "Transformer"), ("1_Pooling", "Pooling")]))
        try folder.write("1_Pooling/config.json", Self.pooling)
        try folder.write("README.md", "---\nlicense: mit\n---\n")
        let missing = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder.path) }
        #expect(missing?.exitStatus == .missingInput)
        #expect(missing?.description.contains("\(folder.path): \(part)/config.json is missing") == true)
        try TinyCheckpoint().write(to: place)
        let plain = try Checkpoint(folder: place)
        for given in [folder.path, folder.path + "/"] {
            let found = try Checkpoint(folder: given)
            #expect(found.folder == place && found.sourceFolder == place && found.fingerprint == plain.fingerprint)
            #expect(found.statedLicence?.identifier == "mit")
            _ = try found.tokenizer()
        }
        #expect(try Checkpoint.sourceFolder(of: folder.path) == place)
        #expect(SentenceConvention.isStated(folder: place))
        #expect(try SentenceConvention.read(folder: place).mode == .mean)
        // A neighbour is no part of it.
        try TinyCheckpoint().write(to: folder.path + "/other")
        #expect(!SentenceConvention.isStated(folder: folder.path + "/other"))
    }

    @Test("a Transformer's folder that is a link to somewhere else is refused; a malformed modules.json is named")
    func foreignWeights() throws {
        let elsewhere = try TemporaryFolder()
        try TinyCheckpoint().write(to: elsewhere.path)
        try folder.write("modules.json", Self.modules([("0_Transformer", "Transformer")]))
        try FileManager.default.createSymbolicLink(
            atPath: folder.path + "/0_Transformer", withDestinationPath: elsewhere.path)
        let error = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder.path) }
        guard case .foreignFile = error else {
            Issue.record("\(error.map { "\($0)" } ?? "no error")")
            return
        }
        try folder.write("modules.json", "[{")
        let malformed = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder.path) }
        #expect(malformed?.description.contains("modules.json: not valid JSON") == true)
        for text in ["{}", "[1, {\"type\": \"a.Transformer\", \"path\": \"../x\"}]", "[]"] {
            try folder.write("modules.json", text)
            let none = #expect(throws: CheckpointError.self) { try Checkpoint(folder: folder.path) }
            #expect(none?.description.contains("config.json is missing") == true)
        }
    }

    @Test("a folder that leaves special tokens out of a mean is pooled as in the paper")
    func ownTokens() throws {
        let files = [
            "modules.json": Self.modules([
                ("", "Transformer"), ("1_WordWeights", "WordWeights"), ("1_Pooling", "Pooling"),
            ]),
            "1_WordWeights/config.json":
                #"{"vocab": ["", "s", "s", ""], "word_weights": {"s": 0.0}, "unknown_word_weight": 1.0}"#,
            "1_Pooling/config.json": Self.pooling, "sentence_bert_config.json": #"{"max_seq_length": 32}"#,
        ]
        for (name, text) in files { try folder.write(name, text) }
        var found = try SentenceConvention.read(folder: folder.path)
        #expect(found.excludesSpecialTokens && found.isPapers(longest: 32) && !found.isPapers(longest: 64))
        found.prompt = "query: "
        #expect(!found.isPapers(longest: 32))
        (found.prompt, found.lowercases) = ("", true)
        #expect(!found.isPapers(longest: 32))
        let own = SentenceConvention(mode: .mean)
        #expect(!own.isPapers(longest: 32))
    }

    @Test("what a record keeps of a convention is read back; anything else is none")
    func fields() throws {
        var convention = SentenceConvention(mode: .weightedmean)
        #expect(convention.fields == ["mode": "weightedmean"])
        #expect(SentenceConvention(fields: convention.fields) == convention)
        (convention.prompt, convention.includesPrompt, convention.maximumLength) = ("query: ", false, 128)
        #expect(SentenceConvention(fields: convention.fields) == convention)
        #expect(
            SentenceConvention.text(convention.fields) == "weightedmean, prompt \"query: \" not pooled, 128 tokens")
        (convention.mode, convention.excludesSpecialTokens) = (.mean, true)
        #expect(SentenceConvention(fields: convention.fields) == convention)
        convention = SentenceConvention(mode: .cls)
        convention.lowercases = true
        #expect(convention.fields == ["mode": "cls", "lower_case": "yes"])
        #expect(SentenceConvention(fields: convention.fields) == convention)
        #expect(SentenceConvention.text(convention.fields) == "cls, lower-cased")
        for fields in [
            [:], ["mode": "median"], ["mode": "mean", "maximum_length": "1e3"],
            ["mode": "mean", "maximum_length": "2"],
            ["mode": "mean", "weights": "idf"], ["mode": "mean", "prompt_pooled": "no"],
            ["mode": "mean", "lower_case": "no"],
        ] { #expect(SentenceConvention(fields: fields) == nil, "\(fields)") }
    }

    @Test("a Dense that is not there, not whole, of another size or not computed is named, with file and key")
    func refusedDense() throws {
        let config = { (more: String) in "{\"in_features\": 8, \"out_features\": 8\(more)}" }
        let cases: [(config: String?, weights: DenseFixture?, words: [String])] = [
            (nil, nil, ["2_Dense: config.json is missing", "fetch its files again"]),
            (config(""), nil, ["2_Dense: model.safetensors or pytorch_model.bin is missing"]),
            (#"{"in_features": 8}"#, .init(8, 8), ["2_Dense/config.json", "\"out_features\" is missing"]),
            (#"{"in_features": 1e9, "out_features": 8}"#, .init(8, 8), ["\"in_features\"", "from 1 to"]),
            (
                config(#", "activation_function": "torch.nn.modules.activation.Softmax""#), .init(8, 8),
                ["\"activation_function\"", "Softmax", "Tanh", "Identity"]
            ),
            (config(#", "activation_function": "mine.Tanh""#), .init(8, 8), ["mine.Tanh", "torch.nn."]),
            (config(#", "module_input_name": "token_embeddings""#), .init(8, 8), ["\"module_input_name\""]),
            (config(#", "module_output_name": "logits""#), .init(8, 8), ["\"module_output_name\""]),
            (config(#", "use_residual": true"#), .init(8, 8), ["\"use_residual\""]),
            (config(""), .init(8, 9), ["linear.weight is [9, 8], expected [8, 8]"]),
            (config(#", "bias": false"#), .init(8, 8), ["linear.bias is not expected"]),
            ("[]", .init(8, 8), ["2_Dense/config.json", "expected an object"]),
        ]
        for one in cases {
            let own = try TemporaryFolder()
            let kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense")]
            try own.write("modules.json", Self.modules(kinds))
            try own.write("1_Pooling/config.json", Self.pooling)
            if let dense = one.weights { try dense.write(to: own.path + "/2_Dense") }
            if let config = one.config { try own.write("2_Dense/config.json", config) }
            let error = #expect(throws: CheckpointError.self) { try SentenceConvention.read(folder: own.path) }
            for words in one.words {
                #expect(error?.description.contains(words) == true, "\(error?.description ?? "")")
            }
        }
    }

    @Test("Dense modules follow one another, and are of the checkpoint's size")
    func denseSizes() throws {
        let kinds = [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense"), ("3_Dense", "Dense")]
        try folder.write("modules.json", Self.modules(kinds))
        try folder.write("1_Pooling/config.json", Self.pooling)
        try DenseFixture(8, 4).write(to: folder.path + "/2_Dense")
        try DenseFixture(8, 8).write(to: folder.path + "/3_Dense")
        let error = #expect(throws: CheckpointError.self) { try SentenceConvention.read(folder: folder.path) }
        #expect(
            error?.description.contains("3_Dense/config.json: key \"in_features\" is 8, expected 4, what") == true,
            "\(error?.description ?? "")")
        try DenseFixture(4, 16, seed: 2).write(to: folder.path + "/3_Dense")
        let dense = try #require(try SentenceConvention.read(folder: folder.path).dense)
        #expect(dense.outputSize == 16)
        #expect(throws: CheckpointError.self) { try dense.requireInput(hiddenSize: 16) }
        try dense.requireInput(hiddenSize: 8)
    }

    @Test("the fingerprint of a Dense tells weights, activation and size apart, and not its folder")
    func denseFingerprint() throws {
        var fixtures = [DenseFixture(8, 8), DenseFixture(8, 8, seed: 2), DenseFixture(8, 6), DenseFixture(8, 8)]
        fixtures[3].activation = "torch.nn.modules.activation.ReLU"
        let found = try fixtures.enumerated().map { number, fixture in
            try fixture.write(to: "\(folder.path)/\(number)")
            return try DenseModules(folders: ["\(folder.path)/\(number)"])
        }
        #expect(Set(found.map(\.fingerprint)).count == fixtures.count)
        try fixtures[0].write(to: folder.path + "/again")
        let again = try DenseModules(folders: [folder.path + "/again"])
        #expect(again == found[0])
        var convention = SentenceConvention(mode: .cls)
        convention.dense = again
        #expect(convention.fields == ["mode": "cls", "dense": again.fingerprint.hex])
        #expect(SentenceConvention(fields: convention.fields, dense: found[0]) == convention)
        #expect(SentenceConvention(fields: convention.fields, dense: found[1]) == nil)
        #expect(SentenceConvention(fields: convention.fields) == nil)
        #expect(SentenceConvention(fields: ["mode": "cls"], dense: again) == nil)
        #expect(SentenceConvention.text(convention.fields) == "cls, Dense \(again.fingerprint.short)")
    }

    @Test("what is not computed is named, with the file")
    func refused() throws {
        let start = [("", "Transformer"), ("1_Pooling", "Pooling")]
        let plain = ["modules.json": Self.modules(start), "1_Pooling/config.json": Self.pooling]
        let cases: [(change: [String: String], file: String, words: String)] = [
            (
                ["modules.json": Self.modules(start + [("2_Normalize", "Normalize"), ("3_Dense", "Dense")])],
                "modules.json", "Dense and Normalize in this order"
            ),
            (
                [
                    "modules.json": Self.modules([start[0], ("1_WordWeights", "WordWeights"), start[1]]),
                    "1_WordWeights/config.json":
                        #"{"vocab": ["", "the"], "word_weights": {"the": 0.5}, "unknown_word_weight": 1}"#,
                ], "1_WordWeights/config.json", "weights of words"
            ),
            (
                [
                    "modules.json": Self.modules([start[0], ("1_WordWeights", "WordWeights"), start[1]]),
                    "1_WordWeights/config.json":
                        #"{"vocab": ["", "x"], "word_weights": {"x": 0}, "unknown_word_weight": 1}"#,
                    "1_Pooling/config.json": #"{"pooling_mode": "max"}"#,
                ], "modules.json", "before the pooling \"max\""
            ),
            (["modules.json": Self.modules([("../x", "Transformer")])], "modules.json", "inside the folder"),
            (["modules.json": Self.modules([("", "Transformer")])], "modules.json", "no Transformer and Pooling"),
            (["modules.json": "{}"], "modules.json", "list of modules"),
            (["modules.json": "[{"], "modules.json", "not valid JSON"),
            (
                ["1_Pooling/config.json": #"{"pooling_mode_cls_token": true, "pooling_mode_max_tokens": true}"#],
                "1_Pooling/config.json", "cls, max"
            ),
            (["1_Pooling/config.json": #"{"pooling_mode": "median"}"#], "1_Pooling/config.json", "median"),
            (
                ["sentence_bert_config.json": #"{"do_lower_case": "yes"}"#], "sentence_bert_config.json",
                "\"do_lower_case\" is \"yes\", expected true, false or null"
            ),
            (
                ["sentence_bert_config.json": #"{"max_seq_length": 1e30}"#], "sentence_bert_config.json",
                "max_seq_length"
            ),
            (
                ["config_sentence_transformers.json": #"{"prompts": {"a": "b"}, "default_prompt_name": "c"}"#],
                "config_sentence_transformers.json", "\"c\""
            ),
        ]
        for one in cases {
            let own = try TemporaryFolder()
            for (name, text) in plain.merging(one.change, uniquingKeysWith: { $1 }) { try own.write(name, text) }
            let error = #expect(throws: CheckpointError.self) { try SentenceConvention.read(folder: own.path) }
            let text = error?.description ?? ""
            #expect(text.contains("\(own.path)/\(one.file)") && text.contains(one.words), "\(text)")
            #expect(error?.exitStatus == .badInput)
        }
        // Models before transformers, and what may stand on top of one.
        for kinds in [
            [("0_BoW", "BoW")], [("0_WordEmbeddings", "WordEmbeddings")],
            [start[0], ("1_LSTM", "LSTM"), start[1]], [start[0], ("1_CNN", "CNN"), start[1]],
            start + [("2_LayerNorm", "LayerNorm")], start + [("2_WordWeights", "WordWeights")],
        ] {
            try folder.write("modules.json", Self.modules(kinds))
            try folder.write("1_Pooling/config.json", Self.pooling)
            let error = #expect(throws: CheckpointError.self) { try SentenceConvention.read(folder: folder.path) }
            let text = error?.description ?? "", names = kinds.map(\.1)
            #expect(
                names.contains { text.contains("module sentence_transformers.models.\($0) here is not") }, "\(text)")
            #expect(text.contains("'--pooling paper'") && !text.contains("\n"), "\(text)")
        }
        try FileManager.default.removeItem(atPath: folder.path + "/modules.json")
        let missing = #expect(throws: CheckpointError.self) { try SentenceConvention.read(folder: folder.path) }
        #expect(missing?.exitStatus == .missingInput)
    }
}
