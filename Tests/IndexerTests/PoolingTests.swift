import Encoder
import Foundation
import Store
import TestSupport
import Testing

@testable import Indexer

/// `indexer build` of a folder that says how its model makes sentence vectors.
@Suite struct PoolingTests {
    let folder = try! TemporaryFolder()
    var model: String { folder.path + "/model" }
    let sentences = ["la maison", "le chat", "un", "la maison est la"]

    init() throws {
        try TinyCheckpoint().write(to: folder.path + "/model")
        try folder.write("words/fi.txt", "talo\nkoira\nkissa\n")
        try folder.write("sentences/tatoeba.fra-eng.fra", sentences.joined(separator: "\n") + "\n")
        try folder.write("sentences/tatoeba.fra-eng.eng", "the house\nthe cat\na\nthe house is the\n")
    }

    func describe(mode: String, prompt: String = "", more: [(String, String)] = []) throws {
        let rows = ([("", "Transformer"), ("1_Pooling", "Pooling")] + more).map {
            #"{"path": "\#($0.0)", "type": "sentence_transformers.models.\#($0.1)"}"#
        }
        try folder.write("model/modules.json", "[" + rows.joined(separator: ",") + "]")
        try folder.write("model/1_Pooling/config.json", #"{"pooling_mode": "\#(mode)"}"#)
        try folder.write(
            "model/config_sentence_transformers.json",
            #"{"prompts": {"query": "\#(prompt)"}, "default_prompt_name": "query"}"#)
    }

    func run(_ arguments: [String], input: String? = nil) throws -> IndexerProcess.Outcome {
        try IndexerProcess.run(arguments, input: input)
    }

    func build(_ store: String, _ options: [String] = [], sentences: Bool = true) throws
        -> IndexerProcess.Outcome
    {
        try run(
            [
                "build", "--store", "\(folder.path)/\(store)", "--checkpoint", "tiny=\(model)", "--codec", "fp32",
                "--vocabularies", folder.path + "/words",
            ]
                + (sentences ? ["--sentences", folder.path + "/sentences"] : []) + options)
    }

    func built(_ store: String, _ options: [String] = []) throws -> Store {
        let outcome = try build(store, options)
        try #require(outcome.status == 0, "\(outcome.errors)")
        return try Store.open("\(folder.path)/\(store)", mode: .read)
    }

    func vectors(_ store: Store, _ collection: String, layer: Int) throws -> [[Float]] {
        let records = try store.layers(checkpoint: "tiny", collection: collection)
        let file = try store.vectors(try #require(records.first { $0.layer == layer }))
        var values = [Float](repeating: 0, count: file.rows * file.dimension)
        try values.withUnsafeMutableBufferPointer { try file.decode(rows: 0..<file.rows, into: $0.baseAddress!) }
        return (0..<file.rows).map { Array(values[$0 * file.dimension..<($0 + 1) * file.dimension]) }
    }

    /// What `indexer encode` gives lines, normalised.
    func encoded(_ lines: [String], _ options: [String], layer: Int) throws -> [[Float]] {
        let out = folder.path + "/out.npy"
        let outcome = try run(
            ["encode", "--checkpoint", model, "--layers", "\(layer)", "--out", out] + options,
            input: lines.joined(separator: "\n") + "\n")
        try #require(outcome.status == 0, "\(outcome.errors)")
        let data = try Data(contentsOf: URL(fileURLWithPath: out))
        let values = data.dropFirst(10 + Int(data[8]) + 256 * Int(data[9])).withUnsafeBytes { bytes in
            (0..<bytes.count / 4).map { bytes.loadUnaligned(fromByteOffset: 4 * $0, as: Float.self) }
        }
        let width = values.count / lines.count
        return lines.indices.map { row in
            let vector = values[row * width..<(row + 1) * width]
            let length = vector.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return vector.map { $0 / length }
        }
    }

    func expectNear(_ found: [[Float]], _ expected: [[Float]], _ what: Comment) {
        let errors = zip(found.joined(), expected.joined()).map { abs($0 - $1) }
        #expect(found.count == expected.count && (errors.max() ?? .infinity) <= 1e-6, what)
    }

    /// Every pooling there is, with the folder's prompt: sentences as `encode` makes them, words as in the paper.
    @Test(arguments: SentenceConvention.Mode.allCases)
    func theFolderSaysHow(mode: SentenceConvention.Mode) throws {
        try describe(mode: mode.rawValue, prompt: "ask ")
        let store = try built("store")
        for layer in 0...2 {
            expectNear(
                try vectors(store, "sentences/fra-eng/fra", layer: layer),
                try encoded(sentences, ["--input", "sentence", "--pooling", "model"], layer: layer), "\(layer)")
            expectNear(
                try vectors(store, "words/fi", layer: layer),
                try encoded(["talo", "koira", "kissa"], [], layer: layer),
                "\(layer)")
        }
        let records = try store.collections(checkpoint: "tiny")
        #expect(
            records.map(\.pooling) == [
                ["mode": mode.rawValue, "prompt": "ask "], ["mode": mode.rawValue, "prompt": "ask "], nil,
            ])
        let list = try run(["list", "--store", folder.path + "/store"])
        #expect(list.output.contains("\(mode.rawValue), prompt \"ask \"") && list.output.contains(" paper"))
        // Nothing to do, and the list says so.
        #expect(try build("store").errors.contains("everything is up to date"))
    }

    /// The command line wins, and a collection's layers are pooled alike: another pooling begins it anew.
    @Test func theCommandLineWins() throws {
        try describe(mode: "cls", prompt: "ask ")
        let paper = try built("paper", ["--pooling", "paper"])
        #expect(try paper.collections(checkpoint: "tiny").allSatisfy { $0.pooling == nil })
        try FileManager.default.removeItem(atPath: model + "/modules.json")
        let plain = try built("plain")
        for name in ["sentences/fra-eng/fra", "words/fi"] {
            let records = try [paper, plain].map { try $0.layers(checkpoint: "tiny", collection: name) }
            #expect(records[0].map(\.fingerprint) == records[1].map(\.fingerprint))
            #expect(records[0].map(\.checksum) == records[1].map(\.checksum))
        }
        let mean = try built(
            "plain", ["--pooling", "mean", "--prompt", "ask ", "--maximum-length", "7", "--layers", "2"])
        let records = try mean.layers(checkpoint: "tiny", collection: "sentences/fra-eng/fra")
        #expect(records.map(\.layer) == [2])
        #expect(try mean.layers(checkpoint: "tiny", collection: "words/fi").map(\.layer) == [0, 1, 2])
        let options = ["--input", "sentence", "--pooling", "mean", "--prompt", "ask ", "--maximum-length", "7"]
        expectNear(
            try vectors(mean, "sentences/fra-eng/fra", layer: 2), try encoded(sentences, options, layer: 2), "mean")
        let words = try built("plain", ["--pooling", "max", "--word-pooling", "model"])
        #expect(try words.collections(checkpoint: "tiny").allSatisfy { $0.pooling == ["mode": "max"] })
        expectNear(
            try vectors(words, "words/fi", layer: 1),
            try encoded(["talo", "koira", "kissa"], ["--input", "sentence", "--pooling", "max"], layer: 1), "words")
    }

    /// `do_lower_case`: a sentence's own capitals and the prompt's go, words keep theirs.
    @Test func sentencesAreLowerCased() throws {
        try describe(mode: "mean", prompt: "ask ")
        let options = ["--input", "sentence", "--pooling", "model"]
        let lower = try encoded(sentences, options, layer: 1)
        let capitals = sentences.map { $0.uppercased() }
        #expect(try encoded(capitals, options, layer: 1) != lower)
        try folder.write("model/sentence_bert_config.json", #"{"do_lower_case": true}"#)
        try describe(mode: "mean", prompt: "ASK ")
        #expect(try encoded(capitals, options, layer: 1) == lower)
        try folder.write("sentences/tatoeba.fra-eng.fra", capitals.joined(separator: "\n") + "\n")
        try folder.write("words/fi.txt", "talo\nKoira\nkissa\n")
        let store = try built("store"), fields = ["mode": "mean", "prompt": "ASK ", "lower_case": "yes"]
        expectNear(try vectors(store, "sentences/fra-eng/fra", layer: 1), lower, "lower-cased")
        expectNear(
            try vectors(store, "words/fi", layer: 1), try encoded(["talo", "Koira", "kissa"], [], layer: 1), "words")
        #expect(try store.collections(checkpoint: "tiny").map(\.pooling) == [fields, fields, nil])
        let list = try run(["list", "--store", folder.path + "/store"])
        #expect(list.output.contains("mean, lower-cased, prompt \"ASK \""))
        #expect(try build("store").errors.contains("everything is up to date"))
        // A pooling of the command line keeps the folder's lower-casing; words follow where they are asked to.
        let words = try built("store", ["--pooling", "cls", "--word-pooling", "model"])
        #expect(
            try words.collections(checkpoint: "tiny").allSatisfy {
                $0.pooling == fields.merging(["mode": "cls"]) { $1 }
            })
        let found = try vectors(words, "words/fi", layer: 1)
        try folder.write("words/fi.txt", "talo\nkoira\nkissa\n")
        let again = try built("other", ["--pooling", "cls", "--word-pooling", "model"])
        expectNear(try vectors(again, "words/fi", layer: 1), found, "words lower-cased")
    }

    /// LaBSE's modules: sentences go through the Dense and are not taken for those that do not; another Dense makes
    /// them anew.
    @Test func sentencesGoThroughTheDense() throws {
        try describe(mode: "cls", more: [("2_Dense", "Dense"), ("3_Normalize", "Normalize")])
        try DenseFixture(16, 16).write(to: model + "/2_Dense")
        let modelOptions = ["--input", "sentence", "--pooling", "model"]
        let store = try built("store")
        for layer in 0...2 {
            let found = try vectors(store, "sentences/fra-eng/fra", layer: layer)
            expectNear(found, try encoded(sentences, modelOptions, layer: layer), "\(layer)")
            let without = try encoded(sentences, ["--input", "sentence", "--pooling", "cls"], layer: layer)
            #expect(zip(found.joined(), without.joined()).contains { abs($0 - $1) > 0.01 })
            expectNear(
                try vectors(store, "words/fi", layer: layer),
                try encoded(["talo", "koira", "kissa"], [], layer: layer), "words, \(layer)")
        }
        let first = try store.collections(checkpoint: "tiny")[1].pooling
        #expect(first?["mode"] == "cls" && first?["dense"]?.count == 32)
        #expect(try build("store").errors.contains("everything is up to date"))
        // Words as sentences share sequences with those that are not: only the Dense tells them apart.
        let words = try built("store", ["--word-pooling", "model"])
        expectNear(
            try vectors(words, "words/fi", layer: 1), try encoded(["talo", "koira", "kissa"], modelOptions, layer: 1),
            "words as sentences")
        try DenseFixture(16, 16, seed: 9).write(to: model + "/2_Dense")
        let changed = try built("store", ["--word-pooling", "model"])
        expectNear(
            try vectors(changed, "words/fi", layer: 2),
            try encoded(["talo", "koira", "kissa"], modelOptions, layer: 2),
            "another Dense")
        #expect(try changed.collections(checkpoint: "tiny").allSatisfy { $0.pooling?["dense"] != first?["dense"] })
    }

    /// A shard whose folder has another Dense than the plan's is refused.
    @Test func aPlanNamesTheDense() throws {
        try describe(mode: "cls", more: [("2_Dense", "Dense")])
        try DenseFixture(16, 16).write(to: model + "/2_Dense")
        let plan = folder.path + "/plan"
        let planned = try run(
            [
                "plan", "--out", plan, "--shards", "1", "--checkpoint", "tiny=\(model)", "--codec", "fp32",
                "--vocabularies", folder.path + "/words", "--sentences", folder.path + "/sentences",
            ])
        try #require(planned.status == 0, "\(planned.errors)")
        let shard = ["build", "--plan", plan, "--shard", "0", "--scratch", folder.path + "/scratch"]
        try DenseFixture(16, 16, seed: 5).write(to: model + "/2_Dense")
        let changed = try run(shard)
        #expect(changed.status == 65 && changed.errors.contains("cls, Dense "), "\(changed.errors)")
        try DenseFixture(16, 16).write(to: model + "/2_Dense")
        #expect(try run(shard).status == 0)
        #expect(try run(["merge", "--plan", plan, "--store", folder.path + "/merged"]).status == 0)
        let single = try built("single"), store = try Store.open(folder.path + "/merged", mode: .read)
        for name in ["sentences/fra-eng/fra", "words/fi"] {
            #expect(
                try store.layers(checkpoint: "tiny", collection: name).map(\.checksum)
                    == single.layers(checkpoint: "tiny", collection: name).map(\.checksum))
        }
    }

    /// The layout of sentence-transformers' first releases, its outer folder given: as the folder in it.
    @Test func theFolderAroundTheWeightsIsTakenToo() throws {
        try describe(mode: "max")
        let manager = FileManager.default, around = folder.path + "/around"
        try manager.createDirectory(atPath: around, withIntermediateDirectories: true)
        for name in ["modules.json", "1_Pooling"] {
            try manager.moveItem(atPath: "\(model)/\(name)", toPath: "\(around)/\(name)")
        }
        try manager.moveItem(atPath: model, toPath: around + "/0_Transformer")
        let path = around + "/modules.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        try text.replacing(#""path": """#, with: #""path": "0_Transformer""#).write(
            toFile: path, atomically: false, encoding: .utf8)
        func build(_ store: String, from given: String) throws -> Store {
            let outcome = try run([
                "build", "--store", "\(folder.path)/\(store)", "--checkpoint", "tiny=\(given)", "--codec", "fp32",
                "--vocabularies", folder.path + "/words", "--sentences", folder.path + "/sentences",
            ])
            try #require(outcome.status == 0, "\(outcome.errors)")
            return try Store.open("\(folder.path)/\(store)", mode: .read)
        }
        let outer = try build("outer", from: around), inner = try build("inner", from: around + "/0_Transformer")
        for name in ["words/fi", "sentences/fra-eng/fra"] {
            #expect(
                try outer.layers(checkpoint: "tiny", collection: name).map(\.checksum)
                    == inner.layers(checkpoint: "tiny", collection: name).map(\.checksum))
        }
        #expect(try outer.collections(checkpoint: "tiny")[1].pooling == ["mode": "max"])
        let tokens = try run(["tokenize", "--checkpoint", around], input: "talo\n")
        #expect(tokens.status == 0 && !tokens.output.isEmpty, "\(tokens.errors)")
    }

    /// A folder that `train specialize` wrote asks for the paper's pooling: nothing is encoded anew for that.
    @Test func ownFoldersStayAsTheyAre() throws {
        let before = try built("store").layers(checkpoint: "tiny", collection: "sentences/fra-eng/fra")
        try describe(mode: "mean")
        try folder.write(
            "model/modules.json",
            "["
                + [("", "Transformer"), ("1_WordWeights", "WordWeights"), ("1_Pooling", "Pooling")].map {
                    #"{"path": "\#($0.0)", "type": "sentence_transformers.models.\#($0.1)"}"#
                }.joined(separator: ",") + "]")
        try folder.write(
            "model/1_WordWeights/config.json",
            #"{"vocab": ["", "s"], "word_weights": {"s": 0.0}, "unknown_word_weight": 1.0}"#)
        let again = try build("store")
        #expect(again.status == 0 && again.errors.contains("everything is up to date"))
        let store = try Store.open(folder.path + "/store", mode: .read)
        #expect(
            try store.layers(checkpoint: "tiny", collection: "sentences/fra-eng/fra").map(\.file) == before.map(\.file))
    }

    @Test func whatCannotBeDoneIsSaid() throws {
        let override = try build("store", ["--prompt", "query: "])
        #expect(
            override.status == 64 && override.errors.contains("no modules.json")
                && override.errors.contains("--pooling"))
        let none = try build("store", ["--pooling", "model"])
        #expect(none.status == 66 && none.errors.contains("modules.json"))
        let paper = try build("store", ["--pooling", "paper", "--maximum-length", "9"])
        #expect(paper.status == 64 && paper.errors.contains("--maximum-length is for other poolings"))
        try describe(mode: "mean", more: [("2_Dense", "Dense")])
        try DenseFixture(12, 16).write(to: model + "/2_Dense")
        let other = try build("store")
        #expect(other.status == 65 && other.errors.contains("\"in_features\" is 12, expected 16"))
        #expect(other.errors.contains("2_Dense/config.json"))
        // Words alone are nobody's sentences.
        #expect(try build("store", sentences: false).status == 0)
        #expect(try build("store", ["--pooling", "cls"]).status == 0)
        // A pooling that is named does not need the folder's files, but what they would have given is not lost
        // silently.
        try Data("{".utf8).write(to: URL(fileURLWithPath: model + "/modules.json"))
        let unread = try build("unread", ["--pooling", "cls"])
        #expect(unread.status == 0 && unread.errors.contains("its own length, prompt and lower-casing are not used"))
        #expect(unread.errors.contains("modules.json"), "\(unread.errors)")
    }

    /// Shards keep to what was planned.
    @Test func aPlanNamesThePooling() throws {
        try describe(mode: "cls")
        let plan = folder.path + "/plan"
        let planned = try run(
            [
                "plan", "--out", plan, "--shards", "1", "--checkpoint", "tiny=\(model)", "--codec", "fp32",
                "--vocabularies",
                folder.path + "/words", "--sentences", folder.path + "/sentences",
            ])
        try #require(planned.status == 0, "\(planned.errors)")
        #expect(try PlanFolder(plan).plan.checkpoints.map(\.sentencePooling) == [["mode": "cls"]])
        let shard = ["build", "--plan", plan, "--shard", "0", "--scratch", folder.path + "/scratch"]
        try describe(mode: "max")
        let changed = try run(shard)
        #expect(changed.status == 65 && changed.errors.contains("the pooling of sentences of 'tiny'"))
        try describe(mode: "cls")
        #expect(try run(shard).status == 0)
        let merged = try run(["merge", "--plan", plan, "--store", folder.path + "/merged"])
        #expect(merged.status == 0, "\(merged.errors)")
        let single = try built("single"), store = try Store.open(folder.path + "/merged", mode: .read)
        for name in ["sentences/fra-eng/fra", "sentences/fra-eng/eng", "words/fi"] {
            #expect(
                try store.layers(checkpoint: "tiny", collection: name).map(\.checksum)
                    == single.layers(checkpoint: "tiny", collection: name).map(\.checksum))
        }
    }

    /// The same tokens pooled otherwise are another sequence.
    @Test func sequencesPooledOtherwiseAreNotMerged() {
        let poolings: [TokenSequence.Pooling] = [.mean, .meanOverRoot, .maximum, .weightedMean]
        var pool = SequencePool()
        let sequences = [1..<3, 0..<4].flatMap { range in
            poolings.map { TokenSequence(ids: [1, 7, 8, 2], pooled: range, pooling: $0) }
        }
        for sequence in sequences + sequences {
            _ = pool.insert(ids: sequence.ids[...], PooledPositions(sequence), digest: SequenceDigest.of(sequence))
        }
        #expect((0..<pool.count).map { pool.sequence(at: $0) } == sequences)
    }
}
