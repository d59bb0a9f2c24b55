import Foundation
import Testing

@testable import Encoder

/// Cuts drawn from a unigram model's lattice (`--piece-dropout` with XLM-R's tokenizer).
struct UnigramSamplingTests {
    /// Shares SentencePiece's own sampling has (tools/goldens/make-tokenizer-goldens).
    struct Row: Decodable {
        struct Cut: Decodable {
            let ids: [Int32]
            let count: Int
        }
        let alpha: Double
        let word: String
        let draws: Int
        let cuts: [Cut]
    }

    private static func rows() throws -> [Row] {
        let path = TokenizerFixtures.folder + "/xlmr/sampling.json"
        return try JSONDecoder().decode([Row].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func model() throws -> UnigramModel {
        let json = try TokenizerJSON(path: TokenizerFixtures.folder + "/xlmr/tokenizer.json")
        return try #require(try json.segmentationModel(behind: []) as? UnigramModel)
    }

    @Test("how often each cut is drawn is what SentencePiece draws")
    func shares() throws {
        let model = try Self.model()
        for row in try Self.rows() {
            let word = Array("▁\(row.word)".utf8)
            let draws = 20_000
            var counts: [[Int32]: Int] = [:]
            var chance = PieceDropout(probability: 0, seed: 3)
            for _ in 0..<draws {
                var ids: [Int32] = []
                word.withUnsafeBufferPointer {
                    model.appendSample(of: $0, inverseTemperature: row.alpha, to: &ids) { chance.fraction() }
                }
                counts[ids, default: 0] += 1
            }
            for cut in row.cuts {
                let expected = Double(cut.count) / Double(row.draws)
                let found = Double(counts[cut.ids] ?? 0) / Double(draws)
                // Five standard deviations of the difference of two draws, and a little for shares near 0.
                let bound =
                    5 * (expected * (1 - expected) * (1 / Double(draws) + 1 / Double(row.draws))).squareRoot() + 5e-4
                #expect(abs(found - expected) < bound, "\(row.word) at \(row.alpha): \(cut.ids): \(found), \(expected)")
            }
        }
    }

    @Test("a seed draws the same cuts again; without a probability they are the usual ones")
    func seeds() throws {
        let tokenizer = try #require(
            try TokenizerFolder.load(TokenizerFixtures.folder("xlmr", ["tokenizer.json"]))
                as? any PieceDroppingTokenizer)
        func cut(_ probability: Double, _ seed: UInt64) -> [Int32] {
            var text = "the house by the river, talo joen varrella"
            var ids: [Int32] = []
            var dropout = PieceDropout(probability: probability, seed: seed)
            text.withUTF8 { tokenizer.appendSubwords(utf8: $0, dropping: &dropout, to: &ids) }
            return ids
        }
        #expect(cut(0, 1) == tokenizer.subwords("the house by the river, talo joen varrella"))
        #expect(cut(0.9, 1) == cut(0.9, 1))
        #expect(Set((0..<20 as Range<UInt64>).map { cut(0.9, $0) }).count > 15)
    }
}
