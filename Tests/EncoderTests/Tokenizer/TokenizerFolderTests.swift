import Diagnostics
import Files
import Foundation
import Testing

@testable import Encoder

/// Which file is read, what configurations change, and what a person reads when a folder is wrong.
struct TokenizerFolderTests {
    private static let vocabulary = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nCafé\ncafe\ncafé\n河\n##s\n家\n河家\nİ\n"

    private func message(_ contents: [String: [UInt8]]) throws -> String {
        let folder = try TokenizerFixtures.folder(contents)
        do {
            _ = try TokenizerFolder.load(folder)
            return "no error"
        } catch let error as any Diagnosable {
            #expect(error.exitStatus == .badInput || error.exitStatus == .missingInput)
            return error.description.replacingOccurrences(of: folder + "/", with: "")
        }
    }

    private func message(_ contents: [String: String]) throws -> String {
        try message(contents.mapValues { Array($0.utf8) })
    }

    private func ids(_ text: String, _ contents: [String: String]) throws -> [Int32] {
        try TokenizerFolder.load(TokenizerFixtures.folder(text: contents)).subwords(text)
    }

    @Test("without a configuration a vocab.txt is uncased, as Hugging Face's BertTokenizer")
    func defaults() throws {
        #expect(try ids("Cafés", ["vocab.txt": Self.vocabulary]) == [6, 9])
        #expect(try ids("河家", ["vocab.txt": Self.vocabulary]) == [8, 10])
    }

