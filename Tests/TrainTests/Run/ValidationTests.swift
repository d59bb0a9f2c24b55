import Encoder
import Foundation
import TestSupport
import Testing

@testable import Train

@Suite struct ValidationTests {
    /// One id per byte; "_" tokenises to nothing.
    private struct ByteTokenizer: Tokenizer {
        let vocabularySize = 400
        let specialTokens = SpecialTokens(
            start: 1, separator: 2, padding: 0, unknown: 3, pairSeparators: 1, secondSegmentType: 1)

        func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
            for byte in utf8 where byte != UInt8(ascii: "_") { ids.append(100 + Int32(byte)) }
        }

        func lowercasing() -> any Tokenizer { self }
    }

    /// The mean over a word's bytes of a fixed random vector for each.
    private final class ByteVectors: EncodingEngine {
        let dimension = 8, layerCount = 1, maximumLength = 64
        private let random = CounterRandom(seed: 3, stream: 0)

        func operations(length: Int, upToLayer layer: Int) -> Double { Double(length) }
        func makeWorker() -> any EncodingWorker { Worker(model: self) }

        private final class Worker: EncodingWorker {
            private let model: ByteVectors

            init(model: ByteVectors) { self.model = model }

            func encode(_ batch: [TokenSequence], layers: [Int], into vectors: UnsafeMutablePointer<Float>) {
                precondition(layers == [1])
                for (row, sequence) in batch.enumerated() {
                    for (c, value) in model.vector(sequence).enumerated() { vectors[row * model.dimension + c] = value }
                }
            }
        }

        private func vector(_ sequence: TokenSequence) -> [Float] {
            (0..<dimension).map { c in
                let values = sequence.pooled.map { random.fraction(UInt64(sequence.ids[$0]) * 8 + UInt64(c)) - 0.5 }
                return Float(values.reduce(0, +) / Double(values.count))
            }
        }

        func vector(_ word: String) -> [Float] {
            let ids = [1] + word.utf8.map { 100 + Int32($0) } + [2]
            return vector(TokenSequence(ids: ids, pooled: 1..<(ids.count - 1)))
        }
    }

    private let folder: TemporaryFolder
    private let italian = ["gatto", "cane", "casa", "_", "sole", "luna", "otto", "mare", "gatot"]

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("vocabularies/it_vocab.txt", italian.joined(separator: "\n") + "\n")
        try folder.write("vocabularies/en.txt", "cat\ndog\nhouse\nsun\nmoon\n")
        try folder.write(
            "en-it.tsv", "cat\tgatto\nDog\tCane\ncat\tcasa\nsea\tmare\nsun\tsole\nmoon\tnone\ncat\tgatto\n")
        try folder.write("fr-it.tsv", "chat\tgatto\nmer\tmare\n")
    }

    private func validation(_ names: [String], top: Int = 100) throws -> Validation {
        try Validation(
            names.map { try ValidationDictionary(argument: $0) }, folder: "\(folder.path)/vocabularies", top: top,
            tokenizer: ByteTokenizer(), maximumLength: 64)
    }

    private func naiveRank(_ model: ByteVectors, query: String, gold: String, candidates: [String]) -> Int {
        func cosine(_ a: [Float], _ b: [Float]) -> Double {
            func dot(_ a: [Float], _ b: [Float]) -> Double { zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
            return dot(a, b) / (dot(a, a) * dot(b, b)).squareRoot()
        }
        let scores = candidates.map { cosine(model.vector(query), model.vector($0)) }
        let own = candidates.firstIndex(of: gold).map { ($0, scores[$0]) } ?? (0, 0)
        return 1 + scores.enumerated().filter { $1 > own.1 + 1e-6 || (abs($1 - own.1) <= 1e-6 && $0 < own.0) }.count
    }

    /// The ranks of definition, over the words that have a vector; repeated rows count, misses on either side do not.
    @Test func meanReciprocalRanksAreThoseOfTheDefinition() throws {
        let model = ByteVectors()
        let set = try validation(["en-it=\(folder.path)/en-it.tsv", "\(folder.path)/fr-it.tsv"])
        #expect(set.rankedRows == [5, 2])
        let scores = try set.score(ParallelEncoder(model, threads: 2)) { _ in }
        let candidates = italian.filter { $0 != "_" }
        for (pair, rows) in zip(
            scores.pairs,
            [
                [("cat", "gatto"), ("dog", "cane"), ("cat", "casa"), ("sun", "sole"), ("cat", "gatto")],
                // No French vocabulary: every source word is a query.
                [("chat", "gatto"), ("mer", "mare")],
            ])
        {
            let expected = rows.map {
                1 / Double(naiveRank(model, query: $0.0, gold: $0.1, candidates: candidates))
            }
            #expect(pair.queries == rows.count)
            #expect(abs(pair.mrr - expected.reduce(0, +) / Double(rows.count)) < 1e-12, "\(pair)")
        }
        #expect(scores.pairs.map(\.pair) == ["en-it", "fr-it"])
    }

    @Test func topLimitsTheVocabularies() throws {
        #expect(try validation(["en-it=\(folder.path)/en-it.tsv"], top: 2).rankedRows == [3])
    }

    @Test func mistakesAreNamed() throws {
        try folder.write("en-de.tsv", "cat\tKatze\n")
        try folder.write("words.tsv", "cat\tgatto\n")
        try folder.write("en-it.none.tsv", "zebra\tquagga\n")
        #expect { try validation(["en-de=\(folder.path)/en-de.tsv"]) } throws: {
            "\($0)".contains("no vocabulary of 'de'")
        }
        #expect { try validation(["\(folder.path)/words.tsv"]) } throws: { "\($0)".contains("--validation: expected") }
        #expect { try validation(["en-it=\(folder.path)/en-it.none.tsv"]) } throws: {
            "\($0)".contains("none of the 1 pairs of en-it")
        }
    }
}
