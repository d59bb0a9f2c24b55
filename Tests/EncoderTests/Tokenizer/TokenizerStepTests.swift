import Diagnostics
import Files
import Foundation
import Testing

@testable import Encoder

/// Steps of tokenizer.json one by one: what is read, what is inferred, and what a person reads when a step is wrong.
struct TokenizerStepTests {
    private func step(_ json: String) throws -> StepDescription {
        let folder = try TokenizerFixtures.folder(text: ["step.json": json])
        return StepDescription(
            value: try JSONReader.read(folder + "/step.json") { try $0.value() }, place: "key step",
            file: "tokenizer.json")
    }

    private func normalized(_ text: String, _ json: String) throws -> String {
        var result = NormalizedText(Array(text.utf8))
        for normalizer in try step(json).normalizers() { normalizer.normalize(&result) }
        return UTF8Text.string(result.bytes)
    }

    private func parts(_ text: String, _ json: String) throws -> [String] {
        var result = PreTokenizedText()
        Array(text.utf8).withUnsafeBufferPointer { result.begin($0, isFirst: true) }
        for preTokenizer in try step(json).preTokenizers() { preTokenizer.cut(&result) }
        return result.parts.map { UTF8Text.string(result.bytes[$0.range]) }
    }

    private func message(_ body: () throws -> some Any) -> String {
        do {
            _ = try body()
            return "no error"
        } catch let error as any Diagnosable {
            return error.description
        } catch {
            return "\(error)"
        }
    }

