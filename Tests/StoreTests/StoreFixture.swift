import Fingerprinting
import Foundation
import TestSupport

@testable import Store

/// A store in a folder of its own, with made-up vectors; the folder goes when the fixture does.
final class StoreFixture: Sendable {
    let folder: String
    let store: Store

    init() throws {
        folder = NSTemporaryDirectory() + "polylex-store-\(UUID().uuidString)"
        store = try Store.open(folder, mode: .write)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    static func checkpoint(_ name: String = "mini", version: UInt64 = 1) -> CheckpointRecord {
        CheckpointRecord(
            name: name, fingerprint: Fingerprint(high: version, low: 7), source: "/models/\(name)",
            architecture: "bert",
            hiddenSize: 24, layerCount: 3, vocabularySize: 1_000, training: nil)
    }

    /// Words "w0", "w1", … with rank row + 1.
    static func words(_ count: Int) -> [(String, UInt32)] { (0..<count).map { ("w\($0)", UInt32($0 + 1)) } }

    /// Normalised rows, the same for the same seed.
    static func vectors(rows: Int, dimension: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(state: seed)
        var values = [Float](repeating: 0, count: rows * dimension)
        for row in 0..<rows {
            var sum: Float = 0
            for i in row * dimension..<(row + 1) * dimension {
                values[i] = Float(generator.next() % 20_001) / 10_000 - 1
                sum += values[i] * values[i]
            }
            for i in row * dimension..<(row + 1) * dimension { values[i] /= sum.squareRoot() }
        }
        return values
    }

    static func halves(_ values: [Float]) -> [UInt16] { values.map { Float16($0).bitPattern } }

    static func listFingerprint(_ texts: [(String, UInt32)]) -> Fingerprint {
        let fingerprint = TextListFingerprint(rows: texts.count)
        for (text, rank) in texts {
            var text = text
            text.withUTF8 { fingerprint.append($0, rank: rank) }
        }
        return fingerprint.finish()
    }

    @discardableResult
    func writeLayer(
        _ layer: Int, codec: Codec, rows: Int, dimension: Int = 24, seed: UInt64, collection: String = "words/fi",
        checkpoint: String = "mini"
    ) throws -> LayerRecord {
        let vectors = Self.vectors(rows: rows, dimension: dimension, seed: seed)
        let halves = Self.halves(vectors)
        func write(_ codes: UnsafeRawBufferPointer) throws -> LayerRecord {
            try store.writeLayer(
                checkpoint: checkpoint, collection: collection, layer: layer, codec: codec, dimension: dimension,
                rows: rows, codes: codes, fingerprint: Fingerprint(high: seed << 20, low: UInt64(layer)))
        }
        return codec == .fp16 ? try halves.withUnsafeBytes(write) : try vectors.withUnsafeBytes(write)
    }

    /// Publishes a collection with the given layers, encoded from `seed`.
    @discardableResult
    func publish(
        _ texts: [(String, UInt32)], layers: [Int] = [0, 3], codec: Codec = .fp16, seed: UInt64 = 1,
        collection: String = "words/fi", checkpoint: CheckpointRecord = StoreFixture.checkpoint()
    ) throws -> CollectionRecord {
        let records = try layers.map {
            try writeLayer(
                $0, codec: codec, rows: texts.count, seed: seed &+ UInt64($0), collection: collection,
                checkpoint: checkpoint.name)
        }
        return try publish(texts, records: records, seed: seed, collection: collection, checkpoint: checkpoint)
    }

    /// Publishes one layer written before.
    @discardableResult
    func publish(layer: LayerRecord, texts: [(String, UInt32)]) throws -> CollectionRecord {
        try publish(
            texts, records: [layer], seed: 1, collection: layer.collection,
            checkpoint: Self.checkpoint(layer.checkpoint))
    }

    private func publish(
        _ texts: [(String, UInt32)], records: [LayerRecord], seed: UInt64, collection: String,
        checkpoint: CheckpointRecord
    ) throws -> CollectionRecord {
        let record = CollectionRecord(
            checkpoint: checkpoint.name, collection: collection, list: Self.listFingerprint(texts), rows: texts.count,
            source: "fi.vec.gz", sourceFingerprint: Fingerprint(high: 5, low: 5), skipped: ["empty": 1], truncated: 0)
        try store.publish(
            checkpoint: checkpoint, collection: record, layers: records,
            digests: texts.indices.map { Fingerprint(high: seed, low: UInt64($0)) }
        ) { append in
            for (text, rank) in texts {
                var text = text
                try text.withUTF8 { try append($0, rank) }
            }
        }
        return record
    }

    /// Everything under the folder that is a file, relative, sorted.
    func files(under: String = "data") -> [String] {
        let found = FileManager.default.enumerator(atPath: "\(folder)/\(under)")?.allObjects as? [String] ?? []
        return found.filter {
            var isFolder: ObjCBool = false
            return FileManager.default.fileExists(atPath: "\(folder)/\(under)/\($0)", isDirectory: &isFolder)
                && !isFolder.boolValue
        }.sorted()
    }
}

extension Store {
    /// Writes results whatever they were computed from.
    func putUnchecked(_ results: [ResultRecord]) throws {
        try environment.write { transaction in
            for result in results {
                try transaction.put(
                    transaction.databases.results,
                    CatalogueKey.result(task: result.task, fingerprint: result.fingerprint),
                    ResultChecksum.encode(result))
            }
        }
    }
}
