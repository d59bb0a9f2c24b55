import Foundation
import TestSupport
import Testing

@testable import Encoder

/// Vocabularies as published checkpoints have them: holes, blank lines, pieces that differ in their bytes alone, and
/// settings that are not the encoder's. What is expected is what Hugging Face's libraries give.
@Suite struct OddVocabulariesTests {
    private static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]

    /// A WordPiece tokenizer.json without a normalizer, split at white space.
    private func json(_ pieces: [(String, Int)], more: String = "") -> String {
        let vocabulary = Self.special.enumerated().map { ($1, $0) } + pieces
        let entries = vocabulary.map { "\"\($0.0)\": \($0.1)" }.joined(separator: ", ")
        let added = Self.special.enumerated().map {
            #"{"id": \#($0), "content": "\#($1)", "special": true, "normalized": false, "lstrip": false, "#
                + #""rstrip": false, "single_word": false}"#
        }
        return """
            {"version": "1.0", \(more)"added_tokens": [\(added.joined(separator: ", "))], "normalizer": null,
             "pre_tokenizer": {"type": "WhitespaceSplit"},
             "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}, "decoder": null,
             "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
                       "max_input_chars_per_word": 100, "vocab": {\(entries)}}}
            """
    }

    private func ids(_ text: String, _ contents: [String: String]) throws -> [Int32] {
        try TokenizerFolder.load(TokenizerFixtures.folder(text: contents)).subwords(text)
    }

    @Test("ids without a piece are holes, not errors: the ids are those the file states")
    func holes() throws {
        let contents = ["tokenizer.json": json([("house", 9), ("##s", 12)])]
        #expect(try ids("houses house dog", contents) == [9, 12, 9, 1])
        #expect(try TokenizerFolder.load(TokenizerFixtures.folder(text: contents)).vocabularySize == 13)
    }

    @Test("every line of a vocab.txt is an id, blank ones too")
    func blankLines() throws {
        let lines = Self.special + ["", "", "house", "\u{3000}", "\u{a0}", "dog", " ", "##s"]
        let contents = ["vocab.txt": lines.joined(separator: "\n") + "\n"]
        #expect(try ids("houses dog", contents) == [7, 12, 10])
    }

    @Test("pieces that Swift's == takes for one are several: composed, decomposed, marks in two orders")
    func canonicallyEqual() throws {
        let pieces = ["\u{e9}", "e\u{301}", "a\u{651}\u{64e}", "a\u{64e}\u{651}"]
        #expect(Set(pieces).count == 2)
        let contents = ["tokenizer.json": json(pieces.enumerated().map { ($1, $0 + 5) })]
        #expect(try ids(pieces.joined(separator: " "), contents) == [5, 6, 7, 8])
    }

    @Test("truncation, padding and lengths that a tokenizer's files state are not applied")
    func truncation() throws {
        let more = """
            "truncation": {"direction": "Right", "max_length": 4, "strategy": "LongestFirst", "stride": 0},
            "padding": {"strategy": {"Fixed": 8}, "direction": "Right", "pad_to_multiple_of": null, "pad_id": 0,
                        "pad_type_id": 0, "pad_token": "[PAD]"},
            """
        let contents = [
            "tokenizer.json": json([("a", 5), ("b", 6)], more: more),
            "tokenizer_config.json": #"{"model_max_length": 4}"#,
        ]
        #expect(try ids("a b a b a b", contents) == [5, 6, 5, 6, 5, 6])
        #expect(try ids("a", contents) == [5])
    }

    @Test("a vocabulary may have fewer pieces than the model has rows, not more")
    func rowsWithoutPieces() throws {
        let folder = try TemporaryFolder()
        try TinyCheckpoint().write(to: folder.path)
        let path = folder.path + "/vocab.txt"
        let whole = try String(contentsOfFile: path, encoding: .utf8)
        let lines = whole.split(separator: "\n")
        try folder.write("vocab.txt", lines.dropLast(3).joined(separator: "\n") + "\n")
        let fewer = try Checkpoint(folder: folder.path)
        #expect(try fewer.tokenizer().vocabularySize == fewer.configuration.vocabularySize - 3)
        try folder.write("vocab.txt", whole + "one\n")
        let more = try Checkpoint(folder: folder.path)
        let error = #expect(throws: CheckpointError.self) { try more.tokenizer() }
        #expect(error?.description.contains("belong to different models") == true)
    }
}
