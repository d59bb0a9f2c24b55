import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Encoder

/// Damaged tokenizer files give a `Diagnosable` error or a tokenizer that works; nothing traps, nothing is read past
/// its end.
struct TokenizerFuzzTests {

    static func mutated(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) {
            guard !bytes.isEmpty else { break }
            let place = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<6, using: &random) {
            case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[place] = [0, 0x22, 0x5C, 0x7B, 0x80, 0xFF, 0x2C, 0x7F].randomElement(using: &random) ?? 0
            case 2: bytes.removeSubrange(place..<min(bytes.count, place + Int.random(in: 1...40, using: &random)))
            case 3: bytes.removeSubrange(place...)
            case 4:
                let end = min(bytes.count, place + Int.random(in: 1...40, using: &random))
                bytes.insert(contentsOf: bytes[place..<end], at: Int.random(in: 0...bytes.count, using: &random))
            default: bytes.insert(UInt8.random(in: 0...255, using: &random), at: place)
            }
        }
        return bytes
    }

    static let texts = [
        "house Häuser", "ｶﾊﾟ \u{1112}\u{1161}\u{11AB} e\u{301}x", "</s>[SEP]<mask>", "河\u{0}ﷺ ＜s＞", "\u{200D}👩🏽 क्ष",
    ]

    @Test(arguments: [
        ("uncased", "vocab.txt"), ("uncased", "tokenizer.json"), ("xlmr", "tokenizer.json"),
        ("xlmr", "sentencepiece.bpe.model"), ("uncased", "tokenizer_config.json"), ("added", "tokenizer.json"),
        ("bytelevel", "tokenizer.json"), ("bytelevel", "vocab.json"), ("bytelevel", "merges.txt"),
        ("bytefallback", "tokenizer.json"),
    ])
    func files(_ fixture: String, _ file: String) throws {
        let folder = try TokenizerFixtures.folder(
            fixture,
            file == "tokenizer_config.json"
                ? [file, "vocab.txt"]
                : ["vocab.json", "merges.txt"].contains(file) ? ["vocab.json", "merges.txt"] : [file])
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(file)")))
        var random = SeededGenerator(state: UInt64(good.count))
        var failures = 0
        let rounds = _isDebugAssertConfiguration() ? 60 : 600
        for _ in 0..<rounds {
            try Data(Self.mutated(good, &random)).write(to: URL(fileURLWithPath: "\(folder)/\(file)"))
            do {
                let tokenizer = try TokenizerFolder.load(folder)
                for text in Self.texts {
                    let ids = tokenizer.subwords(text)
                    #expect(ids.allSatisfy { $0 >= 0 && Int($0) < tokenizer.vocabularySize })
                }
            } catch is any Diagnosable {
                failures += 1
            }
        }
        // Both ends of the road are walked.
        #expect(failures > 0)
    }

    @Test("damaged steps of every shape", arguments: GoldenTests.shapes)
    func shapes(_ name: String) throws {
        let folder = try TokenizerFixtures.shape(name)
        let path = "\(folder)/tokenizer.json"
        let good = try String(contentsOfFile: path, encoding: .utf8)
        // The members beside the model hold the steps; JSONSerialization writes them in any order.
        var random = SeededGenerator(state: UInt64(name.utf8.count))
        let steps = ["normalizer", "pre_tokenizer", "post_processor"]
        let document = try #require(try JSONSerialization.jsonObject(with: Data(good.utf8)) as? [String: Any])
        for _ in 0..<(_isDebugAssertConfiguration() ? 4 : 40) {
            var parts: [String] = []
            for (key, value) in document.sorted(by: { $0.key < $1.key }) {
                let data = try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
                let bytes = [UInt8](data)
                let changed = steps.contains(key) && bytes.count > 4 ? Self.mutated(bytes, &random) : bytes
                parts.append("\"\(key)\":" + String(decoding: changed, as: UTF8.self))
            }
            try Data("{\(parts.joined(separator: ","))}".utf8).write(to: URL(fileURLWithPath: path))
            do {
                let tokenizer = try TokenizerFolder.load(folder)
                for text in Self.texts {
                    #expect(tokenizer.subwords(text).allSatisfy { $0 >= 0 && Int($0) < tokenizer.vocabularySize })
                }
            } catch is any Diagnosable {
            }
        }
    }

    @Test("a character map of random units never leaves its bounds")
    func characterMaps() throws {
        var random = SeededGenerator(state: 7)
        for _ in 0..<300 {
            let units = (0..<Int.random(in: 1...600, using: &random)).map { _ -> UInt32 in
                // Offsets small enough to stay inside now and then, labels that match ASCII.
                UInt32.random(in: 0..<(1 << 12), using: &random) << 10 | UInt32.random(in: 0..<0x400, using: &random)
            }
            var blob: [UInt8] = []
            for word in [UInt32(4 * units.count)] + units {
                blob += [
                    UInt8(truncatingIfNeeded: word), UInt8(truncatingIfNeeded: word >> 8),
                    UInt8(truncatingIfNeeded: word >> 16), UInt8(truncatingIfNeeded: word >> 24),
                ]
            }
            blob += Array("x\0yy\0".utf8)
            let map = try CharacterMap(blob, file: "map")
            var output: [UInt8] = []
            for text in Self.texts { Array(text.utf8).withUnsafeBufferPointer { map.normalize($0, into: &output) } }
        }
    }

    @Test(
        "bytes that are no UTF-8 count as U+FFFD, for every tokenizer",
        arguments: ["cased", "uncased", "xlmr", "bytelevel", "bytefallback"])
    func invalidText(_ fixture: String) throws {
        let tokenizer = try TokenizerFolder.load("\(TokenizerFixtures.folder)/\(fixture)")
        var random = SeededGenerator(state: 11)
        for _ in 0..<300 {
            let bytes = Self.mutated(Array(Self.texts.joined().utf8), &random)
            let repaired = String(decoding: bytes, as: UTF8.self)
            #expect(bytes.withUnsafeBufferPointer { tokenizer.subwords(utf8: $0) } == tokenizer.subwords(repaired))
        }
    }
}
