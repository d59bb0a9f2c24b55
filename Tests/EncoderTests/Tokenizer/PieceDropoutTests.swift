import Testing

@testable import Encoder

struct PieceDropoutTests {
    private static let pieces = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "h", "##o", "##u", "##s", "##e", "house", "ho", "##use", "##us",
        "cat", "c", "##a", "q",
    ]

    private func tokenizer() throws -> any PieceDroppingTokenizer {
        let folder = try TokenizerFixtures.folder(text: ["vocab.txt": Self.pieces.map { $0 + "\n" }.joined()])
        return try #require(try TokenizerFolder.load(folder) as? any PieceDroppingTokenizer)
    }

    private func cut(_ text: String, _ tokenizer: any PieceDroppingTokenizer, _ probability: Double, seed: UInt64)
        -> [String]
    {
        var text = text, ids: [Int32] = []
        var dropout = PieceDropout(probability: probability, seed: seed)
        text.withUTF8 { tokenizer.appendSubwords(utf8: $0, dropping: &dropout, to: &ids) }
        return ids.map { Self.pieces[Int($0)] }
    }

    @Test("without a probability the pieces are the usual ones")
    func none() throws {
        let tokenizer = try tokenizer()
        for text in ["house", "House cat, house", "x", "", "hous"] {
            #expect(cut(text, tokenizer, 0, seed: 5) == tokenizer.subwords(text).map { Self.pieces[Int($0)] })
        }
    }

    @Test("every cut spells the word, several occur, and how often is what the probability says")
    func shares() throws {
        let tokenizer = try tokenizer()
        var seen: [[String]: Int] = [:]
        for seed in 0..<20_000 as Range<UInt64> { seen[cut("house", tokenizer, 0.3, seed: seed), default: 0] += 1 }
        for pieces in seen.keys { #expect(pieces.map { $0.replacing("##", with: "") }.joined() == "house") }
        // The longest piece stays with 1 - p; "ho" then with 1 - p, and "##use" after it with 1 - p.
        let expected = [
            ["house"]: 0.7, ["ho", "##use"]: 0.3 * 0.7 * 0.7, ["ho", "##us", "##e"]: 0.3 * 0.7 * 0.3 * 0.7,
            ["ho", "##u", "##s", "##e"]: 0.3 * 0.7 * 0.3 * 0.3, ["h", "##o", "##use"]: 0.3 * 0.3 * 0.7,
            ["h", "##o", "##us", "##e"]: 0.3 * 0.3 * 0.3 * 0.7,
            ["h", "##o", "##u", "##s", "##e"]: 0.3 * 0.3 * 0.3 * 0.3,
        ]
        #expect(Set(seen.keys) == Set(expected.keys))
        // 20,000 draws: four standard deviations of the largest share are 0.013.
        for (pieces, share) in expected {
            #expect(abs(Double(seen[pieces] ?? 0) / 20_000 - share) < 0.013, "\(pieces)")
        }
    }

    @Test("a seed cuts the same way again, and a text's words each their own")
    func seeds() throws {
        let tokenizer = try tokenizer()
        let text = Array(repeating: "house", count: 40).joined(separator: " ")
        #expect(cut(text, tokenizer, 0.5, seed: 1) == cut(text, tokenizer, 0.5, seed: 1))
        #expect(cut(text, tokenizer, 0.5, seed: 1) != cut(text, tokenizer, 0.5, seed: 2))
        #expect(Set(cut(text, tokenizer, 0.5, seed: 1)).count > 4)
    }

    @Test("a word that other pieces cannot spell is cut as always; one that none can is unknown")
    func deadEnds() throws {
        let tokenizer = try tokenizer()
        // "c" and "##a" are pieces, "##t" is none.
        for seed in 0..<200 as Range<UInt64> {
            #expect(cut("cat", tokenizer, 0.9, seed: seed) == ["cat"])
            #expect(cut("catx", tokenizer, 0.9, seed: seed) == ["[UNK]"])
        }
    }

    @Test(
        "merges of byte-pair models are skipped by chance; every cut spells the text",
        arguments: ["bytelevel", "bytefallback"])
    func bytePairs(_ fixture: String) throws {
        let tokenizer = try #require(
            try TokenizerFolder.load(TokenizerFixtures.folder(fixture, ["tokenizer.json"]))
                as? any PieceDroppingTokenizer)
        let json = try TokenizerJSON(path: "\(TokenizerFixtures.folder)/\(fixture)/tokenizer.json")
        let spelling = Dictionary(
            (0..<json.pieces.count).map { (json.pieces.ids[$0], json.pieces.text($0)) }, uniquingKeysWith: { $1 })
        func cut(_ probability: Double, _ seed: UInt64) -> [Int32] {
            var text = "the house by the river, talo joen varrella"
            var ids: [Int32] = []
            var dropout = PieceDropout(probability: probability, seed: seed)
            text.withUTF8 { tokenizer.appendSubwords(utf8: $0, dropping: &dropout, to: &ids) }
            return ids
        }
        let usual = tokenizer.subwords("the house by the river, talo joen varrella")
        let text = usual.compactMap { spelling[$0] }.joined()
        #expect(cut(0, 1) == usual)
        for seed in 0..<50 as Range<UInt64> {
            let ids = cut(0.3, seed)
            #expect(ids == cut(0.3, seed))
            #expect(ids.compactMap { spelling[$0] }.joined() == text)
        }
        // A skipped merge is tried again after the next one: little is left of skips where a text is one long word.
        #expect(Set((0..<50 as Range<UInt64>).map { cut(0.3, $0) }).count > (fixture == "bytelevel" ? 40 : 4))
        // Nearly every merge is skipped: nearly one id a character.
        #expect(cut(0.999, 1).count > 35)
    }
}
