import Diagnostics
import Fingerprinting
import Foundation
import Testing

@testable import Store

@Suite struct StoreTests {
    @Test func aNewStoreIsEmpty() throws {
        let fixture = try StoreFixture()
        #expect(try fixture.store.checkpoints().isEmpty)
        #expect(try fixture.store.collections(checkpoint: "mini").isEmpty)
        #expect(try fixture.store.collection("words/fi", checkpoint: "mini") == nil)
        #expect(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").isEmpty)
        #expect(try fixture.store.sequenceDigests(checkpoint: "mini", collection: "words/fi") == nil)
        #expect(try fixture.store.results(task: nil, checkpoint: nil).isEmpty)
    }

    @Test func publishedRecordsComeBack() throws {
        let fixture = try StoreFixture()
        let published = try fixture.publish(StoreFixture.words(50))
        let reader = try Store.open(fixture.folder, mode: .read)
        #expect(try reader.checkpoints().map(\.name) == ["mini"])
        #expect(try reader.checkpoint("mini")?.fingerprint == StoreFixture.checkpoint().fingerprint)
        let collection = try #require(try reader.collection("words/fi", checkpoint: "mini"))
        #expect(collection.list == published.list)
        #expect(collection.skipped == ["empty": 1])
        #expect(collection.checkpointFingerprint == StoreFixture.checkpoint().fingerprint)
        let layers = try reader.layers(checkpoint: "mini", collection: "words/fi")
        #expect(layers.map(\.layer) == [0, 3])
        let path = "\(fixture.folder)/\(layers[0].file)"
        #expect(try Fingerprint.of(file: path) == layers[0].checksum)
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)).count == layers[0].bytes)
        let digests = try #require(try reader.sequenceDigests(checkpoint: "mini", collection: "words/fi"))
        #expect(digests.count == 50)
        #expect(digests[49] == Fingerprint(high: 1, low: 49))
    }

    @Test func textsAreFoundBothWays() throws {
        let fixture = try StoreFixture()
        // Composed and decomposed é, a text as long as keys go, texts only hashes of which are keys, an empty one, a
        // repetition.
        let long = String(repeating: "ж", count: 240)
        let texts: [(String, UInt32)] = [
            ("\u{E9}", 1), ("e\u{301}", 2), (long, 3), (long + "a", 4), (long + "b", 7), ("", 8), ("a", 9), ("a", 10),
        ]
        let record = try fixture.publish(texts, layers: [0])
        let list = try fixture.store.texts(list: record.list)
        #expect(list.count == 8)
        #expect(try list.row(of: "\u{E9}") == 0)
        #expect(try list.row(of: "e\u{301}") == 1)
        #expect(try list.row(of: long) == 2)
        #expect(try list.row(of: long + "a") == 3)
        #expect(try list.row(of: long + "b") == 4)
        #expect(try list.row(of: long + "c") == nil)
        #expect(try list.row(of: "") == 5)
        #expect(try list.row(of: "a") == 6)
        #expect(try list.row(of: "b") == nil)
        #expect(try list.rows(of: ["a", "nothing"]) == [6, nil])
        #expect(try list.entry(at: 7) == ("a", 10))
        #expect(Array(try list.entry(at: 1).text.utf8) == Array("e\u{301}".utf8))
        #expect(throws: StoreError.self) { try list.entry(at: 8) }
        #expect(throws: StoreError.self) { try list.entry(at: -1) }
        var seen: [UInt32] = []
        try list.forEach { row, utf8, rank in
            #expect(Array(utf8) == Array(texts[row].0.utf8))
            seen.append(rank)
        }
        #expect(seen == texts.map(\.1))
    }

    @Test(arguments: Codec.allCases) func vectorsComeBack(codec: Codec) throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(70), layers: [2], codec: codec, seed: 11)
        let record = try #require(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").first)
        let file = try fixture.store.vectors(record)
        #expect(file.rows == 70 && file.dimension == 24 && file.codec == codec)
        let original = StoreFixture.vectors(rows: 70, dimension: 24, seed: 13)
        var decoded = [Float](repeating: 0, count: 70 * 24)
        try file.decode(rows: 0..<70, into: &decoded)
        let tolerance: Float = [.fp32: 0, .hnsw: 0, .fp16: 3e-4, .sq8: 3e-3][codec] ?? 0
        for (a, b) in zip(decoded, original) { #expect(abs(a - b) <= tolerance) }

        var chosen = [Float](repeating: 0, count: 2 * 24)
        try file.decode(rows: [69, 3], into: &chosen)
        #expect(Array(chosen[..<24]) == Array(decoded[(69 * 24)...]))
        #expect(Array(chosen[24...]) == Array(decoded[72..<96]))
        #expect(throws: StoreError.self) { try file.decode(rows: 69..<71, into: &chosen) }
    }

    @Test func aReplacedListReplacesAllLayers() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(10), layers: [0, 1, 2])
        // Same list, one layer again: the others stay.
        try fixture.publish(StoreFixture.words(10), layers: [1], seed: 9)
        #expect(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").map(\.layer) == [0, 1, 2])
        // Same list, other weights: the others go.
        try fixture.publish(
            StoreFixture.words(10), layers: [1], seed: 10, checkpoint: StoreFixture.checkpoint(version: 2))
        #expect(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").map(\.layer) == [1])
        // Another list: the others go.
        try fixture.publish(
            StoreFixture.words(11), layers: [2], seed: 11, checkpoint: StoreFixture.checkpoint(version: 2))
        #expect(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").map(\.layer) == [2])
    }

    @Test func aWrongPublicationChangesNothing() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(10))
        let before = try fixture.store.layers(checkpoint: "mini", collection: "words/fi").map(\.file)
        let layer = try fixture.writeLayer(1, codec: .fp16, rows: 9, seed: 3)
        var record = try #require(try fixture.store.collection("words/fi", checkpoint: "mini"))
        record.list = Fingerprint(high: 99, low: 99)
        #expect(throws: StoreError.self) {
            try fixture.store.publish(
                checkpoint: StoreFixture.checkpoint(), collection: record, layers: [layer],
                digests: Array(repeating: Fingerprint(high: 0, low: 0), count: 10)
            ) { append in for _ in 0..<10 { try append(UnsafeBufferPointer(start: nil, count: 0), 1) } }
        }
        #expect(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").map(\.file) == before)
    }

    @Test func resultsComeBackSorted() throws {
        let fixture = try StoreFixture()
        let results = (0..<3).map { n in
            ResultRecord(
                task: n == 2 ? "xlsim" : "bli", dataset: "g-bli", pair: "en-fi", checkpoint: n == 0 ? "mini" : "other",
                layer: n, fingerprint: Fingerprint(high: UInt64(9 - n), low: 0),
                values: ["mrr": 0.25, "rho": n == 2 ? -0.5 : 1], provenance: ["data": "x/y.tsv"], created: 12.5)
        }
        try fixture.store.putUnchecked(results)
        #expect(try fixture.store.results(task: nil, checkpoint: nil).map(\.layer) == [1, 0, 2])
        #expect(try fixture.store.results(task: "bli", checkpoint: "mini").map(\.layer) == [0])
        let odd = try #require(try fixture.store.result(fingerprint: results[2].fingerprint, task: "xlsim"))
        #expect(odd.values["rho"] == -0.5)
        #expect(odd.provenance == ["data": "x/y.tsv"])
        #expect(try fixture.store.result(fingerprint: results[2].fingerprint, task: "bli") == nil)
    }

    @Test func anEmptyCollectionCanBePublished() throws {
        let fixture = try StoreFixture()
        for codec in Codec.allCases {
            let record = try fixture.publish(
                [], layers: [0], codec: codec, seed: UInt64(codec.rawValue.utf8.first ?? 0))
            let layer = try #require(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").first)
            let file = try fixture.store.vectors(layer)
            #expect(file.rows == 0 && file.codec == codec)
            #expect(try fixture.store.texts(list: record.list).row(of: "a") == nil)
        }
    }
}
