import CLMDB
import Fingerprinting
import Foundation
import Testing

@testable import Store

@Suite struct SnapshotTests {
    private func snapshot(_ store: Store) throws -> CheckpointSnapshot { try store.snapshot { $0 }.chosen[0] }

    @Test func aSnapshotStaysOneStateWhateverIsPublished() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(9), seed: 1)
        try fixture.publish(StoreFixture.words(4), seed: 2, collection: "words/en")
        let old = try snapshot(fixture.store)
        #expect(old.collections.map(\.collection) == ["words/en", "words/fi"])
        let files = try old.layers(of: old.collections[1]).map(\.file)
        let single = try fixture.store.snapshot(collection: "words/fi", checkpoint: "mini")
        try fixture.publish([("x", 1), ("y", 2)], layers: [0, 3], seed: 9)

        #expect(try old.layers(of: old.collections[1]).map(\.file) == files)
        #expect(try old.layers(of: old.collections[1]).map(\.rows) == [9, 9])
        #expect(old.texts(of: old.collections[1]).count == 9)
        #expect(try old.texts(of: old.collections[1]).entry(at: 8).text == "w8")
        #expect(single.texts.count == 9 && single.layers.map(\.file) == files)
        let new = try snapshot(fixture.store)
        #expect(try new.layers(of: new.collections[1]).map(\.rows) == [2, 2])
        #expect(
            try new.layers(of: new.collections[1]).map(\.list) == [new.collections[1].list, new.collections[1].list])

        _ = try fixture.store.collectGarbage(dryRun: false)
        let layer = try #require(try old.layers(of: old.collections[1]).first)
        let gone = #expect(throws: StoreError.self) { try fixture.store.vectors(layer) }
        #expect(gone?.exitStatus == .tryAgain)
        let lost = #expect(throws: StoreError.self) { try old.texts(of: old.collections[1]).entry(at: 0) }
        #expect(lost?.exitStatus == .tryAgain)
    }

    /// Two builders and `gc` take a state's file away and bring it back while a reader looks for it.
    @Test func aFileIsMissingOnlyIfTheCatalogueNamedItAllTheTime() throws {
        let fixture = try StoreFixture()
        func publishFirst() throws { try fixture.publish(StoreFixture.words(9), layers: [0], seed: 1) }
        func publishSecond() throws {
            try fixture.publish(StoreFixture.words(4), layers: [0], seed: 2)
            _ = try fixture.store.collectGarbage(dryRun: false)
        }
        try publishFirst()
        let layer = try #require(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").first)
        try publishSecond()
        var looked = 0
        _ = try fixture.store.openLayer(layer) {
            looked += 1
            try publishFirst()
        }
        #expect(looked == 1)
        #expect(try fixture.store.vectors(layer).rows == 9)

        try publishSecond()
        let replaced = #expect(throws: StoreError.self) { try fixture.store.openLayer(layer) }
        #expect(replaced?.exitStatus == .tryAgain)

        try publishFirst()
        try FileManager.default.removeItem(atPath: fixture.folder + "/" + layer.file)
        let lost = #expect(throws: StoreError.self) { try fixture.store.vectors(layer) }
        #expect(lost?.exitStatus == .missingInput)
        #expect(try fixture.store.verify().contains { $0.found == "no such file" })
    }

    /// What no builder writes and a damaged or crafted catalogue may hold: an error that names the key, never an
    /// answer.
    @Test func whatDoesNotBelongTogetherIsAnError() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(9), layers: [0], seed: 1)
        let other = try fixture.publish(StoreFixture.words(4), layers: [0], seed: 2, collection: "words/en")
        func check(_ change: (borrowing Transaction) throws -> Void, _ says: [String]) throws {
            let before = try fixture.store.environment.read { transaction in
                var all: [(Database, [UInt8], [UInt8])] = []
                for database in [transaction.databases.layers, transaction.databases.collections] {
                    try transaction.forEach(database) {
                        all.append((database, [UInt8]($0), [UInt8]($1))); return true
                    }
                }
                return all
            }
            try fixture.store.environment.write { try change($0) }
            for question in [
                { _ = try fixture.store.snapshot(collection: "words/fi", checkpoint: "mini") },
                {
                    let all = try self.snapshot(fixture.store)
                    for collection in all.collections { _ = try all.layers(of: collection) }
                },
            ] as [() throws -> Void] {
                let error = #expect(throws: StoreError.self) { try question() }
                #expect(error?.exitStatus == .badInput)
                for text in says { #expect(error?.description.contains(text) == true, "\(String(describing: error))") }
            }
            try fixture.store.environment.write { transaction in
                for (database, key, value) in before { try transaction.put(database, key, value) }
            }
            _ = try fixture.store.snapshot(collection: "words/fi", checkpoint: "mini")
        }
        let layerKey = CatalogueKey.layer(0, of: "words/fi", checkpoint: "mini")
        let collectionKey = CatalogueKey.collection("words/fi", checkpoint: "mini")
        try check(
            { transaction in
                var layer = try #require(try transaction.layer(0, of: "words/fi", checkpoint: "mini"))
                layer.rows = 8
                try transaction.put(transaction.databases.layers, layerKey, RecordCoding.encode(layer))
            }, ["layers 'mini words/fi 00'", "expected 9 rows", "found 8"])
        try check(
            { transaction in
                var layer = try #require(try transaction.layer(0, of: "words/fi", checkpoint: "mini"))
                layer.list = other.list
                try transaction.put(transaction.databases.layers, layerKey, RecordCoding.encode(layer))
            }, ["layers 'mini words/fi 00'", "one for text list \(other.list.short)"])
        // Files published before their list was noted in them: the rows tell.
        try check(
            { transaction in
                try Self.forgetList(transaction)
                var collection = try #require(try transaction.collection("words/fi", checkpoint: "mini"))
                collection.list = other.list
                try transaction.put(transaction.databases.collections, collectionKey, RecordCoding.encode(collection))
            }, ["collections 'mini words/fi'", "of 9 rows", "one of 4 rows"])
        try check(
            { transaction in
                try Self.forgetList(transaction)
                var collection = try #require(try transaction.collection("words/fi", checkpoint: "mini"))
                collection.list = Fingerprint(high: 1, low: 1)
                try transaction.put(transaction.databases.collections, collectionKey, RecordCoding.encode(collection))
            }, ["collections 'mini words/fi'", "no such list"])
    }

    private static func forgetList(_ transaction: borrowing Transaction) throws {
        var layer = try #require(try transaction.layer(0, of: "words/fi", checkpoint: "mini"))
        layer.list = nil
        let key = CatalogueKey.layer(0, of: "words/fi", checkpoint: "mini")
        try transaction.put(transaction.databases.layers, key, RecordCoding.encode(layer))
    }

    // MARK: Results

    private static func result(_ number: UInt64 = 1) -> ResultRecord {
        ResultRecord(
            task: "bli", dataset: "d \"checksum\":\"", pair: "en-fi", checkpoint: "mini", layer: 0,
            fingerprint: Fingerprint(high: number, low: 1), values: ["mrr": 0.1 + 0.2, "queries": 12],
            provenance: ["policy": "p", "checksum\":\"": "\"checksum\":\"0123"], created: 12.25)
    }

    @Test func resultsAreKeptOnlyUnderWhatTheyWereComputedFrom() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(9), seed: 1)
        let old = try snapshot(fixture.store)
        let basis = ResultBasis(
            checkpoint: old.checkpoint, collections: old.collections, layers: try old.layers(of: old.collections[0]))
        #expect(try fixture.store.put(results: [NewResult(record: Self.result(), basis: basis)]) == [true])
        // Each on its own: other vectors of the same words, other words, other weights, a collection that went.
        let changes: [() throws -> Void] = [
            { try fixture.publish(StoreFixture.words(9), layers: [3], seed: 5) },
            { try fixture.publish(StoreFixture.words(8), seed: 1) },
            { try fixture.publish(StoreFixture.words(9), seed: 1, checkpoint: StoreFixture.checkpoint(version: 2)) },
            { _ = try fixture.store.remove(checkpoint: "mini", collection: "words/fi") },
        ]
        for (number, change) in changes.enumerated() {
            try fixture.publish(StoreFixture.words(9), seed: 1)
            #expect(try fixture.store.put(results: [NewResult(record: Self.result(2), basis: basis)]) == [true])
            try change()
            let late = Self.result(UInt64(number + 10))
            #expect(
                try fixture.store.put(results: [NewResult(record: late, basis: basis)]) == [false], "change \(number)")
            #expect(try fixture.store.result(fingerprint: late.fingerprint, task: "bli") == nil)
        }
    }

    /// Every byte of a stored result: changed, it is refused, or has no checksum any more and counts as unproved.
    @Test func everyByteOfAResultIsChecked() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(3))
        try fixture.store.putUnchecked([Self.result()])
        let key = CatalogueKey.result(task: "bli", fingerprint: Self.result().fingerprint)
        let value = try #require(try fixture.store.environment.read { try $0.value($0.databases.results, key) })
        let read = try #require(try fixture.store.result(fingerprint: Self.result().fingerprint, task: "bli"))
        #expect(read.values == Self.result().values && read.checksum != nil)
        var (refused, unproved) = (0, 0)
        for place in value.indices {
            var changed = value
            changed[place] ^= 1
            do {
                let read = try changed.withUnsafeBytes {
                    try RecordCoding.read(ResultRecord.self, from: $0, under: key, of: "results", folder: "s")
                }
                #expect(read.checksum == nil, "byte \(place)")
                unproved += 1
            } catch StoreError.damagedResult {
                refused += 1
            }
        }
        // The letters of the key "checksum" itself.
        #expect(unproved == 8 && refused == value.count - 8)
        var changed = value
        changed[value.count - 3] ^= 1
        try fixture.store.environment.write { try $0.put($0.databases.results, key, changed) }
        #expect(throws: StoreError.self) { try fixture.store.results(task: nil, checkpoint: nil) }
        let finding = try #require(try fixture.store.verify().first)
        #expect(finding.severity == .damage && finding.place.hasPrefix("results 'bli "))
        #expect(finding.advice.contains("--recompute"))
        // What does not ask for results goes on.
        #expect(try fixture.store.usage().checkpoints[0].results == 0)
        #expect(try fixture.store.collectGarbage(dryRun: true).results == 1)
        #expect(try fixture.store.collectGarbage(dryRun: false).results == 1)
        #expect(try fixture.store.verify() == [])
    }

    /// Python finds the same checksum: 32 zeros in its place, XXH3-128 over all.
    @Test func theChecksumIsTheDocumentedOne() throws {
        let bytes = try ResultChecksum.encode(Self.result())
        let text = String(decoding: bytes, as: UTF8.self)
        let start = try #require(text.range(of: #""checksum":""#))
        let digits = String(text[start.upperBound...].prefix(32))
        let zeroed = text.replacingOccurrences(of: digits, with: String(repeating: "0", count: 32))
        #expect(Array(zeroed.utf8).withUnsafeBytes { Fingerprint.of(bytes: $0).hex } == digits)
    }

    @Test func resultsOfEarlierVersionsHaveNoChecksumAndAreNamed() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(3))
        let key = CatalogueKey.result(task: "bli", fingerprint: Self.result().fingerprint)
        try fixture.store.environment.write {
            try $0.put($0.databases.results, key, RecordCoding.encode(Self.result()))
        }
        #expect(try fixture.store.results(task: nil, checkpoint: nil).map(\.checksum) == [nil])
        let finding = try #require(try fixture.store.verify().first)
        #expect(finding.severity == .information && finding.found == "1 without")
    }

    // MARK: Outcomes

    @Test func outcomesComeAndGoWithTheirResult() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(9), seed: 1)
        let snapshot = try snapshot(fixture.store)
        let basis = ResultBasis(checkpoint: snapshot.checkpoint, collections: snapshot.collections, layers: [])
        let outcomes = ResultOutcomes(kind: .ranks, data: Fingerprint(high: 4, low: 5), bytes: [1, 2, 3])
        let new = NewResult(record: Self.result(), basis: basis, outcomes: outcomes)
        #expect(try fixture.store.put(results: [new]) == [true])
        #expect(try fixture.store.outcomes(of: Self.result()) == outcomes)
        #expect(try fixture.store.outcomes(of: Self.result(2)) == nil)
        #expect(try fixture.store.verify() == [])
        let key = CatalogueKey.result(task: "bli", fingerprint: Self.result().fingerprint)
        let database = try #require(fixture.store.environment.databases.outcomes)
        let value = try #require(try fixture.store.environment.read { try $0.value(database, key) })
        #expect(value.count == 36)
        for place in value.indices {
            var changed = value
            changed[place] ^= 4
            try fixture.store.environment.write { try $0.put(database, key, changed) }
            #expect(throws: StoreError.self, "byte \(place)") { try fixture.store.outcomes(of: Self.result()) }
        }
        #expect(try fixture.store.verify().map(\.severity) == [.damage])
        #expect(try fixture.store.collectGarbage(dryRun: false).results == 1)
        #expect(try fixture.store.results(task: nil, checkpoint: nil).isEmpty)
        #expect(try fixture.store.verify() == [])

        try fixture.store.put(results: [new])
        _ = try fixture.store.remove(checkpoint: "mini", collection: nil)
        #expect(try fixture.store.outcomes(of: Self.result()) == nil)
        #expect(try fixture.store.verify() == [])
    }

    /// A store from before outcomes were kept has no database for them: it is read as ever, and gets one when written.
    @Test func aStoreWithoutOutcomesIsRead() throws {
        let folder = NSTemporaryDirectory() + "polylex-before-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try autoreleased {
            let fixture = try StoreFixture()
            try fixture.publish(StoreFixture.words(3))
            try fixture.store.putUnchecked([Self.result()])
            try fixture.store.environment.write { transaction in
                try transaction.drop(#require(transaction.databases.outcomes))
            }
            try FileManager.default.copyItem(atPath: fixture.folder, toPath: folder)
        }
        let reader = try Store.open(folder, mode: .read)
        #expect(try reader.results(task: nil, checkpoint: nil).count == 1)
        #expect(try reader.outcomes(of: Self.result()) == nil)
        #expect(try reader.verify() == [])
        let writer = try Store.open(folder, mode: .write)
        let snapshot = try snapshot(writer)
        let basis = ResultBasis(checkpoint: snapshot.checkpoint, collections: [], layers: [])
        let outcomes = ResultOutcomes(kind: .similarities, data: Fingerprint(high: 4, low: 5), bytes: [])
        try writer.put(results: [NewResult(record: Self.result(), basis: basis, outcomes: outcomes)])
        #expect(try reader.outcomes(of: Self.result()) == outcomes)
    }

    private func autoreleased(_ body: () throws -> Void) throws { try body() }
}

extension Transaction {
    /// Removes a database as if it had never been there.
    fileprivate borrowing func drop(_ database: Database) throws {
        let status = mdb_drop(handle, database.index, 1)
        guard status == 0 else { throw LMDBStatus(operation: "drop '\(database.name)'", code: status) }
    }
}
