import Fingerprinting
import Foundation
import Testing

@testable import Store

/// Digests of token sequences are kept once for all checkpoints of one tokenizer.
@Suite struct SharedDigestsTests {
    private static func names(_ store: Store) throws -> [Fingerprint] {
        try store.environment.read { transaction in
            var names: [Fingerprint] = []
            try transaction.forEach(#require(transaction.databases.sequences)) { key, _ in
                names.append(Fingerprint(bigEndian: key))
                return true
            }
            return names
        }
    }

    private static func damage(_ store: Store) throws -> [String] {
        try store.verify().filter { $0.severity == .damage }.map(\.place)
    }

    /// The store as format 1 had it: digests under checkpoint and collection, no name in the collection's record.
    private static func makeOld(_ store: Store) throws {
        try store.environment.write { transaction in
            let sequences = try #require(transaction.databases.sequences)
            for checkpoint in try transaction.records(CheckpointRecord.self, in: transaction.databases.checkpoints) {
                for var collection in try transaction.collections(of: checkpoint.name) {
                    let key = CatalogueKey.collection(collection.collection, checkpoint: checkpoint.name)
                    let name = try #require(collection.sequences)
                    let bytes = try #require(try transaction.value(sequences, name.bigEndianBytes))
                    try transaction.put(transaction.databases.digests, key, bytes)
                    collection.sequences = nil
                    try transaction.put(transaction.databases.collections, key, RecordCoding.encode(collection))
                }
            }
            try transaction.removeAll(sequences, prefix: [])
            try transaction.put(transaction.databases.meta, Array("format".utf8), Array("1".utf8))
        }
    }

    @Test func checkpointsOfOneTokenizerShareThem() throws {
        let fixture = try StoreFixture()
        for name in ["a", "b"] {
            try fixture.publish(StoreFixture.words(9), seed: 1, checkpoint: StoreFixture.checkpoint(name))
        }
        try fixture.publish(StoreFixture.words(9), seed: 2, checkpoint: StoreFixture.checkpoint("c"))
        let expected = (0..<9).map { Fingerprint(high: 1, low: UInt64($0)) }
        #expect(try Self.names(fixture.store).count == 2)
        for name in ["a", "b"] {
            #expect(try fixture.store.sequenceDigests(checkpoint: name, collection: "words/fi") == expected)
        }
        // What one still has stays when the other goes, with its vectors or altogether.
        _ = try fixture.store.dropVectors(checkpoint: "a", collection: nil)
        #expect(try fixture.store.sequenceDigests(checkpoint: "a", collection: "words/fi") == nil)
        #expect(try fixture.store.sequenceDigests(checkpoint: "b", collection: "words/fi") == expected)
        _ = try fixture.store.remove(checkpoint: "c", collection: nil)
        #expect(try Self.names(fixture.store).count == 1)
        _ = try fixture.store.remove(checkpoint: "b", collection: nil)
        #expect(try Self.names(fixture.store).isEmpty)
        #expect(try fixture.store.verify().filter { $0.severity == .damage }.isEmpty)
    }

    @Test func replacedOnesAreGarbage() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(9), seed: 1)
        try fixture.publish(StoreFixture.words(8), seed: 2)
        #expect(try Self.names(fixture.store).count == 2)
        #expect(
            try fixture.store.verify().contains { $0.severity == .information && $0.place.hasPrefix("sequences ") })
        #expect(try fixture.store.collectGarbage(dryRun: true).sequences.count == 1)
        #expect(try Self.names(fixture.store).count == 2)
        #expect(try fixture.store.collectGarbage(dryRun: false).sequences.count == 1)
        #expect(try Self.names(fixture.store).count == 1)
        #expect(try fixture.store.sequenceDigests(checkpoint: "mini", collection: "words/fi")?.count == 8)
        #expect(try fixture.store.verify().isEmpty)
    }

    @Test func verifyComparesThemWithTheirName() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(3), seed: 1)
        let name = try #require(try Self.names(fixture.store).first)
        let bytes = (0..<48).map { UInt8($0) }
        for damaged in [bytes, Array(bytes.prefix(47))] {
            try fixture.store.environment.write {
                try $0.put(#require($0.databases.sequences), name.bigEndianBytes, damaged)
            }
            #expect(try Self.damage(fixture.store) == ["sequences \(name.short)"])
        }
        #expect(throws: StoreError.self) {
            try fixture.store.sequenceDigests(checkpoint: "mini", collection: "words/fi")
        }
        // Publishing again mends them: they are compared, not believed.
        try fixture.publish(StoreFixture.words(3), seed: 1)
        #expect(try Self.damage(fixture.store).isEmpty)
        try fixture.store.environment.write {
            _ = try $0.remove(#require($0.databases.sequences), name.bigEndianBytes)
        }
        #expect(try Self.damage(fixture.store) == ["digests of 'mini words/fi'"])
    }

    /// Stores of format 1 are read as they are, and become format 2 when they are opened for writing.
    @Test func storesOfFormatOneGoOn() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(5), seed: 1, collection: "words/en")
        try fixture.publish(StoreFixture.words(5), seed: 1)
        try Self.makeOld(fixture.store)
        let expected = (0..<5).map { Fingerprint(high: 1, low: UInt64($0)) }
        #expect(try fixture.store.sequenceDigests(checkpoint: "mini", collection: "words/fi") == expected)
        #expect(try fixture.store.verify().isEmpty)
        // The same collection again: shared from now on, and its own are gone; the other's stay.
        try fixture.publish(StoreFixture.words(5), seed: 1)
        #expect(try Self.names(fixture.store).count == 1)
        #expect(try fixture.store.verify().isEmpty)
        try fixture.store.environment.read { transaction in
            var own: [String] = []
            try transaction.forEach(transaction.databases.digests) { key, _ in
                own.append(CatalogueKey.readable(key))
                return true
            }
            #expect(own == ["mini words/en"])
        }
        // Merged from there, each under the key it has.
        let target = try StoreFixture()
        for collection in ["words/en", "words/fi"] {
            for layer in try fixture.store.layers(checkpoint: "mini", collection: collection) {
                let bytes = try fixture.store.root.open(layer.file, for: .reading).contents(limit: 1 << 20)
                let parent = layer.file.split(separator: "/").dropLast().joined(separator: "/")
                _ = try target.store.root.makeFolder(parent)
                let copy = try target.store.root.open(layer.file, for: .creating)
                #expect(bytes.withUnsafeBytes { write(copy.descriptor, $0.baseAddress, $0.count) } == bytes.count)
            }
            #expect(try target.store.adopt(collection, checkpoint: "mini", from: fixture.store))
            #expect(try !target.store.adopt(collection, checkpoint: "mini", from: fixture.store))
            #expect(try target.store.sequenceDigests(checkpoint: "mini", collection: collection) == expected)
        }
        #expect(try target.store.verify().isEmpty)
    }
}
