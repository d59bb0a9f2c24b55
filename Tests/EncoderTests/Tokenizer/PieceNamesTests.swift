import Foundation
import Testing

@testable import Encoder

/// What ids are called is what the vocabulary's file says, which is what transformers shows.
struct PieceNamesTests {
    /// Every id's name, read from `tokenizer.json` on its own.
    private func names(_ fixture: String) throws -> [Int32: String] {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(TokenizerFixtures.folder)/\(fixture)/tokenizer.json"))
        let document = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        let model = try #require(document["model"] as? [String: Any])
        var names: [Int32: String] = [:]
        if let vocabulary = model["vocab"] as? [String: Int] {
            for (piece, id) in vocabulary { names[Int32(id)] = piece }
        } else {
            let pieces = try #require(model["vocab"] as? [[Any]])
            for (id, entry) in pieces.enumerated() { names[Int32(id)] = entry[0] as? String }
        }
        for token in document["added_tokens"] as? [[String: Any]] ?? [] {
            let id = try #require(token["id"] as? Int)
            names[Int32(id)] = token["content"] as? String
        }
        return names
    }

    @Test(arguments: ["cased", "uncased", "added", "xlmr", "bytelevel", "bytefallback"])
    func everyIdHasItsNameFromTheFile(_ fixture: String) throws {
        let tokenizer = try TokenizerFolder.load(TokenizerFixtures.folder(fixture, ["tokenizer.json"]))
        let names = try names(fixture)
        #expect(names.count > 100)
        let ids = names.keys.sorted()
        for (id, name) in zip(ids, tokenizer.pieces(of: ids)) {
            // Compared by bytes: composed and decomposed forms are two pieces.
            #expect(name.map { Array($0.utf8) } == names[id].map { Array($0.utf8) }, "\(id)")
        }
        #expect(tokenizer.pieces(of: [Int32(tokenizer.vocabularySize) + 5, -1]) == [nil, nil])
    }

    @Test func otherFilesOfAFolderGiveTheSameNames() throws {
        for (fixture, files) in [
            ("cased", ["vocab.txt", "tokenizer_config.json"]), ("xlmr", ["sentencepiece.bpe.model"]),
            ("bytelevel", ["vocab.json", "merges.txt"]),
        ] {
            let names = try names(fixture)
            let tokenizer = try TokenizerFolder.load(TokenizerFixtures.folder(fixture, files))
            let ids = tokenizer.subwords("The dog's house, 12 Häuser")
            #expect(!ids.isEmpty && tokenizer.pieces(of: ids) == ids.map { names[$0] }, "\(fixture)")
        }
    }
}
