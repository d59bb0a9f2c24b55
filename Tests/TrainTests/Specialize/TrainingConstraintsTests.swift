import Encoder
import Lexicon
import TestSupport
import Testing

@testable import Train

@Suite struct TrainingConstraintsTests {
    /// One id per byte from 100 on; "#" is the separator's string, "_" tokenises to nothing.
    private struct ByteTokenizer: Tokenizer {
        let vocabularySize = 400
        let specialTokens = SpecialTokens(
            start: 1, separator: 2, padding: 0, unknown: 3, pairSeparators: 1, secondSegmentType: 1)

        func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
            for byte in utf8 where byte != UInt8(ascii: "_") {
                ids.append(byte == UInt8(ascii: "#") ? 2 : 100 + Int32(byte))
            }
        }

        func lowercasing() -> any Tokenizer { self }
    }

    private static let header = "lang1\tword1\tlang2\tword2\tgloss1_lang\tgloss1\tgloss2_lang\tgloss2\tsynset_id\n"

    private func read(
        _ rows: [String], header: String = header, input: TrainingInput = .word, maximumLength: Int = 64,
        excluding: ExcludedWords = ExcludedWords()
    ) throws -> TrainingConstraints {
        let folder = try TemporaryFolder()
        let path = try folder.write("constraints.tsv", header + rows.map { $0 + "\n" }.joined())
        return try TrainingConstraints(
            path: path, tokenizer: ByteTokenizer(), input: input, maximumLength: maximumLength, excluding: excluding)
    }

    @Test func rowsBecomeSequencesOnceEach() throws {
        let constraints = try read([
            "en\tcat\tit\tgatto\ten\tan animal\tit\tun animale\ts1",
            "it\tgatto\tfin\tkissa\t\t\t\t\ts1",
            "en\tdog\tfi\tcat\t\t\t\t\ts2",
        ])
        #expect(constraints.count == 3 && constraints.sequences.count == 4 && constraints.synsetCount == 2)
        #expect(constraints.pairNames == ["en-it", "fi-it", "en-fi"])
        let (sequences, labels) = constraints.batch([0, 2])
        #expect(labels == [0, 1, 0, 1])
        #expect(sequences.map(\.ids.count) == [5, 5, 7, 5])
        #expect(sequences[0] == sequences[3])
        #expect(sequences[0] == TokenSequence(ids: [1, 199, 197, 216, 2], pooled: 1..<4))
        #expect(constraints.counts.read == 3 && constraints.counts.kept == 3)
    }

    @Test func glossesGoWithTheirWordsAndAreCut() throws {
        let constraints = try read(
            [
                "en\tab\tit\tc\ten\txyz\tit\tuvwxyz\ts1",
                "en\tab\tit\tc\ten\tother\tit\tuvwxyz\ts2",
                "en\tab\tit\tc\ten\t\tit\tuvwxyz\ts3",
            ], input: .wordGloss, maximumLength: 8)
        #expect(constraints.count == 2 && constraints.sequences.count == 3)
        #expect(constraints.counts.withoutGloss == 1 && constraints.counts.truncatedSequences == 2)
        let (sequences, _) = constraints.batch([0])
        #expect(
            sequences[0]
                == TokenSequence(ids: [1, 197, 198, 2, 220, 221, 222, 2], secondSegmentStart: 4, pooled: 1..<3))
        #expect(sequences[1].ids == [1, 199, 2, 217, 218, 219, 220, 2] && sequences[1].pooled == 1..<2)
    }

    @Test func wordsOfTestSetsAndWordsWithoutTokensAreDropped() throws {
        var excluded = ExcludedWords()
        excluded.insert("Gatto", language: "it")
        excluded.insert("kissa", language: nil)
        let constraints = try read(
            [
                "en\tcat\tita\tGATTO\t\t\t\t\ts1",
                "en\tgatto\tde\tKatze\t\t\t\t\ts1",
                "sw\tKissa\tde\tKatze\t\t\t\t\ts1",
                "en\t__\tde\tKatze\t\t\t\t\ts1",
                "en\ta#b\tde\tKatze\t\t\t\t\ts1",
                "en\tdog\tde\tHund\t\t\t\t\ts2",
            ], excluding: excluded)
        let counts = constraints.counts
        #expect([counts.read, counts.excluded, counts.empty, counts.separatorInside, counts.kept] == [6, 2, 1, 1, 2])
    }

    /// Cuts "ab" as one id when it is not dropped; letters are ids from 100 on.
    private struct PieceTokenizer: PieceDroppingTokenizer {
        let vocabularySize = 400
        let specialTokens = SpecialTokens(
            start: 1, separator: 2, padding: 0, unknown: 3, pairSeparators: 1, secondSegmentType: 1)
        let bytes = ByteTokenizer()

        func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
            if utf8.elementsEqual("ab".utf8) { ids.append(7) } else { bytes.appendSubwords(utf8: utf8, to: &ids) }
        }

        func lowercasing() -> any Tokenizer { self }

        func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, to ids: inout [Int32]) {
            bytes.appendSubwords(utf8: utf8, to: &ids)
        }
    }

    @Test(arguments: [TrainingInput.word, .wordGloss]) func wordsAreCutAnewForABatchAndGlossesAreNot(
        input: TrainingInput
    ) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            "constraints.tsv", Self.header + "en\tab\tit\tab\ten\tab\tit\tab\ts1\nen\tc\tit\td\ten\tab\tit\tab\ts2\n")
        func read(_ dropout: Double) throws -> TrainingConstraints {
            try TrainingConstraints(
                path: path, tokenizer: PieceTokenizer(), input: input, maximumLength: 64, excluding: ExcludedWords(),
                pieceDropout: dropout)
        }
        let usual = try read(0), anew = try read(0.5)
        let gloss: [Int32] = input == .word ? [] : [7, 2]
        #expect(usual.batch([0]).sequences.map(\.ids) == Array(repeating: [1, 7, 2] + gloss, count: 2))
        #expect(anew.batch([0]).sequences.map(\.ids) == Array(repeating: [1, 197, 198, 2] + gloss, count: 2))
        #expect(anew.batch([0]).sequences[0].pooled == 1..<3)
        // What is cut anew depends on the texts, so a resumed run must have the same.
        #expect(usual.fingerprint != anew.fingerprint)
        #expect {
            try TrainingConstraints(
                path: path, tokenizer: ByteTokenizer(), input: input, maximumLength: 64, excluding: ExcludedWords(),
                pieceDropout: 0.5)
        } throws: { "\($0)".contains("--piece-dropout") }
    }

    @Test func rowsWithAWordThatIsOnlyUnknownAreCounted() throws {
        struct Unknown: Tokenizer {
            let vocabularySize = 400
            let specialTokens = SpecialTokens(
                start: 1, separator: 2, padding: 0, unknown: 3, pairSeparators: 1, secondSegmentType: 1)

            func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
                for byte in utf8 { ids.append(byte < 128 ? Int32(byte) : 3) }
            }

            func lowercasing() -> any Tokenizer { self }
        }
        let folder = try TemporaryFolder()
        let rows = ["en\tcat\tzh\t猫", "zh\t猫\tja\t猫", "en\tcafé\tfr\tcafé", "en\tdog\tit\tcane"]
        let path = try folder.write(
            "constraints.tsv", Self.header + rows.enumerated().map { "\($1)\t\t\t\t\ts\($0)\n" }.joined())
        let counts = try TrainingConstraints(
            path: path, tokenizer: Unknown(), input: .word, maximumLength: 64, excluding: ExcludedWords()
        ).counts
        #expect(counts.kept == 4 && counts.unknown == 2)
    }

    @Test func tablesThatCannotBeTrainedOnAreRefused() throws {
        let good = "en\tcat\tit\tgatto\t\t\t\t\ts1"
        #expect { try read([good, good]) } throws: { "\($0)".contains("every constraint is of the synset 's1'") }
        #expect { try read([]) } throws: { "\($0)".contains("no constraint to train on (0 read") }
        #expect { try read(["en\t_\tit\t_\t\t\t\t\ts1"]) } throws: { "\($0)".contains("1 tokenised to nothing") }
        #expect { try read([good, "en\tdog\tit\tcane\t\t\t\t\ts2"], input: .wordGloss) } throws: {
            "\($0)".contains("--input word-gloss needs glosses")
        }
        #expect { try read([good, "en\tdog\tit"]) } throws: { ($0 as? LexiconError)?.exitStatus == .badInput }
        #expect { try read(["english!\tdog\tit\tcane\t\t\t\t\ts2"]) } throws: { "\($0)".contains("language code") }
        #expect { try read(["en\t\tit\tcane\t\t\t\t\ts2"]) } throws: { "\($0)".contains("line 2") }
        #expect { try read([good], header: "a\tb\tc\n") } throws: { "\($0)".contains("lang1") }
    }

    @Test func theFingerprintIsThatOfWhatTrainingReads() throws {
        let rows = ["en\tcat\tit\tgatto\t\t\t\t\ts1", "en\tdog\tit\tcane\t\t\t\t\ts2"]
        let one = try read(rows).fingerprint
        #expect(try read(rows).fingerprint == one)
        #expect(try read(rows.reversed()).fingerprint != one)
        #expect(try read(rows + ["en\tdog\tit\tcane\t\t\t\t\ts2"]).fingerprint != one)
    }
}
