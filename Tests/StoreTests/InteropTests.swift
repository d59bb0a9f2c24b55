import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Store

/// Python reads what Swift writes: lmdb the catalogue, faiss the layer files.
@Suite struct InteropTests {
    @Test func pythonReadsTheSameCatalogue() throws {
        let fixture = try StoreFixture()
        let long = String(repeating: "long ", count: 200)
        let texts: [(String, UInt32)] = [
            ("kissa", 1), ("\u{E9}", 2), ("e\u{301}", 3), (long, 4), ("kissa", 6), ("", 7),
        ]
        let published = try fixture.publish(texts, layers: [0, 3])
        let fingerprint = Fingerprint(high: 0x0123_4567_89AB_CDEF, low: 0xFEDC_BA98_7654_3210)
        try fixture.store.putUnchecked([
            ResultRecord(
                task: "bli", dataset: "own", pair: "en-fi", checkpoint: "mini", layer: 3, fingerprint: fingerprint,
                values: ["mrr": 0.375], provenance: ["policy": "paper"], created: 1.5)
        ])
        let dump = try Dump(of: fixture)
        let meta = try #require(dump.catalogue["meta"] as? [String: String])
        #expect(meta["format"] == "2")

        let list = published.list.hex
        let rows = try #require(dump.catalogue["rows"] as? [[Any]])
        #expect(rows.map { $0[0] as? String } == texts.map { _ in list })
        #expect(rows.map { $0[1] as? Int } == Array(0..<texts.count))
        #expect(rows.map { $0[2] as? Int } == texts.map { Int($0.1) })
        #expect(rows.map { Array(($0[3] as? String ?? "?").utf8) } == texts.map { Array($0.0.utf8) })
        let found = try #require(dump.catalogue["texts"] as? [[Any]])
        let hash = Array(long.utf8).withUnsafeBytes { Fingerprint.of(bytes: $0).hex }
        #expect(
            found.map { $0[1] as? String ?? "?" }.map { Array($0.utf8) }
                == ["text ", "text e\u{301}", "text kissa", "text \u{E9}", "hash " + hash].map { Array($0.utf8) })
        #expect(found.map { $0[2] as? Int } == [5, 2, 0, 1, 3])

