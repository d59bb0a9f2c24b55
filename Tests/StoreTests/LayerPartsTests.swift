import CFaiss
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Store

/// Layer files written part by part against files written at once.
@Suite struct LayerPartsTests {
    private struct Lost: Error {}

    private func write(
        _ codec: Codec, _ vectors: [Float], dimension: Int, partBytes: Int, in fixture: StoreFixture
    ) throws -> (record: LayerRecord, bytes: Data) {
        let halves = StoreFixture.halves(vectors)
        func write(_ codes: UnsafeRawBufferPointer) throws -> LayerRecord {
            try fixture.store.writeLayer(
                checkpoint: "mini", collection: "words/fi", layer: 0, codec: codec, dimension: dimension,
                rows: vectors.count / dimension, codes: codes, fingerprint: Fingerprint(high: 1, low: 1),
                partBytes: partBytes)
        }
        let record = try codec == .fp16 ? halves.withUnsafeBytes(write) : vectors.withUnsafeBytes(write)
        return (record, try Data(contentsOf: URL(fileURLWithPath: "\(fixture.folder)/\(record.file)")))
    }

    @Test(arguments: Codec.allCases, [1, 31, 40]) func anyPartsGiveTheSameBytes(codec: Codec, dimension: Int) throws {
        let fixture = try StoreFixture()
        for rows in [0, 1, 2, 61] {
            let vectors = StoreFixture.vectors(rows: rows, dimension: dimension, seed: 8)
            let rowBytes = dimension * (codec == .fp16 ? 2 : 4)
            let whole = try write(codec, vectors, dimension: dimension, partBytes: .max, in: fixture)
            for partBytes in [1, rowBytes, 3 * rowBytes - 1, 30 * rowBytes, 60 * rowBytes, 61 * rowBytes] {
                let parts = try write(codec, vectors, dimension: dimension, partBytes: partBytes, in: fixture)
                #expect(parts.bytes == whole.bytes, "\(rows) rows, parts of \(partBytes) bytes")
                #expect(parts.record.checksum == whole.record.checksum)
                #expect(parts.bytes.withUnsafeBytes { Fingerprint.of(bytes: $0) } == parts.record.checksum)
                #expect(parts.record.bytes == parts.bytes.count && parts.record.rows == rows)
            }
        }
    }

    /// Ranges found part by part are, bit for bit, those FAISS finds over all rows: zeros of both signs, equal columns,
    /// the smallest and the largest value in any row.
    @Test(arguments: [1, 2, 7, 1_000]) func rangesOfPartsAreThoseOfTheWhole(partRows: Int) throws {
        let dimension = 6, rows = 50
        let fixture = try StoreFixture()
        var vectors = StoreFixture.vectors(rows: rows, dimension: dimension, seed: 21)
        for row in 0..<rows {
            vectors[row * dimension] = row.isMultiple(of: 3) ? -0.0 : 0
            vectors[row * dimension + 1] = row == 0 ? 0 : -0.0
            vectors[row * dimension + 2] = 0.25
        }
        vectors[(rows - 1) * dimension + 3] = -4
        vectors[(rows - 1) * dimension + 4] = 4
        var trained = [Float](repeating: 0, count: 2 * dimension)
        #expect(cfaiss_byte_train(dimension, rows, vectors, &trained) == 0)
        let record = try write(
            .sq8, vectors, dimension: dimension, partBytes: partRows * dimension * 4, in: fixture
        ).record
        let header = try fixture.store.vectors(record).header
        #expect(header.trained.map(\.bitPattern) == trained.map(\.bitPattern))
    }

    /// Rows that cannot be had end the file, in whichever part they are, and what was current stays.
    @Test(arguments: Codec.allCases) func aPartThatCannotBeReadLeavesNoFile(codec: Codec) throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(9), layers: [0], codec: codec)
        let (files, number) = (fixture.files(), try fixture.store.transactionNumber)
        for lost in [0, 4, 8] {
            let rows = LayerRows(count: 9, dimension: 24, codec: codec, partBytes: 1) { part, output in
                if part.contains(lost) { throw Lost() }
                output.initializeMemory(as: UInt8.self, repeating: 0x11)
            }
            #expect(throws: Lost.self) {
                try fixture.store.writeLayer(
                    checkpoint: "mini", collection: "words/fi", layer: 1, codec: codec, rows: rows,
                    fingerprint: Fingerprint(high: 2, low: 2))
            }
            #expect(fixture.files() == files)
        }
        #expect(try fixture.store.transactionNumber == number)
        #expect(try fixture.store.verify().isEmpty)
    }

    /// Fewer rows than the collection has are not its layer.
    @Test func aLayerOfFewerRowsIsNotPublished() throws {
        let fixture = try StoreFixture()
        let layer = try fixture.writeLayer(0, codec: .fp16, rows: 8, seed: 3)
        #expect(throws: StoreError.self) { try fixture.publish(layer: layer, texts: StoreFixture.words(9)) }
        #expect(try fixture.store.checkpoints().isEmpty)
    }
}
