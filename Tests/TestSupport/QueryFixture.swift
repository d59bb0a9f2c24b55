import Fingerprinting
import Foundation
import Store

/// A store with vectors chosen by hand, in a folder of its own that goes when the fixture does.
package final class QueryFixture {
    package let folder: String
    package let storeFolder: String
    package let store: Store

    package init() throws {
        folder = NSTemporaryDirectory() + "polylex-query-\(UUID().uuidString)"
        storeFolder = folder + "/store"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        store = try Store.open(storeFolder, mode: .write)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    package static func checkpoint(
        _ name: String = "mini", version: UInt64 = 1, hiddenSize: Int, layerCount: Int = 2, source: String? = nil,
        fingerprint: Fingerprint? = nil, training: String? = nil
    ) -> CheckpointRecord {
        CheckpointRecord(
            name: name, fingerprint: fingerprint ?? Fingerprint(high: version, low: 7),
            source: source ?? "/nowhere/\(name)", architecture: "bert", hiddenSize: hiddenSize, layerCount: layerCount,
            vocabularySize: 100, training: training)
    }

    /// Publishes texts with one vector per layer and text; the vectors are normalised here.
    /// - Parameters:
    ///   - layers: layer number → rows.
    ///   - ranks: positions in the source file; 1, 2, … when left out.
    ///   - asked: fingerprint of the texts asked for, where some have no vector; that of `texts` when left out.
    ///   - top: entries asked for from the start of the source file.
    package func publish(
        _ collection: String, _ texts: [String], layers: [Int: [[Float]]], ranks: [UInt32]? = nil,
        checkpoint: CheckpointRecord, codec: Codec = .fp32, asked: Fingerprint? = nil, top: Int? = nil,
        pooling: [String: String]? = nil
    ) throws {
        let ranks = ranks ?? texts.indices.map { UInt32($0 + 1) }
        let list = TextListFingerprint(rows: texts.count)
        for (text, rank) in zip(texts, ranks) { list.append(text, rank) }
        let fingerprint = list.finish()
        let records = try layers.keys.sorted().map { layer -> LayerRecord in
            let rows = layers[layer] ?? []
            let values = rows.flatMap(Self.normalised)
            let builder = FingerprintBuilder()
            builder.combine(checkpoint.fingerprint)
            builder.combine(fingerprint)
            builder.combine(layer)
            values.withUnsafeBytes { builder.combine(bytes: $0) }
            let halves = values.map { Float16($0).bitPattern }
            func write(_ codes: UnsafeRawBufferPointer) throws -> LayerRecord {
                try store.writeLayer(
                    checkpoint: checkpoint.name, collection: collection, layer: layer, codec: codec,
                    dimension: checkpoint.hiddenSize, rows: texts.count, codes: codes, fingerprint: builder.finish())
            }
            return codec == .fp16 ? try halves.withUnsafeBytes(write) : try values.withUnsafeBytes(write)
        }
        var record = CollectionRecord(
            checkpoint: checkpoint.name, collection: collection, list: fingerprint, rows: texts.count,
            source: "made by hand", sourceFingerprint: asked ?? fingerprint, skipped: [:], truncated: 0)
        record.top = top
        record.pooling = pooling
        try store.publish(
            checkpoint: checkpoint,
            collection: record,
            layers: records, digests: texts.indices.map { Fingerprint(high: 3, low: UInt64($0)) }
        ) { append in
            for (text, rank) in zip(texts, ranks) {
                var text = text
                try text.withUTF8 { try append($0, rank) }
            }
        }
    }

    /// Writes a text file under the fixture's folder.
    @discardableResult
    package func file(_ name: String, _ contents: String) throws -> String {
        let path = folder + "/" + name
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: path).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try contents.write(toFile: path, atomically: false, encoding: .utf8)
        return path
    }

    private static func normalised(_ row: [Float]) -> [Float] {
        let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return row.map { $0 / length }
    }
}

extension TextListFingerprint {
    fileprivate func append(_ text: String, _ rank: UInt32) {
        var text = text
        text.withUTF8 { append($0, rank: rank) }
    }
}

extension QueryFixture {
    /// English and Finnish words with two layers. Layer 1: translations coincide, but "talo" and "radio" share one
    /// vector (a tie). Layer 2: "koira" and "kissa" are swapped.
    package static func words() throws -> QueryFixture {
        let fixture = try QueryFixture()
        try fixture.publishWords()
        return fixture
    }

    package func publishWords(_ checkpoint: CheckpointRecord = QueryFixture.checkpoint(hiddenSize: 4)) throws {
        let dog: [Float] = [1, 0, 0, 0.1]
        let cat: [Float] = [0.8, 0.6, 0, 0]
        let house: [Float] = [0, 0, 1, 0.1]
        let blue: [Float] = [0, 0.2, 0.1, 1]
        try publish(
            "words/en", ["dog", "cat", "house", "blue"],
            layers: [1: [dog, cat, house, blue], 2: [dog, cat, house, blue]], checkpoint: checkpoint)
        try publish(
            "words/fi", ["koira", "radio", "talo", "kissa", "dog", "sininen"],
            layers: [
                1: [dog, house, house, cat, [0.9, 0.1, 0, 0], blue],
                2: [cat, house, [0, 0, 1, 0.2], dog, [0.9, 0.1, 0, 0], blue],
            ],
            ranks: [10, 20, 30, 40, 50, 60], checkpoint: checkpoint)
    }
}

extension TinyCheckpoint {
    /// One block of eight dimensions, whose tokenizer knows a few English and Finnish words.
    package static func ofWords(seed: UInt64 = 1) -> TinyCheckpoint {
        var tiny = TinyCheckpoint(layerCount: 1, hiddenSize: 8, intermediateSize: 16, seed: seed)
        tiny.pieces = [
            "dog", "cat", "house", "blue", "ice", "cream", "koira", "kissa", "talo", "sininen", "jäätelö", "##s",
        ]
        return tiny
    }
}
