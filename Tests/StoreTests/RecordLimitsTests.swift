import Fingerprinting
import Foundation
import Testing

@testable import Store

/// Records with numbers no builder writes: refused by name, and no arithmetic on them ends a program.
@Suite struct RecordLimitsTests {
    /// Writes records as they are, with checksums that are right: a stranger can do that too.
    private func store(_ change: (inout CheckpointRecord, inout CollectionRecord, inout LayerRecord) -> Void) throws
        -> StoreFixture
    {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(3), layers: [0])
        try fixture.store.environment.write { transaction in
            var checkpoint = try #require(try transaction.checkpoint("mini"))
            var collection = try #require(try transaction.collection("words/fi", checkpoint: "mini"))
            var layer = try #require(try transaction.layer(0, of: "words/fi", checkpoint: "mini"))
            change(&checkpoint, &collection, &layer)
            let databases = transaction.databases
            try transaction.put(databases.checkpoints, CatalogueKey.checkpoint("mini"), RecordCoding.encode(checkpoint))
            try transaction.put(
                databases.collections, CatalogueKey.collection("words/fi", checkpoint: "mini"),
                RecordCoding.encode(collection))
            try transaction.put(
                databases.layers, CatalogueKey.layer(0, of: "words/fi", checkpoint: "mini"), RecordCoding.encode(layer))
        }
        return fixture
    }

    @Test(arguments: [Int.max, 1 << 60, -1, Int.min])
    func sizesThatAreNone(_ number: Int) throws {
        let changes: [(String, (inout CheckpointRecord, inout CollectionRecord, inout LayerRecord) -> Void)] = [
            ("checkpoints 'mini'", { checkpoint, _, _ in checkpoint.hiddenSize = number }),
            ("checkpoints 'mini'", { checkpoint, _, _ in checkpoint.layerCount = number }),
            ("checkpoints 'mini'", { checkpoint, _, _ in checkpoint.vocabularySize = number }),
            ("collections 'mini words/fi'", { _, collection, _ in collection.rows = number }),
            ("collections 'mini words/fi'", { _, collection, _ in collection.truncated = number }),
            ("collections 'mini words/fi'", { _, collection, _ in collection.top = number }),
            ("collections 'mini words/fi'", { _, collection, _ in collection.skipped["empty"] = number }),
            ("layers 'mini words/fi 00'", { _, _, layer in layer.rows = number }),
            ("layers 'mini words/fi 00'", { _, _, layer in layer.dimension = number }),
            ("layers 'mini words/fi 00'", { _, _, layer in layer.bytes = number }),
            ("layers 'mini words/fi 00'", { _, _, layer in layer.created = number < 0 ? -.infinity : .nan }),
        ]
        for (place, change) in changes {
            let fixture = try store(change)
            #expect(
                try fixture.store.verify().contains { $0.severity == .damage && $0.place == place },
                "\(place) \(number)")
            for question in [
                { _ = try fixture.store.usage() },
                { _ = try fixture.store.snapshot(collection: "words/fi", checkpoint: "mini") },
                { _ = try fixture.store.remove(checkpoint: "mini", collection: nil) },
            ] as [() throws -> Void] {
                let error = #expect(throws: StoreError.self) { try question() }
                #expect(error?.exitStatus == .badInput && error?.description.contains(place) == true)
            }
        }
    }

    /// The largest sizes a record may have, in so many records that their sum is beyond `Int`.
    @Test func sumsEndAtTheLargestNumber() throws {
        #expect([Int.max, 1].saturatingSum() == Int.max && [Int.min, -1].saturatingSum() == Int.min)
        #expect([Int]().saturatingSum() == 0 && [3, -1].saturatingSum() == 2)
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(3), layers: [0])
        try fixture.store.environment.write { transaction in
            var layer = try #require(try transaction.layer(0, of: "words/fi", checkpoint: "mini"))
            var collection = try #require(try transaction.collection("words/fi", checkpoint: "mini"))
            for number in 0..<90 {
                collection.collection = "words/c\(number)"
                try transaction.put(
                    transaction.databases.collections,
                    CatalogueKey.collection(collection.collection, checkpoint: "mini"),
                    RecordCoding.encode(collection))
                for place in 0..<99 {
                    layer.collection = collection.collection
                    layer.layer = place
                    layer.bytes = RecordLimits.bytes.upperBound
                    layer.file = StoreLayout.file(
                        checkpoint: "mini", collection: layer.collection, layer: place, fingerprint: layer.fingerprint)
                    try transaction.put(
                        transaction.databases.layers,
                        CatalogueKey.layer(place, of: layer.collection, checkpoint: "mini"), RecordCoding.encode(layer))
                }
            }
        }
        #expect(try fixture.store.usage().checkpoints[0].bytes == Int.max)
        #expect(try fixture.store.verify().contains { $0.severity == .damage })
        #expect(try fixture.store.remove(checkpoint: "mini", collection: nil).bytes == Int.max)
    }

    @Test func resultsWithNumbersThatAreNone() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(3), layers: [0])
        func result(layer: Int = 0, mrr: Double = 0.5, created: Double = 1) -> ResultRecord {
            ResultRecord(
                task: "bli", dataset: "d", pair: "en-fi", checkpoint: "mini", layer: layer,
                fingerprint: Fingerprint(high: 1, low: 2), values: ["mrr": mrr, "p1": 1], provenance: [:],
                created: created)
        }
        let snapshot = try fixture.store.snapshot { $0 }.chosen[0]
        let basis = ResultBasis(checkpoint: snapshot.checkpoint, collections: [], layers: [])
        let odd: [(ResultRecord, String)] =
            [Int.min, -1, 1_000, Int.max].map { (result(layer: $0), "\($0)") }
            + [.nan, .infinity, -.infinity, 1e308, -1e17].map { (result(mrr: $0), "\($0)") }
            + [.nan, 1e300, -1e300].map { (result(created: $0), "\($0)") }
        for (record, found) in odd {
            // Neither written nor, when somebody else wrote it, read.
            #expect(throws: StoreError.self) {
                try fixture.store.put(results: [NewResult(record: record, basis: basis)])
            }
            try fixture.store.putUnchecked([record])
            let error = #expect(throws: StoreError.self) { try fixture.store.results(task: nil, checkpoint: nil) }
            #expect(error?.description.contains("found \(found)") == true, "\(String(describing: error))")
            #expect(try fixture.store.verify().contains { $0.severity == .damage && $0.found == found })
        }
        #expect(try fixture.store.put(results: [NewResult(record: result(), basis: basis)]) == [true])
        #expect(try fixture.store.results(task: nil, checkpoint: nil).count == 1)
    }
}
