import Encoder
import Foundation
import Lookup
import Store
import TestSupport
import Testing

/// Stored words whose vectors were pooled as sentences are.
@Suite struct PoolingTests {
    private static let cls = ["mode": "cls"]

    /// A word that is not stored is encoded as the stored ones were.
    @Test func newWordsArePooledAsTheStoredOnes() throws {
        let fixture = try QueryFixture()
        try TinyCheckpoint().write(to: fixture.folder + "/model")
        let record = QueryFixture.checkpoint(
            hiddenSize: 16, source: fixture.folder + "/model",
            fingerprint: try Checkpoint(folder: fixture.folder + "/model").fingerprint)
        let words = ["abc", "dog", "house"].map { Array($0.utf8) }
        for pooling in [nil, Self.cls] {
            let encoded = try TextEncoder(record, highestLayer: 2, pooling: pooling).encode(
                words, layers: [2], threads: 1)
            let rows = words.indices.map { text in (0..<16).map { encoded.row(layer: 0, text: text)[$0] } }
            // The word asked for is left out of its own language: it has to be encoded.
            try fixture.publish("words/en", ["abc"], layers: [2: [rows[0]]], checkpoint: record, pooling: pooling)
            try fixture.publish(
                "words/fi", ["koira", "talo", "x"], layers: [2: [rows[1], rows[2], rows[0]]], checkpoint: record,
                pooling: pooling)
            let outcome = try QueryProcess.run(
                [
                    "translate", "dog", "--from", "en", "--to", "fi", "--layer", "2", "--store", fixture.storeFolder,
                    "--json",
                ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            #expect(outcome.output.contains("\"koira\""))
            let first = try #require(
                outcome.output.firstRange(of: #/"score":([0-9.]+)/#).map { outcome.output[$0] })
            #expect((Double(first.drop { !$0.isNumber }) ?? 0) > 0.99999, "\(outcome.output)")
        }
    }

    /// Stored words that were lower-cased: new ones are.
    @Test func newWordsAreLowerCasedAsTheStoredOnes() throws {
        let fixture = try QueryFixture(), model = fixture.folder + "/model"
        try TinyCheckpoint().write(to: model)
        let record = QueryFixture.checkpoint(
            hiddenSize: 16, source: model, fingerprint: try Checkpoint(folder: model).fingerprint)
        func vectors(_ pooling: [String: String]) throws -> [[Float]] {
            let encoded = try TextEncoder(record, highestLayer: 2, pooling: pooling).encode(
                ["dog", "DOG"].map { Array($0.utf8) }, layers: [2], threads: 1)
            return [0, 1].map { text in (0..<16).map { encoded.row(layer: 0, text: text)[$0] } }
        }
        let plain = try vectors(Self.cls), lower = try vectors(Self.cls.merging(["lower_case": "yes"]) { $1 })
        #expect(plain[0] != plain[1] && lower[0] == lower[1] && lower[0] == plain[0])
    }

    /// Words stored through a Dense: new ones go through the same, and not through another.
    @Test func newWordsGoThroughTheDense() throws {
        let fixture = try QueryFixture(), model = fixture.folder + "/model"
        try TinyCheckpoint().write(to: model)
        try fixture.file(
            "model/modules.json",
            "["
                + [("", "Transformer"), ("1_Pooling", "Pooling"), ("2_Dense", "Dense")].map {
                    #"{"path": "\#($0.0)", "type": "sentence_transformers.models.\#($0.1)"}"#
                }.joined(separator: ",") + "]")
        try fixture.file("model/1_Pooling/config.json", #"{"pooling_mode": "cls"}"#)
        let dense = DenseFixture(16, 16)
        try dense.write(to: model + "/2_Dense")
        let record = QueryFixture.checkpoint(
            hiddenSize: 16, source: model, fingerprint: try Checkpoint(folder: model).fingerprint)
        func vectors(_ pooling: [String: String]?) throws -> [[Float]] {
            let encoded = try TextEncoder(record, highestLayer: 2, pooling: pooling).encode(
                ["dog", "koira"].map { Array($0.utf8) }, layers: [0, 2], threads: 1)
            return [0, 1].flatMap { layer in
                [0, 1].map { text in (0..<16).map { encoded.row(layer: layer, text: text)[$0] } }
            }
        }
        let pooling = try SentenceConvention.read(folder: model).fields
        let weight = dense.tensors[0].values, bias = dense.tensors[1].values
        for (before, after) in zip(try vectors(Self.cls), try vectors(pooling)) {
            for row in 0..<16 {
                let sum = (0..<16).reduce(bias[row]) { $0 + weight[row * 16 + $1] * before[$1] }
                #expect(abs(tanh(sum) - after[row]) < 1e-5)
            }
        }
        try DenseFixture(16, 16, seed: 2).write(to: model + "/2_Dense")
        let error = #expect(throws: LookupError.self) { try vectors(pooling) }
        #expect(
            error?.exitStatus == .missingInput && error?.description.contains("Dense modules are not those") == true)
    }

    /// Vectors made in different ways are not compared.
    @Test func mixedPoolingsAreRefused() throws {
        let fixture = try QueryFixture()
        let record = QueryFixture.checkpoint(hiddenSize: 2)
        try fixture.publish("words/en", ["dog"], layers: [1: [[1, 0]]], checkpoint: record, pooling: Self.cls)
        try fixture.publish("words/fi", ["koira"], layers: [1: [[1, 0]]], checkpoint: record)
        try fixture.publish(
            "sentences/fra-eng/fra", ["un"], layers: [1: [[1, 0]]], checkpoint: record, pooling: Self.cls)
        try fixture.publish("sentences/fra-eng/eng", ["a"], layers: [1: [[1, 0]]], checkpoint: record)
        try fixture.file("dictionaries/en-fi.tsv", "dog\tkoira\n")
        try fixture.file("pairs/EN-FI.csv", "dog,koira,6\n")
        let store = ["--store", fixture.storeFolder]
        let translate = try QueryProcess.run(["translate", "dog", "--from", "en", "--to", "fi"] + store)
        #expect(translate.status == 65)
        for outcome in [
            translate, try QueryProcess.run(["bli", "--dictionaries", fixture.folder + "/dictionaries"] + store),
            try QueryProcess.run(["tatoeba"] + store),
        ] {
            #expect(outcome.status != 0)
            #expect(
                outcome.errors.contains("(cls)") && outcome.errors.contains("(as in the paper)"), "\(outcome.errors)")
        }
    }

    @Test func aPoolingOfAnotherVersionIsNamed() throws {
        let record = QueryFixture.checkpoint(hiddenSize: 2)
        let error = #expect(throws: LookupError.self) {
            try TextEncoder(record, highestLayer: 1, pooling: ["mode": "attention"])
        }
        #expect(error?.exitStatus == .badInput && error?.description.contains("attention") == true)
    }
}
