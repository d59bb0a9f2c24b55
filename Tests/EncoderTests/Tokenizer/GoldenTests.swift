import Foundation
import TestSupport
import Testing

@testable import Encoder

/// Ids equal Hugging Face's fast tokenizers, text by text; from every combination of files a folder may hold.
struct GoldenTests {
    struct Source: CustomTestStringConvertible, Sendable {
        let fixture: String
        let files: [String]
        var testDescription: String { "\(fixture): \(files.joined(separator: ", "))" }
    }

    static let sources = [
        Source(fixture: "cased", files: ["tokenizer.json"]),
        Source(fixture: "cased", files: ["tokenizer.json", "tokenizer_config.json", "vocab.txt"]),
        Source(fixture: "cased", files: ["vocab.txt", "tokenizer_config.json"]),
        Source(fixture: "uncased", files: ["tokenizer.json"]),
        Source(fixture: "uncased", files: ["vocab.txt", "tokenizer_config.json"]),
        Source(fixture: "uncased", files: ["vocab.txt"]),
        Source(fixture: "added", files: ["tokenizer.json"]),
        Source(fixture: "xlmr", files: ["tokenizer.json"]),
        Source(fixture: "xlmr", files: ["sentencepiece.bpe.model", "tokenizer_config.json"]),
        Source(fixture: "xlmr", files: ["sentencepiece.bpe.model"]),
        Source(fixture: "bytelevel", files: ["tokenizer.json"]),
        Source(fixture: "bytelevel", files: ["vocab.json", "merges.txt", "tokenizer_config.json"]),
        Source(fixture: "bytelevel", files: ["vocab.json", "merges.txt"]),
        Source(fixture: "bytefallback", files: ["tokenizer.json"]),
    ]

    @Test(arguments: sources)
    func fixtures(_ source: Source) throws {
        let tokenizer = try TokenizerFolder.load(TokenizerFixtures.folder(source.fixture, source.files))
        let lines = try TokenizerFixtures.lines("\(TokenizerFixtures.folder)/\(source.fixture)/golden.jsonl")
        #expect(lines.count > 200)
        for line in lines { check(line, tokenizer) }
        let highest = lines.flatMap(\.ids).max() ?? 0
        #expect(Int(highest) < tokenizer.vocabularySize)
    }

    static let shapes =
        (try? FileManager.default.contentsOfDirectory(atPath: TokenizerFixtures.folder + "/shapes").sorted()) ?? []

    @Test("tokenizers put together in other ways", arguments: shapes)
    func shape(_ name: String) throws {
        let tokenizer = try TokenizerFolder.load(TokenizerFixtures.shape(name))
        let lines = try TokenizerFixtures.lines("\(TokenizerFixtures.folder)/shapes/\(name)/golden.jsonl")
        #expect(lines.count > 200)
        for line in lines { check(line, tokenizer) }
    }

    @Test("a tokenizer gives the same ids to several threads at once", arguments: ["uncased", "xlmr"])
    func threads(_ fixture: String) throws {
        let tokenizer = try TokenizerFolder.load("\(TokenizerFixtures.folder)/\(fixture)")
        let lines = try TokenizerFixtures.lines("\(TokenizerFixtures.folder)/\(fixture)/golden.jsonl")
            .filter { $0.pair == nil }
        DispatchQueue.concurrentPerform(iterations: 4) { _ in
            for line in lines { #expect(tokenizer.encoded(line.text) == line.ids) }
        }
    }

    @Test(
        .enabled(if: SharedData.isPresent, .init(rawValue: SharedData.absence)),
        arguments: ["mbert-cased", "mbert-uncased-substitute", "xlmr"])
    func sharedGoldens(_ name: String) throws {
        let tokenizer = try TokenizerFolder.load("\(SharedData.path("tokenizers"))/\(name)")
        let golden = "\(SharedData.path("tokenizers"))/golden/\(name)"
        let files = try FileManager.default.contentsOfDirectory(atPath: golden).sorted()
        var count = 0
        for file in files {
            for line in try TokenizerFixtures.lines("\(golden)/\(file)") {
                check(line, tokenizer)
                count += 1
            }
        }
        #expect(count > 12_000)
    }

    private func check(_ line: TokenizerFixtures.Line, _ tokenizer: any Tokenizer) {
        guard let pair = line.pair else {
            #expect(tokenizer.encoded(line.text) == line.ids, "\(line.text.debugDescription)")
            return
        }
        var (text, second) = (line.text, pair)
        let outcome = text.withUTF8 { word in
            second.withUTF8 { gloss in
                SequenceBuilder.sense(tokenizer, word: word, gloss: gloss, maximumLength: 512)
            }
        }
        guard case .sequence(let sequence, let truncated) = outcome else {
            Issue.record("\(text) has no sequence")
            return
        }
        #expect(!truncated)
        #expect(sequence.ids == line.ids, "\(line.text.debugDescription) with \(pair.debugDescription)")
        #expect(Array(sequence.ids[sequence.pooled]) == tokenizer.subwords(line.text))
        let types = line.ids.indices.map {
            $0 < sequence.secondSegmentStart ? 0 : tokenizer.specialTokens.template.secondSegmentType
        }
        #expect(types == line.types)
    }
}
