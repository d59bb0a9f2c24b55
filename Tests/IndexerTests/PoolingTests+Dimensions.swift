import Foundation
import Store
import TestSupport
import Testing

@testable import Indexer

/// A Dense that changes the size of vectors (distiluse: 768 to 512): sentences have another dimension than words.
extension PoolingTests {
    private func dimensions(_ store: Store) throws -> [String: Set<Int>] {
        let collections = try store.collections(checkpoint: "tiny").map(\.collection)
        return try Dictionary(
            uniqueKeysWithValues: collections.map { name in
                (name, Set(try store.layers(checkpoint: "tiny", collection: name).map(\.dimension)))
            })
    }

    @Test(arguments: [12, 24])
    func sentencesHaveADimensionOfTheirOwn(dimension: Int) throws {
        try DenseFixture(16, dimension).writeModules(to: model)
        let modelOptions = ["--input", "sentence", "--pooling", "model"]
        let store = try built("store")
        #expect(
            try dimensions(store) == [
                "sentences/fra-eng/eng": [dimension], "sentences/fra-eng/fra": [dimension], "words/fi": [16],
            ])
        for layer in 0...2 {
            let found = try vectors(store, "sentences/fra-eng/fra", layer: layer)
            let expected = try encoded(sentences, modelOptions, layer: layer)
            #expect(found.map(\.count) == expected.map(\.count) && found[0].count == dimension)
            expectNear(found, expected, "\(layer)")
            expectNear(
                try vectors(store, "words/fi", layer: layer),
                try encoded(["talo", "koira", "kissa"], [], layer: layer), "words, \(layer)")
        }
        #expect(try run(["verify", "--store", folder.path + "/store"]).status == 0)
        #expect(try build("store").errors.contains("everything is up to date"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/store/work"))

        let list = try run(["list", "--store", folder.path + "/store", "--json"])
        let checkpoint = try #require((try list.object["checkpoints"] as? [[String: Any]])?.first)
        let collections = try #require(checkpoint["collections"] as? [[String: Any]])
        #expect(checkpoint["hidden_size"] as? Int == 16)
        #expect(
            collections.map { ($0["layers"] as? [[String: Any]])?.compactMap { $0["dimension"] as? Int } } == [
                [dimension, dimension, dimension], [dimension, dimension, dimension], [16, 16, 16],
            ])
        let table = try run(["list", "--store", folder.path + "/store"]).output.split(separator: "\n")
        #expect(table.first?.hasSuffix("dimension") == true)
        #expect(table.contains { $0.contains("fra-eng/fra") && $0.hasSuffix(" \(dimension)") }, "\(table)")

        // Words as sentences: they leave their own dimension, and what sentences have stays.
        let files = try store.layers(checkpoint: "tiny", collection: "sentences/fra-eng/fra").map(\.file)
        let words = try built("store", ["--word-pooling", "model"])
        #expect(try dimensions(words)["words/fi"] == [dimension])
        #expect(try words.layers(checkpoint: "tiny", collection: "sentences/fra-eng/fra").map(\.file) == files)
        expectNear(
            try vectors(words, "words/fi", layer: 1), try encoded(["talo", "koira", "kissa"], modelOptions, layer: 1),
            "words as sentences")
        // And back: without the folder's modules all have the hidden size.
        let paper = try built("store", ["--pooling", "paper"])
        #expect(Set(try dimensions(paper).values) == [[16]])
        #expect(try !run(["list", "--store", folder.path + "/store"]).output.contains("dimension"))
    }

    /// Each dimension is counted with its own size, and time with the model's.
    @Test func aForecastKnowsBothDimensions() throws {
        try DenseFixture(16, 1200).writeModules(to: model)
        let environment = ["XDG_CACHE_HOME": Optional(folder.path + "/cache")]
        EncodingRates(cacheFolder: folder.path + "/cache").remember(
            tokens: 100, seconds: 10, highestLayer: 2, hiddenSize: 16, threads: 1)
        let arguments = [
            "build", "--store", folder.path + "/store", "--checkpoint", "tiny=\(model)", "--vocabularies",
            folder.path + "/words", "--sentences", folder.path + "/sentences", "--threads", "1", "--json",
        ]
        func checkpoint(_ more: [String]) throws -> [String: Any] {
            let outcome = try IndexerProcess.run(arguments + more, environment: environment)
            #expect(outcome.status == 0, "\(outcome.errors)")
            return try #require((try outcome.object["checkpoints"] as? [[String: Any]])?.first)
        }
        let forecast = try checkpoint(["--dry-run"])
        // 3 layers in halves: 3 words, twice 4 sentences.
        let values = 3 * 16 + 8 * 1200, bytes = 3 * 2 * values
        #expect(forecast["file_bytes"] as? Int == bytes)
        #expect(forecast["needed_bytes"] as? Int ?? 0 > bytes)
        let tokens = try #require(forecast["tokens"] as? Int)
        #expect(forecast["seconds"] as? Double == Double(tokens) / 10)
        let names = (forecast["collections"] as? [[String: Any]])?.map { $0["collection"] as? String }
        #expect(names == ["words/fi", "sentences/fra-eng/fra", "sentences/fra-eng/eng"])
        let built = try checkpoint([])
        for key in ["sequences", "tokens"] { #expect(built[key] as? Int == forecast[key] as? Int) }
        #expect((built["collections"] as? [[String: Any]])?.map { $0["collection"] as? String } == names)
        let nothing = try checkpoint(["--dry-run"])
        #expect(nothing["needed_bytes"] as? Int == 0 && nothing["up_to_date"] as? Int == 3)
    }
}
