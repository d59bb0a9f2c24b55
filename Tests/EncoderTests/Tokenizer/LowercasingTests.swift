import Foundation
import Testing

@testable import Encoder

/// `do_lower_case` of sentence-transformers, text by text, with the ids the library gives
/// (tools/goldens/make-sentence-convention-goldens).
@Suite struct LowercasingTests {
    private struct Golden: Decodable {
        struct Case: Decodable {
            let base: String
            /// JSON that stands in the place of the base's normalizer.
            let normalizer: String?
            let ids: [String]
        }
        let texts: [String]
        let lowered: [Case]
    }

    private func tokenizer(_ expected: Golden.Case) throws -> any Tokenizer {
        let path = "\(TokenizerFixtures.folder)/\(expected.base)/tokenizer.json"
        guard let normalizer = expected.normalizer else {
            return try TokenizerFolder.load("\(TokenizerFixtures.folder)/\(expected.base)")
        }
        var document = try #require(
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any])
        document["normalizer"] = try JSONSerialization.jsonObject(with: Data(normalizer.utf8))
        let folder = try Fixtures.temporaryFolder()
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try JSONSerialization.data(withJSONObject: document).write(
            to: URL(fileURLWithPath: folder + "/tokenizer.json"))
        return try TokenizerFolder.load(folder)
    }

    @Test("İ, ẞ, final sigma, marks and special tokens, before every kind of normalizer")
    func goldens() throws {
        let golden = try JSONDecoder().decode(
            Golden.self, from: Data(contentsOf: URL(fileURLWithPath: "\(Fixtures.folder)/sentence-conventions.json")))
        #expect(golden.lowered.count == 10)
        for expected in golden.lowered {
            let plain = try tokenizer(expected), lowering = plain.lowercasing()
            #expect(expected.ids.count == golden.texts.count)
            var differ = 0
            for (text, ids) in zip(golden.texts, expected.ids) {
                let found = lowering.encoded(text).map(String.init).joined(separator: " ")
                #expect(found == ids, "\(expected.base), \(expected.normalizer ?? "its own"): \(text)")
                if plain.encoded(text) != lowering.encoded(text) { differ += 1 }
            }
            // A Lowercase of its own, alone or right in the sequence, is enough.
            let hasLowercase = lowering as AnyObject === plain as AnyObject
            let own =
                expected.normalizer.map { $0.contains("Lowercase") && !$0.contains("[{\"type\": \"Lower") } ?? false
            #expect(hasLowercase == own)
            #expect((differ == 0) == (own || ["uncased", "added"].contains(expected.base)))
            #expect(lowering.lowercasing() as AnyObject === lowering as AnyObject)
        }
    }

    @Test("pieces keep their names")
    func pieces() throws {
        for base in ["added", "xlmr"] {
            let plain = try TokenizerFolder.load("\(TokenizerFixtures.folder)/\(base)")
            let ids = (0..<Int32(plain.vocabularySize)).map { $0 }
            #expect(plain.lowercasing().pieces(of: ids) == plain.pieces(of: ids))
        }
    }
}
