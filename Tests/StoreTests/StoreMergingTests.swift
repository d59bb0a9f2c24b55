import Files
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Store

/// What another store has becomes current here, byte for byte.
@Suite struct StoreMergingTests {
    private let shard: StoreFixture
    private let target: StoreFixture

    init() throws {
        shard = try StoreFixture()
        target = try StoreFixture()
    }

    /// As a merge does before it adopts.
    private func placeFiles() throws {
        for file in shard.files().map({ "data/\($0)" }) {
            _ = try target.store.root.makeFolder(DurableFolder.parent(of: file))
            try target.store.root.remove(file)
            try shard.store.root.link(file, to: file, in: target.store.root)
        }
    }

    private func values(_ store: Store, _ database: (Databases) -> Database?) throws -> [[UInt8]: [UInt8]] {
        try store.environment.read { transaction in
            var result: [[UInt8]: [UInt8]] = [:]
            guard let database = database(transaction.databases) else { return [:] }
            try transaction.forEach(database) { key, value in
                result[[UInt8](key)] = [UInt8](value)
                return true
            }
            return result
        }
    }

    private func expectSameRecords() throws {
        for database: (Databases) -> Database? in [
            \.checkpoints, \.collections, \.layers, \.lists, \.rows, \.texts, \.digests, \.results, \.outcomes,
        ] {
            let expected = try values(shard.store, database)
            #expect(try values(target.store, database) == expected)
        }
    }

    @Test func recordsAreTakenOverAsTheyAre() throws {
        try shard.publish(StoreFixture.words(40) + [(String(repeating: "ä", count: 400), 41)])
        try placeFiles()
        #expect(try target.store.adopt("words/fi", checkpoint: "mini", from: shard.store))
        try expectSameRecords()
        #expect(try target.store.verify().isEmpty)
        #expect(try !target.store.adopt("words/fi", checkpoint: "mini", from: shard.store))
    }

    /// A field a later version writes is kept, too.
    @Test func fieldsNobodyKnowsStay() throws {
        try shard.publish(StoreFixture.words(5))
        let key = CatalogueKey.collection("words/fi", checkpoint: "mini")
        try shard.store.environment.write { transaction in
            let value = try #require(try transaction.value(transaction.databases.collections, key))
            try transaction.put(
                transaction.databases.collections, key, Array("{\"aaa\":1,".utf8) + value.dropFirst())
        }
        try placeFiles()
        #expect(try target.store.adopt("words/fi", checkpoint: "mini", from: shard.store))
        try expectSameRecords()
    }

    @Test func layersOfAnotherListGoAndThoseOfTheSameStay() throws {
        try target.publish(StoreFixture.words(7), layers: [1, 2], seed: 9)
        try shard.publish(StoreFixture.words(7), layers: [0, 2])
        try placeFiles()
        #expect(try target.store.adopt("words/fi", checkpoint: "mini", from: shard.store))
        #expect(try target.store.layers(checkpoint: "mini", collection: "words/fi").map(\.layer) == [0, 1, 2])
        try shard.publish(StoreFixture.words(8), layers: [3])
        try placeFiles()
        #expect(try target.store.adopt("words/fi", checkpoint: "mini", from: shard.store))
        #expect(try target.store.layers(checkpoint: "mini", collection: "words/fi").map(\.layer) == [3])
        #expect(try target.store.verify().filter { $0.severity == .damage }.isEmpty)
    }

    @Test func nothingIsAdoptedWithoutItsFiles() throws {
        try shard.publish(StoreFixture.words(5))
        #expect(throws: StoreError.self) {
            try target.store.adopt("words/fi", checkpoint: "mini", from: shard.store)
        }
        try placeFiles()
        let file = try #require(target.files().first)
        try FileManager.default.removeItem(atPath: "\(target.folder)/data/\(file)")
        try Data("short".utf8).write(to: URL(fileURLWithPath: "\(target.folder)/data/\(file)"))
        #expect {
            try target.store.adopt("words/fi", checkpoint: "mini", from: shard.store)
        } throws: { "\($0)".contains("found 5") }
        #expect(throws: StoreError.self) {
            try target.store.adopt("words/xx", checkpoint: "mini", from: shard.store)
        }
        #expect(try target.store.checkpoints().isEmpty)
    }

    @Test func resultsComeWithTheirOutcomes() throws {
        try shard.publish(StoreFixture.words(5))
        let record = ResultRecord(
            task: "bli", dataset: "d", pair: "fi-en", checkpoint: "mini", layer: 3,
            fingerprint: Fingerprint(high: 1, low: 2), values: ["mrr": 0.5], provenance: [:], created: 1)
        try shard.store.putUnchecked([record])
        let key = CatalogueKey.result(task: "bli", fingerprint: record.fingerprint)
        try shard.store.environment.write { transaction in
            try transaction.put(try #require(transaction.databases.outcomes), key, [1, 2, 3])
        }
        try placeFiles()
        #expect(try target.store.adopt("words/fi", checkpoint: "mini", from: shard.store))
        #expect(try target.store.adoptResults(from: shard.store) == 1)
        try expectSameRecords()
        #expect(try target.store.adoptResults(from: shard.store) == 0)
    }

    /// The copy is a catalogue by itself.
    @Test func aCopiedCatalogueOpensElsewhere() throws {
        try shard.publish(StoreFixture.words(300))
        let folder = try TemporaryFolder()
        let root = try ContainedFolder(folder.path)
        _ = try root.makeFolder("catalog.lmdb")
        do {
            let file = try root.open(Store.catalogueFile, for: .creating)
            try shard.store.copyCatalogue(to: file)
        }
        let copy = try Store.open(folder.path, mode: .read)
        #expect(try copy.collections(checkpoint: "mini").map(\.rows) == [300])
        #expect(try copy.texts(list: copy.collections(checkpoint: "mini")[0].list).count == 300)
    }

    @Test func aHalfCopiedFileIsGarbage() throws {
        let file = "data/mini/words/fi/layer-07.0123456789ab.faiss"
        let partial = Store.partialName(of: file, by: 12)
        #expect(partial == "data/mini/words/fi/.layer-07.0123456789ab.faiss.12.partial")
        try target.publish(StoreFixture.words(5))
        try Data([1]).write(to: URL(fileURLWithPath: "\(target.folder)/\(partial)"))
        #expect(try target.store.collectGarbage(dryRun: false).files.count == 1)
    }
}
