import Diagnostics
import Files
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Store

@Suite struct VectorFileTests {
    private static let dimension = 40

    private func file(_ fixture: StoreFixture, _ codec: Codec, rows: Int, seed: UInt64 = 3) throws -> VectorFile {
        try fixture.store.vectors(
            try fixture.writeLayer(0, codec: codec, rows: rows, dimension: Self.dimension, seed: seed))
    }

    @Test(arguments: Codec.allCases) func scoresAreInnerProductsOfDecodedRows(codec: Codec) throws {
        let fixture = try StoreFixture()
        let file = try file(fixture, codec, rows: 3_000)
        var decoded = [Float](repeating: 0, count: 3_000 * Self.dimension)
        try file.decode(rows: 0..<3_000, into: &decoded)
        let query = StoreFixture.vectors(rows: 1, dimension: Self.dimension, seed: 8)
        var scores = [Float](repeating: .nan, count: 3_000)
        try file.innerProducts(query: query, into: &scores, threads: 2)
        for row in 0..<3_000 {
            var expected = 0.0
            for i in 0..<Self.dimension { expected += Double(decoded[row * Self.dimension + i]) * Double(query[i]) }
            #expect(abs(Double(scores[row]) - expected) < 1e-6)
        }
        var other = [Float](repeating: .nan, count: 3_000)
        for threads in [-1, 0, 1, 7] {
            try file.innerProducts(query: query, into: &other, threads: threads)
            #expect(other == scores)
        }
    }

    /// Ties must be exact: the same codes score the same bits in every place of the file.
    @Test(arguments: Codec.allCases, [1, 31, 40]) func equalRowsTieExactly(codec: Codec, dimension: Int) throws {
        let fixture = try StoreFixture()
        let row = StoreFixture.vectors(rows: 1, dimension: dimension, seed: 4)
        var vectors = StoreFixture.vectors(rows: 2_500, dimension: dimension, seed: 5)
        let places = [0, 1, 2, 3, 4, 5, 6, 7, 1_023, 1_024, 1_250, 2_499]
        for place in places { vectors.replaceSubrange(place * dimension..<(place + 1) * dimension, with: row) }
        let halves = StoreFixture.halves(vectors)
        func write(_ codes: UnsafeRawBufferPointer) throws -> LayerRecord {
            try fixture.store.writeLayer(
                checkpoint: "mini", collection: "words/fi", layer: 0, codec: codec, dimension: dimension, rows: 2_500,
                codes: codes, fingerprint: Fingerprint(high: 1, low: 1))
        }
        let record = try codec == .fp16 ? halves.withUnsafeBytes(write) : vectors.withUnsafeBytes(write)
        let file = try fixture.store.vectors(record)
        var scores = [Float](repeating: 0, count: 2_500)
        let query = StoreFixture.vectors(rows: 1, dimension: dimension, seed: 6)
        try file.innerProducts(query: query, into: &scores, threads: 2)
        #expect(Set(places.map { scores[$0].bitPattern }).count == 1)
    }

    /// Pages given back while a file is gone through come back as they were.
    @Test(arguments: Codec.allCases) func aFileIsCheckedInStretches(codec: Codec) throws {
        let fixture = try StoreFixture()
        let dimension = 512, rows = 5_000, wrong = 4_900
        var vectors = StoreFixture.vectors(rows: rows, dimension: dimension, seed: 2)
        for i in wrong * dimension..<(wrong + 1) * dimension { vectors[i] *= 0.5 }
        let halves = StoreFixture.halves(vectors)
        func write(_ codes: UnsafeRawBufferPointer) throws -> LayerRecord {
            try fixture.store.writeLayer(
                checkpoint: "mini", collection: "words/fi", layer: 0, codec: codec, dimension: dimension, rows: rows,
                codes: codes, fingerprint: Fingerprint(high: 1, low: 1))
        }
        let record = try codec == .fp16 ? halves.withUnsafeBytes(write) : vectors.withUnsafeBytes(write)
        let file = try fixture.store.vectors(record)
        let whole = try #require(try file.problem())
        let stretches = try #require(try file.problem(heldBytes: 1))
        #expect(whole == stretches && whole.found.hasPrefix("row \(wrong) "), "\(stretches)")
        var first = [Float](repeating: 0, count: dimension)
        try file.decode(rows: 0..<1, into: &first)
        #expect(zip(first, vectors).allSatisfy { abs($0 - $1) < 0.01 })
    }

    @Test func codesAreCopiedBitForBit() throws {
        let fixture = try StoreFixture()
        for codec in [Codec.fp16, .fp32, .hnsw] {
            let file = try file(fixture, codec, rows: 50)
            let floats = StoreFixture.vectors(rows: 50, dimension: Self.dimension, seed: 3)
            let expected =
                codec == .fp16
                ? StoreFixture.halves(floats).withUnsafeBytes { Array($0) } : floats.withUnsafeBytes { Array($0) }
            var codes = [UInt8](repeating: 0, count: expected.count)
            try file.copyCodes(rows: 0..<50, into: &codes)
            #expect(codes == expected)
            try file.copyCodes(rows: [49, 7], into: &codes)
            #expect(Array(codes[..<file.rowBytes]) == Array(expected[(49 * file.rowBytes)...]))
            #expect(throws: StoreError.self) { try file.copyCodes(rows: [50], into: &codes) }
            #expect(throws: StoreError.self) { try file.copyCodes(rows: -1..<1, into: &codes) }
        }
    }