        let checkpoint = try #require((dump.catalogue["checkpoints"] as? [[Any]])?.first)
        #expect(checkpoint[0] as? String == "mini")
        let checkpointRecord = try #require(checkpoint[1] as? [String: Any])
        #expect(checkpointRecord["fingerprint"] as? String == StoreFixture.checkpoint().fingerprint.hex)
        let collection = try #require((dump.catalogue["collections"] as? [[Any]])?.first)
        #expect(collection[0] as? [String] == ["mini", "words/fi"])
        let collectionRecord = try #require(collection[1] as? [String: Any])
        #expect(collectionRecord["rows"] as? Int == 6)
        #expect(collectionRecord["list"] as? String == list)
        let layers = try #require(dump.catalogue["layers"] as? [[Any]])
        #expect(layers.map { $0[0] as? [String] } == [["mini", "words/fi", "00"], ["mini", "words/fi", "03"]])
        let digests = try #require((dump.catalogue["sequences"] as? [[Any]])?.first)
        #expect(collectionRecord["sequences"] as? String == digests[0] as? String)
        #expect(digests[1] as? [String] == (0..<6).map { Fingerprint(high: 1, low: $0).hex })
        let result = try #require((dump.catalogue["results"] as? [[Any]])?.first)
        #expect(result[0] as? [String] == ["bli", "0123456789abcdeffedcba9876543210"])
        #expect(((result[1] as? [String: Any])?["values"] as? [String: Double])?["mrr"] == 0.375)
    }

    @Test(arguments: Codec.allCases) func faissReadsTheSameVectors(codec: Codec) throws {
        let fixture = try StoreFixture()
        // Not a multiple of 8, and more rows than are quantised at a time.
        let (rows, dimension) = (4_500, 37)
        let layer = try fixture.writeLayer(1, codec: codec, rows: rows, dimension: dimension, seed: 5)
        try fixture.publish(layer: layer, texts: StoreFixture.words(rows))
        let file = try fixture.store.vectors(layer)
        var decoded = [Float](repeating: 0, count: rows * dimension)
        try file.decode(rows: 0..<rows, into: &decoded)

        let dump = try Dump(of: fixture)
        let facts = try #require((dump.catalogue["vectors"] as? [[String: Any]])?.first)
        let types: [Codec: String] = [
            .fp32: "IndexFlat", .fp16: "IndexScalarQuantizer", .sq8: "IndexScalarQuantizer", .hnsw: "IndexHNSWFlat",
        ]
        #expect((facts["type"] as? String)?.hasPrefix(types[codec] ?? "?") == true)
        #expect(facts["rows"] as? Int == rows && facts["dimension"] as? Int == dimension)
        #expect(facts["metric"] as? Int == 0 && facts["trained"] as? Bool == true)
        let theirs = try dump.vectors(0)
        #expect(theirs.count == decoded.count)
        // sq8: FAISS multiplies by 1/255 where it has AVX2 and divides by 255 where it has not.
        let tolerance: Float = codec == .sq8 ? 2e-7 : 0
        #expect(zip(theirs, decoded).allSatisfy { abs($0 - $1) <= tolerance })

        let nearest = try #require(facts["nearest"] as? [[Int]])
        #expect(nearest == (facts["exact"] as? [[Int]]))
        var scores = [Float](repeating: 0, count: rows)
        for query in 0..<10 {
            let vector = Array(decoded[query * dimension..<(query + 1) * dimension])
            try file.innerProducts(query: vector, into: &scores, threads: 2)
            let best = scores.indices.sorted { scores[$0] != scores[$1] ? scores[$0] > scores[$1] : $0 < $1 }
            #expect(Array(best.prefix(3)) == nearest[query])
        }
    }

    /// The program printed in docs/store.md runs and says what is stored.
    @Test func theProgramInTheDocumentationWorks() throws {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
        let page = try String(contentsOf: root.appendingPathComponent("docs/store.md"), encoding: .utf8)
        let parts = page.components(separatedBy: "```python\n")
        #expect(parts.count == 2)
        let program = try #require(parts.last?.components(separatedBy: "\n```").first)
        let fixture = try StoreFixture()
        try fixture.publish([("kissa", 1), ("koira", 2)], layers: [2])
        let script = fixture.folder + "/read.py"
        try program.write(toFile: script, atomically: true, encoding: .utf8)
        let output = try Dump.run([script, fixture.folder, "mini", "words/fi", "koira"])
        let lines = output.split(separator: "\n").map(String.init)
        #expect(lines.first == "layer 2: 2 x 24, fp16")
        #expect(lines.dropFirst().first == "row 1, rank 2")
        #expect(lines.last?.hasPrefix("koira 1.00") == true, "\(lines)")
    }
}

/// What `dump_store.py` says about a store.
private struct Dump {
    let catalogue: [String: Any]
    private let folder: String

    init(of fixture: StoreFixture) throws {
        folder = fixture.folder + "/dump"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("Interop/dump_store.py").path
        _ = try Self.run([script, fixture.folder, folder])
        let data = try Data(contentsOf: URL(fileURLWithPath: folder + "/catalogue.json"))
        catalogue = try JSONSerialization.jsonObject(with: data) as? [String: Any] ?? [:]
    }

    func vectors(_ number: Int) throws -> [Float] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(number).f32"))
        return data.withUnsafeBytes { Array($0.bindMemory(to: Float.self)) }
    }

    static func run(_ arguments: [String]) throws -> String {
        let outcome = try PythonProcess.run(arguments)
        guard outcome.status == 0 else {
            throw TestSupportError(description: "\(arguments) ended with \(outcome.status)")
        }
        return outcome.output
    }
}
