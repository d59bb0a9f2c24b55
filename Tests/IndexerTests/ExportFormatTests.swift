import Foundation
import TestSupport
import Testing

@testable import Indexer
@testable import Lexicon

/// `indexer export` to word2vec's formats, several layers and collections at once. What gensim reads of them is
/// compared in `tools/parity/check-export`.
@Suite struct ExportFormatTests {
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 2)
        try fixture.publish(
            "words/fi", ["talo", "ice cream", "\u{A0}"],
            layers: [0: [[1, 0], [0.6, 0.8], [0, -1]], 1: [[0, 1], [1, 0], [1, 0]]],
            checkpoint: checkpoint)
        try fixture.publish("words/en", ["dog"], layers: [1: [[1, 0]]], checkpoint: checkpoint)
        try fixture.publish("sentences/a/eng", ["a b"], layers: [1: [[1, 0]]], checkpoint: checkpoint)
        return fixture
    }

    private func export(_ fixture: QueryFixture, _ arguments: [String]) throws -> IndexerProcess.Outcome {
        try IndexerProcess.run(["export", "--store", fixture.storeFolder, "--checkpoint", "mini"] + arguments)
    }

    private func bytes(_ path: String) throws -> [UInt8] { [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))) }

    @Test func textAsWord2vecWritesIt() throws {
        let fixture = try fixture(), path = fixture.folder + "/fi.vec"
        let outcome = try export(fixture, ["--collection", "words/fi", "--layer", "0", "--out", path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
            try String(contentsOfFile: path, encoding: .utf8)
                == "3 2\ntalo 1.0 0.0\nice_cream 0.6 0.8\n\u{A0} 0.0 -1.0\n")
        #expect(outcome.errors.contains("spaces of 1 expression are written as '_'"))
        let packed = fixture.folder + "/fi.vec.gz"
        #expect(try export(fixture, ["--collection", "words/fi", "--layer", "0", "--out", packed]).status == 0)
        #expect(try bytes(packed).prefix(2) == [0x1F, 0x8B])
        // What is written is read again as a vocabulary.
        let words = try VocabularyReader.read(path: packed, language: "fi").words
        #expect((0..<words.count).map { words.string(at: $0) } == ["talo", "ice_cream", "\u{A0}"])
    }

    @Test func binaryAsWord2vecWritesIt() throws {
        let fixture = try fixture(), path = fixture.folder + "/fi.bin"
        #expect(try export(fixture, ["--collection", "words/fi", "--layer", "1", "--out", path]).status == 0)
        var expected = Array("3 2\n".utf8)
        for (word, row) in [("talo", [0, 1]), ("ice_cream", [1, 0]), ("\u{A0}", [1, 0])] as [(String, [Float])] {
            expected += Array(word.utf8) + [0x20]
            for value in row { expected += withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) } }
            expected += [0x0A]
        }
        #expect(try bytes(path) == expected)
    }

    @Test func severalLayersAndCollectionsAtOnce() throws {
        let fixture = try fixture(), folder = fixture.folder
        let both = try export(
            fixture,
            [
                "--collection", "words/fi", "--collection", "words/en", "--layer", "all", "--out",
                folder + "/{collection}.{layer}.npy", "--texts", folder + "/{collection}.txt", "--json",
            ])
        #expect(both.status == 0, "\(both.errors)")
        #expect(
            try both.rows.map { ($0["out"] as? String)?.replacingOccurrences(of: folder + "/", with: "") }
                == ["words.fi.00.npy", "words.fi.01.npy", "words.en.01.npy"])
        #expect(try String(contentsOfFile: folder + "/words.en.txt", encoding: .utf8) == "dog\n")
        #expect(try bytes(folder + "/words.fi.01.npy").count == 128 + 3 * 2 * 4)
        // Nothing is written before everything is known to be possible.
        let missing = try export(
            fixture,
            [
                "--collection", "words/fi", "--collection", "words/en", "--layer", "0", "--out",
                folder + "/x.{collection}.{layer}.npy",
            ])
        #expect(missing.status == 66 && missing.errors.contains("words/en has no layer 0"))
        #expect(!FileManager.default.fileExists(atPath: folder + "/x.words.fi.00.npy"))
        let twice = try export(
            fixture, ["--collection", "words/fi", "--layer", "all", "--out", folder + "/{collection}.npy"])
        #expect(twice.status == 64 && twice.errors.contains("put {layer} or {collection} into the name"))
    }

    @Test func aNameOfNoFormatIsRefused() throws {
        let fixture = try fixture()
        for name in ["x.txt", "x", "x.npy.gz", "x.vec.bz2", "x.parquet"] {
            let path = fixture.folder + "/" + name
            let outcome = try export(fixture, ["--collection", "words/fi", "--layer", "0", "--out", path])
            #expect(outcome.status == 64 && outcome.errors.contains(".npy, .vec, .vec.gz, .bin, .bin.gz"), "\(name)")
            #expect(!FileManager.default.fileExists(atPath: path))
        }
        let sentences = try export(
            fixture, ["--collection", "sentences/a/eng", "--layer", "1", "--out", fixture.folder + "/x.vec"])
        #expect(sentences.status == 64 && sentences.errors.contains("sentences/a/eng holds no words"))
    }
}
