import Diagnostics
import Files
import Fingerprinting
import Foundation
import Store
import TestSupport

/// A small sound store of which one file is replaced by what the fuzzer makes, then read to its end: opened, verified,
/// measured, its lists, vectors and results asked for.
enum StoreTargets {
    nonisolated(unsafe) static let all: [String: Target] = [
        "catalogue": Target(
            file: { "\($0)/catalog.lmdb/data.mdb" }, prepare: makeStore, read: { folder, _ in try read(folder) }),
        "layer": Target(file: layer, prepare: makeStore, read: { folder, _ in try read(folder) }),
    ]

    /// English and Finnish words of a checkpoint at two layers, with one result, at `folder`. Bytes do not differ from
    /// run to run but for the catalogue's time stamps.
    private static func makeStore(_ folder: String) throws {
        let fixture = try QueryFixture.words()
        let basis = try fixture.store.snapshot(collection: "words/fi", checkpoint: "mini")
        let layer = try basis.requireLayer(1)
        let record = ResultRecord(
            task: "bli", dataset: "fuzz", pair: "en-fi", checkpoint: "mini", layer: 1,
            fingerprint: Fingerprint(high: 1, low: 2), values: ["mrr": 0.5, "queries": 4],
            provenance: ["policy": "fuzz"],
            created: 0)
        try fixture.store.put(results: [
            NewResult(
                record: record,
                basis: ResultBasis(checkpoint: basis.checkpoint, collections: [basis.collection], layers: [layer]),
                outcomes: ResultOutcomes(kind: .ranks, data: Fingerprint(high: 3, low: 4), bytes: [1, 2, 3, 4]))
        ])
        try FileManager.default.removeItem(atPath: folder)
        try FileManager.default.copyItem(atPath: fixture.storeFolder, toPath: folder)
    }

    /// Layer 1 of the Finnish words.
    private static func layer(_ folder: String) -> String {
        let words = "\(folder)/data/mini/words/fi"
        let names = (try? FileManager.default.contentsOfDirectory(atPath: words)) ?? []
        return "\(words)/\(names.first { $0.hasPrefix("layer-01.") } ?? "layer-01.faiss")"
    }

    private static func read(_ folder: String) throws {
        let store = try Store.open(folder, mode: .read)
        try telling { _ = try store.verify() }
        try telling { _ = try store.usage() }
        try telling {
            for checkpoint in try store.checkpoints() {
                for collection in try store.collections(checkpoint: checkpoint.name) {
                    try telling { try read(collection, of: store) }
                }
            }
        }
        try telling {
            for result in try store.results(task: nil, checkpoint: nil) { _ = try store.outcomes(of: result) }
        }
    }

    private static func read(_ collection: CollectionRecord, of store: Store) throws {
        try telling {
            let texts = try store.texts(list: collection.list)
            _ = try texts.rows(of: ["talo", "dog", ""])
            try texts.forEach { _, _, _ in }
        }
        for layer in try store.layers(checkpoint: collection.checkpoint, collection: collection.collection) {
            try telling {
                let vectors = try store.vectors(layer)
                var row = [Float](repeating: 0, count: vectors.dimension)
                for number in 0..<vectors.rows { try vectors.decode(rows: number..<number + 1, into: &row) }
            }
        }
    }

    /// An error for people is an answer, and the next question is asked; any other error goes on to the harness.
    private static func telling(_ body: () throws -> Void) throws {
        do { try body() } catch let error as any Diagnosable {
            precondition(!error.description.isEmpty, "an error without a description")
        }
    }
}
