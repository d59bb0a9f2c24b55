import Diagnostics
import TestSupport
import Testing

@testable import Lexicon

/// Seeded mutations of every format: a reader returns something consistent or throws an error of its own; it never
/// traps.
@Suite struct FuzzTests {
    private struct Format: Sendable, CustomTestStringConvertible {
        let name: String
        let seed: [UInt8]
        let read: @Sendable (String) throws -> Void
        var testDescription: String { name }
    }

    private static let rounds = 1_500

    private static func formats() throws -> [Format] {
        let vectors = Array("4 3\nthe 0.1 -0.2 3e-4 \n\u{a0} 1 2 3\nx\u{2028}y nan 0 1\nthe 1 2 3\n".utf8)
        let list = Array("\u{feff}the\n\u{a0}\n\na b\nthe\n\u{e9}\ne\u{301}\n".utf8)
        let pairs = Array("Haus\ttalo\nguten Tag\t\u{65e5}\nnull\tNA\n".utf8)
        let sentences = Array("Un.\nDeux mots.\nTrois \u{2028}.\n".utf8)
        let csv = Array(
            "ID,ENG,FIN,PoS,score\n1,a,\"b, \"\"c\"\"\nd\",nouns,1.5\n2,x ,y,verbs,nan\n3,p,q,nouns,6\n".utf8)
        let vocabulary: @Sendable (String) throws -> Void = { path in
            for top in [nil, 2] {
                let read = try VocabularyReader.read(path: path, language: "xx", top: top)
                #expect(read.words.count == read.ranks.count)
                #expect(read.words.rows.allSatisfy { String(validating: $0, as: UTF8.self) != nil && !$0.isEmpty })
                #expect(zip(read.ranks, read.ranks.dropFirst()).allSatisfy { $0 < $1 })
            }
        }
        let dictionary: @Sendable (String) throws -> Void = { path in
            for isStrict in [false, true] {
                let read = try DictionaryReader.read(path: path, isStrict: isStrict)
                #expect(read.source.count == read.target.count && read.count > 0)
            }
        }
        let parallel: @Sendable (String) throws -> Void = { path in
            let read = try SentenceSetReader.read(
                first: path, second: path, name: "x", firstLanguage: "fra", secondLanguage: "eng")
            #expect(read.first == read.second)
        }
        let similarity: @Sendable (String) throws -> Void = { path in
            let read = try SimilarityReader.read(path: path)
            #expect(read.scores.allSatisfy { $0.isFinite })
        }
        let tab = Array("# x\tfra\n02084071-n\tfra:lemma\tchien\n02084071-n\tlemma\tm\u{e9}\n".utf8)
        let wordnet: @Sendable (String) throws -> Void = { path in
            let reader = try SynsetFiles.open([path])
            // Every bad row is an error here, where a miner counts it.
            while let synset = try reader.next() { #expect(!synset.id.isEmpty) }
        }
        return [
            Format(name: "xx.vec", seed: vectors, read: vocabulary),
            Format(name: "xx.vec.gz", seed: try gzip(vectors), read: vocabulary),
            Format(name: "xx.txt", seed: list, read: vocabulary),
            Format(name: "xx_50k.txt", seed: Array("the 90\nof 50\n\u{e9} 7\n".utf8), read: vocabulary),
            Format(name: "vectors-xx.txt", seed: vectors, read: vocabulary),
            Format(
                name: "xx.vec.zip", seed: try ArchiveFixture.bytes([("README", [0x61]), ("xx.vec", vectors)], .zip),
                read: vocabulary),
            Format(name: "wn.tar", seed: try ArchiveFixture.bytes([("a/wn-data-fra.tab", tab)], .tar), read: wordnet),
            Format(name: "wn-data-fra.tab", seed: tab, read: wordnet),
            Format(name: "xx.txt.gz", seed: try gzip(list) + gzip("more\n"), read: vocabulary),
            Format(name: "de-fi.tsv", seed: pairs, read: dictionary),
            Format(name: "de-fi.txt", seed: Array("house haus\ncat\tkatze\n".utf8), read: dictionary),
            Format(name: "fra-eng.fra", seed: sentences, read: parallel),
            Format(name: "ENG-FIN.csv", seed: csv, read: similarity),
        ]
    }

    @Test func mutationsParseOrThrow() throws {
        let folder = try TemporaryFolder(inMemory: true)
        var generator = SeededGenerator(state: 20_26)
        for format in try Self.formats() {
            var parsed = 0
            var refused = 0
            for _ in 0..<Self.rounds {
                let path = try folder.write(format.name, Self.mutated(format.seed, &generator))
                do {
                    try format.read(path)
                    parsed += 1
                } catch let error as any Diagnosable {
                    #expect(error.description.contains(folder.path))
                    refused += 1
                }
            }
            // Mutations that never fail, or always do, would test nothing.
            #expect(parsed > 0 && refused > 0, "\(format.name): \(parsed) parsed, \(refused) refused")
        }
    }

    /// A text cut at any byte is read up to there or refused, whatever the format.
    @Test func truncationsParseOrThrow() throws {
        let folder = try TemporaryFolder(inMemory: true)
        for format in try Self.formats() {
            for length in 0..<format.seed.count {
                let path = try folder.write(format.name, Array(format.seed.prefix(length)))
                do {
                    try format.read(path)
                } catch is any Diagnosable {}
            }
        }
    }

    private static func mutated(_ seed: [UInt8], _ generator: inout SeededGenerator) -> [UInt8] {
        let telling: [UInt8] = [
            0x00, 0x09, 0x0a, 0x0d, 0x20, 0x22, 0x2c, 0x30, 0x39, 0x7f, 0x80, 0xc2, 0xe2, 0xed, 0xf4, 0xff,
        ]
        var bytes = seed
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[at] = telling.randomElement(using: &generator) ?? 0
            case 2: bytes.insert(telling.randomElement(using: &generator) ?? 0, at: at)
            case 3: bytes.remove(at: at)
            case 4: bytes.removeSubrange(at..<min(bytes.count, at + Int.random(in: 1...8, using: &generator)))
            default:
                let end = min(bytes.count, at + Int.random(in: 1...16, using: &generator))
                bytes.insert(contentsOf: bytes[at..<end], at: at)
            }
        }
        return bytes
    }
}
