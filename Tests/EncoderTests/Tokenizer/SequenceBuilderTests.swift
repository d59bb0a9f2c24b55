import Testing

@testable import Encoder

struct SequenceBuilderTests {
    /// One id for each byte, the separator for "|", nothing for a space.
    private struct Letters: Tokenizer {
        let vocabularySize = 256
        let specialTokens: SpecialTokens

        init(pairSeparators: Int) {
            specialTokens = SpecialTokens(
                start: 1, separator: 2, padding: 0, unknown: 3, pairSeparators: pairSeparators,
                secondSegmentType: pairSeparators == 1 ? 1 : 0)
        }

        func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
            for byte in utf8 where byte != UInt8(ascii: " ") {
                ids.append(byte == UInt8(ascii: "|") ? specialTokens.separator : Int32(byte))
            }
        }

        func lowercasing() -> any Tokenizer { self }
    }

    private let bert = Letters(pairSeparators: 1)
    private let roberta = Letters(pairSeparators: 2)

    private func single(_ text: String, _ limit: Int) -> SequenceBuilder.Outcome {
        var text = text
        return text.withUTF8 { SequenceBuilder.single(bert, utf8: $0, maximumLength: limit) }
    }

    private func sense(_ tokenizer: Letters, _ word: String, _ gloss: String, _ limit: Int) -> SequenceBuilder.Outcome {
        var (word, gloss) = (word, gloss)
        return word.withUTF8 { word in
            gloss.withUTF8 { SequenceBuilder.sense(tokenizer, word: word, gloss: $0, maximumLength: limit) }
        }
    }

    private func sequence(_ outcome: SequenceBuilder.Outcome) -> (TokenSequence, truncated: Bool)? {
        if case .sequence(let sequence, let truncated) = outcome { (sequence, truncated) } else { nil }
    }

    @Test func aWordStandsBetweenItsSpecialTokens() throws {
        let (found, truncated) = try #require(sequence(single("abc", 5)))
        #expect(found.ids == [1, 97, 98, 99, 2] && found.pooled == 1..<4 && found.secondSegmentStart == 5)
        #expect(!truncated)
    }

    @Test func aLongTextIsCutBeforeItsLastSeparator() throws {
        let (found, truncated) = try #require(sequence(single("abcd", 5)))
        #expect(found.ids == [1, 97, 98, 99, 2] && truncated)
    }

    @Test func nothingAndSeparatorsAreLeftOut() {
        guard case .empty = single("  ", 9), case .empty = single("", 9) else {
            Issue.record("a text without subwords has a sequence")
            return
        }
        guard case .separatorInside = single("a|b", 9), case .separatorInside = single("|", 9),
            case .separatorInside = single("abcdefghi|", 5)
        else {
            Issue.record("a text with a separator has a sequence")
            return
        }
    }

    @Test func aSenseIsPooledOverItsWord() throws {
        let (first, _) = try #require(sequence(sense(bert, "ab", "xyz", 9)))
        #expect(first.ids == [1, 97, 98, 2, 120, 121, 122, 2])
        #expect(first.pooled == 1..<3 && first.secondSegmentStart == 4)
        let (second, _) = try #require(sequence(sense(roberta, "ab", "xyz", 9)))
        #expect(second.ids == [1, 97, 98, 2, 2, 120, 121, 122, 2])
        #expect(second.pooled == 1..<3 && second.secondSegmentStart == 5)
    }

    @Test(arguments: 6...12)
    func aGlossIsCutBeforeTheWord(_ limit: Int) throws {
        for tokenizer in [bert, roberta] {
            let (found, truncated) = try #require(sequence(sense(tokenizer, "abc", "uvwxyz", limit)))
            let whole = 3 + 6 + 2 + tokenizer.specialTokens.template.between.count
            #expect(found.ids.count == min(limit, whole) && truncated == (whole > limit))
            #expect(found.ids.last == 2)
            let word = min(3, limit - 2 - tokenizer.specialTokens.template.between.count)
            #expect(found.pooled == 1..<(1 + word))
        }
    }

    @Test func aSenseNeedsAWordButNotAGloss() throws {
        guard case .empty = sense(bert, " ", "gloss", 9), case .separatorInside = sense(bert, "a|", "gloss", 9) else {
            Issue.record("a sense without a word has a sequence")
            return
        }
        let (found, truncated) = try #require(sequence(sense(bert, "a", "", 9)))
        #expect(found.ids == [1, 97, 2, 2] && !truncated && found.secondSegmentStart == 3)
        // A separator inside the gloss is past the word: the reference keeps it.
        #expect(sequence(sense(bert, "a", "x|y", 9))?.0.ids == [1, 97, 2, 120, 2, 121, 2])
    }
}