    @Test("tokenizer_config.json decides on case, accents and ideographs")
    func configuration() throws {
        func ids(_ text: String, _ config: String) throws -> [Int32] {
            try self.ids(text, ["vocab.txt": Self.vocabulary, "tokenizer_config.json": config])
        }
        #expect(try ids("Café", #"{"do_lower_case": false}"#) == [5])
        #expect(try ids("Café", #"{"do_lower_case": true, "strip_accents": false}"#) == [7])
        #expect(try ids("café", #"{"do_lower_case": false, "strip_accents": true}"#) == [6])
        #expect(try ids("河家", #"{"tokenize_chinese_chars": false}"#) == [11])
        #expect(try ids("İ", #"{"do_lower_case": false}"#) == [12])
        #expect(try ids("[SEP]河[MASK]", "{}") == [3, 8, 4])
        #expect(
            try ids("<x>河", #"{"added_tokens_decoder": {"13": {"content": "<x>", "special": true}}}"#) == [13, 8])
    }

    @Test("switches stated in tokenizer_config.json win over tokenizer.json; others stay")
    func precedence() throws {
        let folder = try TokenizerFixtures.folder("cased", ["tokenizer.json"])
        let cased = try TokenizerFolder.load(folder).subwords("ÄITI")
        try Data(#"{"do_lower_case": true, "strip_accents": null}"#.utf8)
            .write(to: URL(fileURLWithPath: folder + "/tokenizer_config.json"))
        let lower = try TokenizerFolder.load(folder)
        #expect(lower.subwords("ÄITI") == lower.subwords("aiti"))
        #expect(lower.subwords("ÄITI") != cased)
    }

    @Test("windows line ends and a missing last line feed change no id")
    func lineEnds() throws {
        let windows = Self.vocabulary.replacingOccurrences(of: "\n", with: "\r\n")
        #expect(try ids("cafes", ["vocab.txt": windows]) == [6, 9])
        #expect(
            try ids(
                "İ",
                ["vocab.txt": String(Self.vocabulary.dropLast()), "tokenizer_config.json": #"{"do_lower_case":false}"#])
                == [12])
    }

    @Test func vocabularySize() throws {
        let tokenizer = try TokenizerFolder.load(TokenizerFixtures.folder(text: ["vocab.txt": Self.vocabulary]))
        #expect(tokenizer.vocabularySize == 13)
        #expect(
            tokenizer.specialTokens
                == SpecialTokens(
                    start: 2, separator: 3, padding: 0, unknown: 1, pairSeparators: 1, secondSegmentType: 1))
        let xlmr = try TokenizerFolder.load(TokenizerFixtures.folder("xlmr", ["sentencepiece.bpe.model"]))
        let json = try TokenizerFolder.load(TokenizerFixtures.folder("xlmr", ["tokenizer.json"]))
        #expect(xlmr.vocabularySize == json.vocabularySize && xlmr.specialTokens == json.specialTokens)
        #expect(xlmr.specialTokens.template.between.count == 2 && xlmr.specialTokens.template.secondSegmentType == 0)
    }

    @Test("the fingerprint follows what defines the ids, and nothing else")
    func fingerprint() throws {
        let contents = ["vocab.txt": Self.vocabulary]
        let first = try TokenizerFolder.fingerprint(TokenizerFixtures.folder(text: contents))
        #expect(try TokenizerFolder.fingerprint(TokenizerFixtures.folder(text: contents)) == first)
        func other(_ change: [String: String]) throws -> Bool {
            try TokenizerFolder.fingerprint(
                TokenizerFixtures.folder(text: contents.merging(change, uniquingKeysWith: { $1 }))) != first
        }
        #expect(try other(["vocab.txt": Self.vocabulary + "x\n"]))
        #expect(try other(["tokenizer_config.json": #"{"do_lower_case": false}"#]))
        #expect(try !other(["config.json": "{}", "README.md": "x", "model.safetensors": ""]))
        #expect(try TokenizerFolder.fingerprint(TokenizerFixtures.folder(text: ["config.json": "{}"])) != first)
    }

    @Test("folders without a tokenizer, or with one Polylex does not have, say so")
    func otherFolders() throws {
        #expect(try message(["config.json": "{}"]).contains("no tokenizer found"))
        #expect(try message(["vocab.json": "{}"]).contains("vocab.json: merges.txt is missing beside it"))
        #expect(try message(["merges.txt": "#version: 0.2"]).contains("merges.txt: vocab.json is missing beside it"))
        #expect(try message(["spiece.model": "x"]).contains("save the tokenizer with transformers"))
        #expect(throws: SystemFault.self) { try TokenizerFolder.load("/nonexistent-folder") }
        let japanese = try message([
            "vocab.txt": Self.vocabulary, "tokenizer_config.json": #"{"tokenizer_class": "BertJapaneseTokenizer"}"#,
        ])
        #expect(japanese.contains("BertJapaneseTokenizer"))
    }

    @Test func brokenVocabularies() throws {
        #expect(try message(["vocab.txt": ""]).contains("an empty file"))
        #expect(
            try message(["vocab.txt": Array("[PAD]\n[UNK]\n".utf8) + [0xFF, 0x0A]]).contains("line 3: expected UTF-8"))
        #expect(try message(["vocab.txt": Array("[PAD]\nk".utf8) + [0xC3]]).contains("cut off"))
        #expect(try message(["vocab.txt": "[PAD]\n[UNK]\n[CLS]\n"]).contains("'[SEP]' is not in the vocabulary"))
        #expect(try message(["vocab.txt": "[PAD]\n[CLS]\n[SEP]\n"]).contains("'[UNK]' is not in the vocabulary"))
        let folder = try TokenizerFixtures.folder(text: [:])
        try FileManager.default.createDirectory(atPath: folder + "/vocab.txt", withIntermediateDirectories: true)
        #expect(throws: FileError.self) { try TokenizerFolder.load(folder) }
    }

    @Test func brokenConfigurations() throws {
        func configured(_ text: String) throws -> String {
            try message(["vocab.txt": Self.vocabulary, "tokenizer_config.json": text])
        }
        #expect(
            try configured(#"{"do_lower_case": "yes"}"#).contains("key do_lower_case: expected true, false or null"))
        #expect(try configured(#"{"cls_token": 3}"#).contains("key cls_token"))
        #expect(try configured(#"{"cls_token": "<none>"}"#).contains("'<none>' is not in the vocabulary"))
        #expect(try configured("[1]").contains("expected an object"))
        #expect(try configured(#"{"a": }"#).contains("key a, byte 6"))
        #expect(try configured("").contains("an empty file"))
        #expect(try configured(#"{"added_tokens_decoder": {"-1": {"content": "x"}}}"#).contains("'-1'"))
    }

    @Test("of equal pieces the last one counts, as in the library")
    func repeatedPieces() throws {
        let more = Self.vocabulary + "cafe\n##s\n"
        #expect(try ids("cafes", ["vocab.txt": more]) == [13, 14])
        #expect(try TokenizerFolder.load(TokenizerFixtures.folder(text: ["vocab.txt": more])).vocabularySize == 15)
    }

    @Test("tokens of added_tokens.json are added, with the ids the library gives them")
    func legacyAddedTokens() throws {
        #expect(
            try ids("[MASK]", ["vocab.txt": Self.vocabulary, "added_tokens.json": #"{"[MASK]": 4, "cafe": 6}"#]) == [4])
        #expect(
            try ids("[NEW]café", ["vocab.txt": Self.vocabulary, "added_tokens.json": #"{"[NEW]": 13}"#]) == [13, 6])
        #expect(
            try message(["vocab.txt": Self.vocabulary, "added_tokens.json": #"{"[NEW]": "a"}"#]).contains("key [NEW]"))
    }

    @Test("a tokenizer.json that is broken or of another kind is named by its key")
    func brokenJSON() throws {
        let path = TokenizerFixtures.folder + "/uncased/tokenizer.json"
        let good = try String(contentsOfFile: path, encoding: .utf8)
        func edited(_ old: String, _ new: String) throws -> String {
            let text = good.replacingOccurrences(of: old, with: new)
            #expect(text != good)
            return try message(["tokenizer.json": text])
        }
        #expect(
            try edited(#""type":"WordPiece","unk"#, #""type":"Unknown","unk"#).contains(
                "the model 'Unknown' (key model.type)"))
        #expect(
            try edited(#""type":"WordPiece","unk"#, #""type":"BPE","unk"#).contains(
                "key model.merges: expected an array"))
        #expect(try edited("BertNormalizer", "NFX").contains("the normalizer 'NFX' (key normalizer) is not supported"))
        #expect(try edited("BertPreTokenizer", "Byte").contains("the pre_tokenizer 'Byte' (key pre_tokenizer)"))
        #expect(try edited("TemplateProcessing", "Template").contains("the post_processor 'Template'"))
        #expect(try edited(#""clean_text":true"#, #""clean_text":1"#).contains("key normalizer.clean_text"))
        #expect(
            try edited(#""id":0,"content":"[PAD]""#, #""id":-7,"content":"[PAD]""#).contains("key added_tokens.0.id"))
        #expect(try edited(#""unk_token":"[UNK]""#, #""unk_token":"[NO]""#).contains("'[NO]' is not in the vocabulary"))
        #expect(try edited(#""[PAD]":0,"#, #""[PAD]":"0","#).contains("key model.vocab"))
        #expect(try edited(#""[PAD]":0,"#, #""[PAD]":99999999999,"#).contains("key model.vocab"))
        #expect(try message(["tokenizer.json": #"{"version": "1.0"}"#]).contains("key model"))
        #expect(try message(["tokenizer.json": String(good.prefix(good.count / 2))]).contains("the end of the file"))
        #expect(try message(["tokenizer.json": good + "x"]).contains("expected the end of the file, found 'x'"))
        #expect(try message(["tokenizer.json": String(repeating: "[", count: 1_000_000)]).contains("expected"))
    }

    @Test func brokenUnigramJSON() throws {
        let path = TokenizerFixtures.folder + "/xlmr/tokenizer.json"
        let good = try String(contentsOfFile: path, encoding: .utf8)
        func edited(_ old: String, _ new: String) throws -> String {
            let text = good.replacingOccurrences(of: old, with: new)
            #expect(text != good)
            return try message(["tokenizer.json": text])
        }
        #expect(try edited(#""unk_id":3"#, #""unk_id":null"#).contains("key model.unk_id"))
        #expect(try edited(#""byte_fallback":false"#, #""byte_fallback":1"#).contains("key model.byte_fallback"))
        #expect(try edited("WhitespaceSplit", "Split").contains("key pre_tokenizer.pretokenizers.0.behavior"))
        #expect(try edited(#"["<pad>",0.0]"#, #"["<pad>"]"#).contains("key model.vocab"))
        #expect(try edited(#""precompiled_charsmap":""#, #""precompiled_charsmap":"????"#).contains("base 64"))
        #expect(try edited(#""precompiled_charsmap":""#, #""precompiled_charsmap":"/////"#).contains("base 64"))
        #expect(try edited(#""precompiled_charsmap":""#, #""precompiled_charsmap":"////"#).contains("character map"))
    }

    @Test("a truncated SentencePiece model is an error wherever it is cut")
    func truncatedSentencePiece() throws {
        let good = [UInt8](
            try Data(contentsOf: URL(fileURLWithPath: TokenizerFixtures.folder + "/xlmr/sentencepiece.bpe.model")))
        #expect(try message(["sentencepiece.bpe.model": good]) == "no error")
        for length in Array(0..<64) + Array(stride(from: 64, to: good.count, by: 397)) + [good.count - 1] {
            let text = try message(["sentencepiece.bpe.model": Array(good[..<length])])
            #expect(text.contains("sentencepiece.bpe.model") && text.contains("expected"), "cut at \(length): \(text)")
        }
        let other = try message([
            "sentencepiece.bpe.model": good,
            "tokenizer_config.json": Array(#"{"tokenizer_class": "MBartTokenizer"}"#.utf8),
        ])
        #expect(other.contains("MBartTokenizer"))
    }

    @Test("every message begins with the file")
    func messages() {
        let errors: [TokenizerError] = [
            .unrecognised(folder: "f"), .unsupported(file: "f", found: "x", supported: "y"),
            .malformed(file: "f", place: "p", expected: "x", found: "y"),
            .incomplete(file: "f", missing: "merges.txt"),
            .missingToken(file: "f", token: "t"), .tooLarge(file: "f", what: "w", size: 2, limit: 1),
        ]
        for error in errors { #expect(error.description.hasPrefix("f") && error.description.count > 20) }
    }
}
