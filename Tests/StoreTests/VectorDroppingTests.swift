import Fingerprinting
import Foundation
import Testing

@testable import Store

@Suite struct VectorDroppingTests {
    private static func result(_ number: UInt64) -> ResultRecord {
        ResultRecord(
            task: "bli", dataset: "d", pair: "en-fi", checkpoint: "mini", layer: 0,
            fingerprint: Fingerprint(high: number, low: 1), values: ["mrr": 0.5], provenance: [:], created: 1)
    }

    /// What a result was computed from is still known: it stays current, and one that comes late is kept, too.
    @Test func resultsStayResultsOfWhatIsStored() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(9), seed: 1)
        let snapshot = try fixture.store.snapshot(choosing: { $0 }).chosen[0]
        let layers = try snapshot.layers(of: snapshot.collections[0])
        let basis = ResultBasis(checkpoint: snapshot.checkpoint, collections: snapshot.collections, layers: layers)
        #expect(try fixture.store.put(results: [NewResult(record: Self.result(1), basis: basis)]) == [true])
        let report = try fixture.store.dropVectors(checkpoint: "mini", collection: nil)
        #expect(report.collections == ["words/fi"] && report.files == layers.count && report.results == 0)
        #expect(report.bytes == layers.reduce(0) { $0 + $1.bytes } && fixture.files().isEmpty)
        #expect(try fixture.store.put(results: [NewResult(record: Self.result(2), basis: basis)]) == [true])
        #expect(try fixture.store.results(task: "bli", checkpoint: "mini").count == 2)
        #expect(try fixture.store.verify().isEmpty)
        #expect(try fixture.store.sequenceDigests(checkpoint: "mini", collection: "words/fi") == nil)
        for layer in layers {
            do {
                _ = try fixture.store.vectors(layer)
                Issue.record("layer \(layer.layer) is there")
            } catch StoreError.droppedVectors(_, let checkpoint, let collection, let number) {
                #expect(checkpoint == "mini" && collection == "words/fi" && number == layer.layer)
            }
        }
    }

    /// A kill between the records and the files: they are garbage, and no damage.
    @Test func filesThatWereLeftAreGarbage() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(5), seed: 1)
        let layer = try fixture.store.layers(checkpoint: "mini", collection: "words/fi")[0]
        let bytes = try fixture.store.root.open(layer.file, for: .reading).contents(limit: 1 << 20)
        _ = try fixture.store.dropVectors(checkpoint: "mini", collection: "words/fi")
        _ = try fixture.store.root.makeFolder("data/mini/words/fi")
        let left = try fixture.store.root.open(layer.file, for: .creating)
        #expect(bytes.withUnsafeBytes { write(left.descriptor, $0.baseAddress, $0.count) } == bytes.count)
        #expect(try fixture.store.verify().map(\.severity) == [.information])
        #expect(try fixture.store.usage().garbageFiles == 1)
        #expect(try fixture.store.collectGarbage(dryRun: false).files.map(\.path) == [layer.file])
        #expect(try fixture.store.verify().isEmpty)
    }

    /// Layers come back one by one; damage of one that is there is damage.
    @Test func layersThatComeBackAreCheckedAgain() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(5), layers: [0, 1], seed: 1)
        _ = try fixture.store.dropVectors(checkpoint: "mini", collection: nil)
        try fixture.publish(StoreFixture.words(5), layers: [1], seed: 1)
        let layers = try fixture.store.layers(checkpoint: "mini", collection: "words/fi")
        #expect(layers.map { $0.dropped == nil } == [false, true])
        #expect(try fixture.store.verify().isEmpty)
        #expect(try fixture.store.vectors(layers[1]).rows == 5)
        try fixture.store.root.remove(layers[1].file)
        #expect(try fixture.store.verify().map(\.severity) == [.damage])
    }

    @Test func refusals() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(5), seed: 1)
        #expect(throws: StoreError.self) { try fixture.store.dropVectors(checkpoint: "maxi", collection: nil) }
        #expect(throws: StoreError.self) { try fixture.store.dropVectors(checkpoint: "mini", collection: "words/sv") }
        let lock = try fixture.store.lockForBuilding(wait: false) { _ in }
        defer { lock.release() }
        #expect(throws: StoreError.self) { try fixture.store.dropVectors(checkpoint: "mini", collection: nil) }
        #expect(fixture.files().count > 0)
    }
}