    @Test("steps without a type are told from their members, as in files of the library's first releases")
    func inference() throws {
        #expect(
            try normalized(
                " ÄB", #"{"clean_text":true,"handle_chinese_chars":true,"strip_accents":null,"lowercase":true}"#)
                == " ab")
        #expect(try normalized(" b ", #"{"strip_left":true,"strip_right":false}"#) == "b ")
        #expect(
            try normalized("b", #"{"normalizers":[{"prepend":"a"},{"pattern":{"String":"b"},"content":"c"}]}"#) == "ac")
        #expect(
            try parts(
                "a 12", #"{"pretokenizers":[{"replacement":"_","add_prefix_space":true},{"individual_digits":true}]}"#)
                == ["_a", "_", "1", "2"])
        #expect(try step(#"{"sep":["[SEP]",3],"cls":["[CLS]",2]}"#).sequenceTemplate()?.between == [3])
        #expect(
            try step(#"{"sep":["</s>",2],"cls":["<s>",0],"trim_offsets":true,"add_prefix_space":true}"#)
                .sequenceTemplate()?
                .between == [2, 2])
    }

    @Test("a step that is wrong is named by its key")
    func faults() {
        func normalizer(_ json: String) -> String { message { try step(json).normalizers() } }
        func cutter(_ json: String) -> String { message { try step(json).preTokenizers() } }
        #expect(
            normalizer(#"{"type":"Sequence","normalizers":[{"type":"NFC"},{"type":"Strip"}]}"#)
                .contains("key step.normalizers.1.strip_left: expected true or false, found nothing"))
        #expect(
            normalizer(#"{"type":"Replace","pattern":{"Regex":"(a"},"content":""}"#)
                .contains(
                    "key step.pattern: expected a regular expression, found '(a' (end pattern with unmatched paren"
                ))
        #expect(
            normalizer(#"{"type":"Replace","pattern":"a","content":""}"#).contains(#"{"String": …} or {"Regex": …}"#))
        #expect(normalizer(#"{"type":"Prepend"}"#).contains("key step.prepend: expected a string"))
        #expect(normalizer("[]").contains("the normalizer an array (key step) is not supported"))
        #expect(
            cutter(#"{"type":"Split","pattern":{"String":"a"},"behavior":"Kept","invert":false}"#)
                .contains("key step.behavior: expected Removed, Isolated"))
        #expect(
            cutter(#"{"type":"Metaspace","replacement":"ab"}"#).contains("key step.replacement: expected one character")
        )
        #expect(
            cutter(#"{"type":"Metaspace","replacement":"a","prepend_scheme":"last"}"#).contains(
                "always, first or never"))
        #expect(cutter(#"{"type":"FixedLength","length":0}"#).contains("a number above 0"))
        #expect(
            message { try step(#"{"type":"BertProcessing","sep":["[SEP]",-3],"cls":["[CLS]",2]}"#).sequenceTemplate() }
                .contains("key step.sep: expected a token and its id"))
        #expect(
            message {
                try step(
                    #"{"type":"Sequence","processors":[{"cls":["a",1],"sep":["b",2]},{"cls":["a",1],"sep":["b",2]}]}"#
                ).sequenceTemplate()
            }
            .contains("is not supported"))
    }

    @Test("a pattern's matches are those of the library, empty ones too")
    func matches() throws {
        func found(_ pattern: String, _ text: String) throws -> [Range<Int>] {
            var matches: [Range<Int>] = []
            let expression = try RegularExpression(pattern)
            Array(text.utf8).withUnsafeBufferPointer { expression.forEachMatch(in: $0) { matches.append($0) } }
            return matches
        }
        #expect(try found("o*", "xoäo") == [0..<0, 1..<2, 4..<5])
        #expect(try found("", "aä") == [0..<0, 1..<1, 3..<3])
        #expect(try found("a", "") == [])
        #expect(try found(#"\s+(?!\S)|\s+"#, "a  b ") == [1..<2, 2..<3, 4..<5])
        #expect(throws: RegularExpression.Fault.self) { try RegularExpression(String(repeating: "a", count: 20_000)) }
        #expect(throws: RegularExpression.Fault.self) { try RegularExpression("\\p{NoSuchProperty}") }
    }

    @Test("a pattern that backtracks for ever is given up, not waited for")
    func catastrophe() throws {
        let expression = try RegularExpression("(a|aa|aaa)*(a|aa)*(aa|aaa)*c")
        var count = 0
        let text = Array(String(repeating: "a", count: 5_000).utf8)
        text.withUnsafeBufferPointer { expression.forEachMatch(in: $0) { _ in count += 1 } }
        #expect(count == 0)
    }

    @Test(
        "GPT-2's pattern by hand cuts as Oniguruma does",
        arguments: [
            "I'll don't 'tis we've", "  two   spaces \n\n x", "a1b22 ½² ٣٤x", "", " ", "'", "''s", "\u{3000}\u{a0} y ",
            "日本語 テスト 123", "e\u{301} \u{301}x",
        ])
    func bytePattern(_ text: String) throws {
        let expression = try RegularExpression(
            #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+"#)
        Array(text.utf8).withUnsafeBufferPointer { bytes in
            var (found, expected): ([Range<Int>], [Range<Int>]) = ([], [])
            ByteLevelPreTokenizer.forEachWord(in: bytes) { found.append($0) }
            expression.forEachMatch(in: bytes) { expected.append($0) }
            #expect(found == expected)
        }
    }

    @Test("only the first part of a text, and only at its beginning, gets a mark of the scheme 'first'")
    func firstMark() throws {
        let metaspace = #"{"type":"Metaspace","replacement":"▁","prepend_scheme":"first"}"#
        #expect(try parts("a b", metaspace) == ["▁a", "▁b"])
        let both = #"{"type":"Sequence","pretokenizers":[{"type":"WhitespaceSplit"},\#(metaspace)]}"#
        #expect(try parts("a b", both) == ["▁a", "b"])
        #expect(try parts(" a b", both) == ["a", "b"])
    }

    @Test("added tokens have the ids the library gives them: the vocabulary's, or the next free ones")
    func numbering() throws {
        let json = """
            {"added_tokens":[{"id":77,"content":"<x>","special":true},
                             {"id":3,"content":"b","special":false,"normalized":true}],
             "normalizer":null,"pre_tokenizer":{"type":"BertPreTokenizer"},
             "post_processor":{"cls":["[UNK]",0],"sep":["[UNK]",0]},
             "model":{"unk_token":"[UNK]","continuing_subword_prefix":"##","max_input_chars_per_word":100,
             "vocab":{"[UNK]":0,"a":1,"b":9,"":4}}}
            """
        let tokenizer = try TokenizerFolder.load(TokenizerFixtures.folder(text: ["tokenizer.json": json]))
        #expect(tokenizer.subwords("a<x>b") == [1, 4, 9])
    }

    @Test("a BPE model that names what is not there, or would give other ids at every call, is refused")
    func bytePairs() throws {
        func tokenizer(_ model: String) -> String {
            message {
                try TokenizerFolder.load(
                    TokenizerFixtures.folder(text: [
                        "tokenizer.json":
                            #"{"post_processor":{"cls":["a",0],"sep":["a",0]},"model":{"type":"BPE",\#(model)}}"#
                    ]))
            }
        }
        #expect(tokenizer(#""vocab":{"a":0,"b":1,"ab":2},"merges":["a b"]"#) == "no error")
        #expect(
            tokenizer(#""vocab":{"a":0,"b":1},"merges":["a b"]"#).contains(
                "merge 0: expected pieces of the vocabulary, found 'ab'"))
        #expect(tokenizer(#""vocab":{"a":0,"b":1},"merges":["ab"]"#).contains("two pieces and a space between them"))
        #expect(tokenizer(#""vocab":{"a":0,"b":1},"merges":[["a"]]"#).contains("a pair of pieces"))
        #expect(tokenizer(#""vocab":{"a":0}"#).contains("key model.merges: expected an array"))
        #expect(tokenizer(#""vocab":{"a":0},"merges":[],"dropout":0.1"#).contains("key model.dropout of 0.1"))
        #expect(tokenizer(#""vocab":{"a":0},"merges":[],"unk_token":"<u>""#).contains("'<u>' is not in the vocabulary"))
        #expect(tokenizer(#""vocab":[["a",0]],"merges":[]"#).contains("an object of pieces and ids"))
    }
}