    @Test(arguments: Codec.allCases) func theSameVectorsAreTheSameBytes(codec: Codec) throws {
        let one = try StoreFixture()
        let two = try StoreFixture()
        let first = try one.writeLayer(0, codec: codec, rows: 800, seed: 3)
        let second = try two.writeLayer(0, codec: codec, rows: 800, seed: 3)
        #expect(first.checksum == second.checksum)
        #expect(first.bytes == second.bytes)
    }

    @Test func aReplacedOrRemovedFileStaysReadable() throws {
        let fixture = try StoreFixture()
        let file = try file(fixture, .fp16, rows: 50)
        var before = [Float](repeating: 0, count: 50 * Self.dimension)
        try file.decode(rows: 0..<50, into: &before)
        try FileManager.default.removeItem(atPath: file.path)
        var after = [Float](repeating: 0, count: 50 * Self.dimension)
        try file.decode(rows: 0..<50, into: &after)
        #expect(after == before)
    }

    /// Headers say what FAISS says; a file cut anywhere, or longer than it should be, is an error.
    @Test(arguments: Codec.allCases) func everyTruncationThrows(codec: Codec) throws {
        let fixture = try StoreFixture()
        let path = try file(fixture, codec, rows: 9).path
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let sound = try whole.withUnsafeBytes { try FaissHeader(parsing: $0, path: path) }
        #expect(sound.rows == 9 && sound.dimension == Self.dimension && sound.codec == codec)
        for count in 0..<whole.count {
            #expect(throws: StoreError.self) {
                try whole[..<count].withUnsafeBytes { _ = try FaissHeader(parsing: $0, path: path) }
            }
        }
        #expect(throws: StoreError.self) {
            try (whole + [0]).withUnsafeBytes { _ = try FaissHeader(parsing: $0, path: path) }
        }
        for count in [0, 1, 40, whole.count - 1] {
            try Data(whole[..<count]).write(to: URL(fileURLWithPath: path + ".cut"))
            #expect(throws: StoreError.self) { try VectorFile(RegularFile(reading: path + ".cut")) }
        }
    }

    /// Flipped bits and huge numbers in a header throw, or leave a file that can be read without touching a byte
    /// outside.
    @Test(arguments: Codec.allCases) func damagedHeadersNeverCrash(codec: Codec) throws {
        let fixture = try StoreFixture()
        let path = try file(fixture, codec, rows: 9).path
        let whole = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path)))
        let header = try whole.withUnsafeBytes { try FaissHeader(parsing: $0, path: path).codesOffset }
        var generator = SeededGenerator(state: 12)
        var refused = 0
        func look(_ bytes: [UInt8]) throws {
            do {
                let parsed = try bytes.withUnsafeBytes { try FaissHeader(parsing: $0, path: path) }
                #expect(parsed.codesOffset + parsed.rows * parsed.rowBytes == bytes.count)
                #expect(parsed.trained.allSatisfy { $0.isFinite })
            } catch is StoreError {
                refused += 1
            }
        }
        for bit in 0..<min(header, 200) * 8 {
            var bytes = whole
            bytes[bit / 8] ^= 1 << UInt8(bit % 8)
            try look(bytes)
        }
        for _ in 0..<500 {
            var bytes = whole
            let offset = Int.random(in: 0..<header, using: &generator)
            let fill = [0x00, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            for i in offset..<min(offset + 8, bytes.count) { bytes[i] = UInt8(fill) }
            try look(bytes)
        }
        #expect(refused > 300)
    }

    @Test func aFileThatContradictsItsRecordIsRefused() throws {
        let fixture = try StoreFixture()
        let sound = try fixture.writeLayer(0, codec: .fp16, rows: 9, seed: 3)
        _ = try fixture.store.vectors(sound)
        var changes: [LayerRecord] = []
        var record = sound
        record.rows = 8
        changes.append(record)
        record = sound
        record.dimension = 23
        changes.append(record)
        record = sound
        record.codec = .fp32
        changes.append(record)
        record = sound
        record.bytes += 1
        changes.append(record)
        for change in changes { #expect(throws: StoreError.self) { try fixture.store.vectors(change) } }
    }

    @Test func aNameThatIsNoLongerCurrentSaysRunAgain() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(5), layers: [0])
        let old = try #require(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").first)
        try fixture.publish(StoreFixture.words(6), layers: [0], seed: 2)
        _ = try fixture.store.collectGarbage(dryRun: false)
        do {
            _ = try fixture.store.vectors(old)
            Issue.record("expected an error")
        } catch let error as StoreError {
            #expect(error.exitStatus == .tryAgain)
        }
    }
}
