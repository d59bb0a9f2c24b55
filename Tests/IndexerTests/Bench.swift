import Foundation
import Lexicon
import TestSupport

@testable import Indexer
@testable import Store

/// A store in a folder of its own and inputs made by hand.
struct Bench {
    let folder: TemporaryFolder
    let store: Store

    init() throws {
        folder = try TemporaryFolder()
        store = try Store.open(folder.path + "/store", mode: .write)
    }

    static func words(_ language: String, _ words: [String]) -> CollectionInput {
        let table = TextTable(words)
        let ranks = (1...UInt32(words.count)).map { $0 }
        return CollectionInput(
            Vocabulary(
                language: language, path: "/texts/\(language).txt", words: table, ranks: ranks, duplicates: 0,
                fingerprint: Vocabulary.fingerprint(words: table, ranks: ranks)),
            top: 1000)
    }

    static func sentences(_ first: [String], _ second: [String]) -> [CollectionInput] {
        CollectionInput.sides(
            of: SentenceSet(
                name: "fra-eng", firstLanguage: "fra", secondLanguage: "eng", first: TextTable(first),
                second: TextTable(second), path: "/texts/fra"),
            files: ["/texts/fra", "/texts/eng"])
    }

    func build(
        _ fake: FakeModel, _ inputs: [CollectionInput], layers: LayerSelection = .all, codec: Codec = .fp32,
        threads: Int = 2, worthwhile: Int = 1, shouldStop: @escaping @Sendable () -> Bool = { false },
        adjust: (inout BuildSettings) -> Void = { _ in }
    ) throws -> BuildReport.Checkpoint {
        var settings = BuildSettings(
            layers: layers, codec: codec, crew: .init(threads: threads, chunkSequences: 7, batchTokens: 20),
            worthwhileSequences: worthwhile, quiet: true)
        adjust(&settings)
        return try CheckpointBuild(
            store: store, model: fake.model(), inputs: inputs, settings: settings, shouldStop: shouldStop
        ).run()
    }

    func vectors(_ collection: String, layer: Int) throws -> [[Float]] {
        let record = try store.requireLayer(layer, collection: collection, checkpoint: "fake")
        let file = try store.vectors(record)
        var floats = [Float](repeating: 0, count: file.rows * file.dimension)
        try floats.withUnsafeMutableBufferPointer { try file.decode(rows: 0..<file.rows, into: $0.baseAddress!) }
        return (0..<file.rows).map { Array(floats[($0 * file.dimension)..<(($0 + 1) * file.dimension)]) }
    }

    /// Every layer file, by its name in the store.
    var layerFiles: [String: Data] { TemporaryFolder.files(in: folder.path + "/store", ending: ".faiss") }
}
