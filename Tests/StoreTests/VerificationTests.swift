import Fingerprinting
import Foundation
import Testing

@testable import Store

/// Every kind of damage is found and named.
@Suite struct VerificationTests {
    private func damage(_ fixture: StoreFixture) throws -> [StoreFinding] {
        try fixture.store.verify().filter { $0.severity == .damage }
    }

    private func firstLayer(_ fixture: StoreFixture) throws -> (record: LayerRecord, path: String) {
        let record = try #require(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").first)
        return (record, "\(fixture.folder)/\(record.file)")
    }

    @Test(arguments: Codec.allCases) func aSoundStoreHasNoFindings(codec: Codec) throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(300), codec: codec)
        try fixture.publish(
            [("a", 1), ("a", 2), (String(repeating: "x", count: 900), 3)], codec: codec, seed: 4,
            collection: "sentences/own/fi")
        var seen: [Int] = []
        let findings = try fixture.store.verify { progress in seen.append(progress.bytesDone) }
        #expect(findings == [])
        #expect(seen.count == 5 && seen == seen.sorted() && seen.last ?? 0 > 0)
    }

    @Test func everyFlippedByteOfALayerFileIsFound() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(5), layers: [0])
        let (record, path) = try firstLayer(fixture)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for offset in 0..<whole.count {
            var flipped = whole
            flipped[offset] ^= 0x10
            try flipped.write(to: URL(fileURLWithPath: path))
            let findings = try damage(fixture)
            #expect(
                findings.contains { $0.place == record.file && $0.expected.hasPrefix("checksum") }, "byte \(offset)")
        }
        try whole.write(to: URL(fileURLWithPath: path))
        #expect(try damage(fixture) == [])
    }

    @Test func missingShortAndLongFilesAreFound() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(5), layers: [0])
        let (record, path) = try firstLayer(fixture)
        let whole = try Data(contentsOf: URL(fileURLWithPath: path))
        for other in [whole.dropLast(), whole + [0], Data()] {
            try other.write(to: URL(fileURLWithPath: path))
            let finding = try #require(try damage(fixture).first)
            #expect(finding.place == record.file)
            #expect(finding.expected == "\(whole.count) bytes" && finding.found == "\(other.count)")
        }
        try FileManager.default.removeItem(atPath: path)
        #expect(try damage(fixture).map(\.found) == ["no such file"])
    }

    /// Vectors that are wrong with a checksum that is right.
    @Test(arguments: Codec.allCases) func rowsThatAreNoUnitVectorsAreFound(codec: Codec) throws {
        for wrong in [Float.nan, .infinity, 0.5] where codec != .sq8 || wrong == 0.5 {
            let fixture = try StoreFixture()
            var vectors = StoreFixture.vectors(rows: 40, dimension: 24, seed: 1)
            for i in 24 * 33..<24 * 34 { vectors[i] *= wrong }
            let halves = StoreFixture.halves(vectors)
            func write(_ codes: UnsafeRawBufferPointer) throws -> LayerRecord {
                try fixture.store.writeLayer(
                    checkpoint: "mini", collection: "words/fi", layer: 0, codec: codec, dimension: 24, rows: 40,
                    codes: codes, fingerprint: Fingerprint(high: 1, low: 1))
            }
            let layer = try codec == .fp16 ? halves.withUnsafeBytes(write) : vectors.withUnsafeBytes(write)
            try fixture.publish(layer: layer, texts: StoreFixture.words(40))
            let finding = try #require(try damage(fixture).first)
            #expect(finding.place == layer.file && finding.found.hasPrefix("row 33"), "\(finding)")
        }
    }

    @Test func damagedRecordsAreFoundAndNamed() throws {
        typealias Change = (name: String, place: String, apply: (borrowing Transaction) throws -> Void)
        let fixture = try StoreFixture()
        let list = try fixture.publish([("kissa", 1), ("koira", 2), ("kala", 3)], layers: [0]).list
        let id = CatalogueKey.list(list)
        let collection = CatalogueKey.collection("words/fi", checkpoint: "mini")
        let layer = CatalogueKey.layer(0, of: "words/fi", checkpoint: "mini")
        let changes: [Change] = [
            ("no JSON", "checkpoints 'mini'", { try $0.put($0.databases.checkpoints, Array("mini".utf8), [0x7B]) }),
            (
                "lost checkpoint", "collections 'mini words/fi'",
                { try $0.remove($0.databases.checkpoints, Array("mini".utf8)) }
            ),
            ("lost collection", "layers 'mini words/fi 00'", { try $0.remove($0.databases.collections, collection) }),
            ("lost list", "collections 'mini words/fi'", { try $0.remove($0.databases.lists, id) }),
            ("lost text", "rows \(list.short) 1", { try $0.remove($0.databases.texts, id + Array("koira".utf8)) }),
            (
                "text of another row", "rows \(list.short) 0",
                { try $0.put($0.databases.texts, id + Array("kissa".utf8), [2, 0, 0, 0]) }
            ),
            (
                "row out of range", "rows \(list.short) 7",
                { try $0.put($0.databases.texts, id + Array("kissa".utf8), [7, 0, 0, 0]) }
            ),
            (
                "text of no row", "texts \(list.short)",
                { try $0.put($0.databases.texts, id + Array("hevonen".utf8), [2, 0, 0, 0]) }
            ),
            (
                "other rank", "rows \(list.short)",
                { try $0.put($0.databases.rows, CatalogueKey.row(0, list: list), [9, 0, 0, 0] + Array("kissa".utf8)) }
            ),
            (
                "lost row", "rows \(list.short) 1",
                { try $0.remove($0.databases.rows, CatalogueKey.row(1, list: list)) }
            ),
            (
                "lost last row", "rows \(list.short) 2",
                { try $0.remove($0.databases.rows, CatalogueKey.row(2, list: list)) }
            ),
            (
                "short value", "rows \(list.short) 1",
                { try $0.put($0.databases.rows, CatalogueKey.row(1, list: list), [1, 2]) }
            ),
            (
                "leads outside", "layers 'mini words/fi 00'",
                { transaction in
                    var record = try #require(try transaction.layer(0, of: "words/fi", checkpoint: "mini"))
                    record.file = "data/mini/words/fi/../../../../etc/passwd"
                    try transaction.put(transaction.databases.layers, layer, RecordCoding.encode(record))
                }
            ),
            (
                "result under another key", "results 'bli x'",
                { try $0.put($0.databases.results, Array("bli\0x".utf8), Array("{}".utf8)) }
            ),
        ]
        for change in changes {
            // Each change alone: applied, looked at, and taken back with the transaction that made it.
            let copy = fixture.folder + "/\(change.name)"
            try FileManager.default.createDirectory(atPath: copy, withIntermediateDirectories: true)
            for part in ["catalog.lmdb", "data"] {
                try FileManager.default.copyItem(atPath: "\(fixture.folder)/\(part)", toPath: "\(copy)/\(part)")
            }
            let store = try Store.open(copy, mode: .write)
            try store.environment.write { try change.apply($0) }
            let findings = try store.verify().filter { $0.severity == .damage }
            #expect(findings.contains { $0.place == change.place }, "\(change.name): \(findings)")
        }
    }

    @Test func oldWeightsAreStaleAndNotReused() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(5), collection: "words/fi")
        try fixture.publish(
            StoreFixture.words(5), seed: 9, collection: "words/en", checkpoint: StoreFixture.checkpoint(version: 2))
        let finding = try #require(try fixture.store.verify().first)
        #expect(finding.severity == .information && finding.place == "collections 'mini words/fi'")
        #expect(try fixture.store.sequenceDigests(checkpoint: "mini", collection: "words/fi") == nil)
        #expect(try fixture.store.sequenceDigests(checkpoint: "mini", collection: "words/en")?.count == 5)
        #expect(try fixture.store.snapshot(collection: "words/fi", checkpoint: "mini").isStale)
        #expect(try fixture.store.usage().checkpoints[0].collections.map(\.isStale) == [false, true])
    }
}
