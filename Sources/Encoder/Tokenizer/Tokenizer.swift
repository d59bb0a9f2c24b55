/// Turns text into the token ids Hugging Face's fast tokenizer of the same folder gives.
///
/// A tokenizer never changes after loading, so any number of threads may call it at once.
package protocol Tokenizer: Sendable {
    /// Number of ids; every id is below it.
    var vocabularySize: Int { get }
    var specialTokens: SpecialTokens { get }
    /// Appends the ids of a text without special tokens around it. A special token's string inside the text ("[SEP]",
    /// "</s>") becomes that token's id, as in Hugging Face's tokenizers.
    /// - Parameter utf8: valid UTF-8 (invalid sequences are replaced by U+FFFD).
    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32])
    /// What ids are called: the pieces as the vocabulary's file has them ("▁dog", "##s", "Ġdog"), as
    /// `convert_ids_to_tokens` of transformers. nil for an id without a piece, and of a tokenizer without names.
    func pieces(of ids: [Int32]) -> [String?]
    /// The tokenizer that lower-cases a text, scalar by scalar, before its other normalizers see it; added tokens that
    /// are found in the text as it is are found before. The same one where it has a step that does only that.
    /// - Source: `do_lower_case` of sentence-transformers' `Transformer`: a `Lowercase` before the other normalizers,
    ///   unless there is one, alone or right in a `Sequence`.
    func lowercasing() -> any Tokenizer
}

extension Tokenizer {
    package func pieces(of ids: [Int32]) -> [String?] { ids.map { _ in nil } }

    /// Ids of a text without special tokens around it; see `appendSubwords`.
    package func subwords(utf8: UnsafeBufferPointer<UInt8>) -> [Int32] {
        var ids: [Int32] = []
        appendSubwords(utf8: utf8, to: &ids)
        return ids
    }

    package func subwords(_ text: String) -> [Int32] {
        var text = text
        return text.withUTF8 { subwords(utf8: $0) }
    }
}

/// Ids of the special tokens of a checkpoint.
package struct SpecialTokens: Hashable, Sendable {
    /// What stands around texts.
    package let template: SequenceTemplate
    /// `[SEP]` or `</s>`, the last token of a sequence; `none` if a sequence ends with its text.
    package let separator: Int32
    /// `none` for a tokenizer without one.
    package let padding: Int32
    /// `none` for a tokenizer that knows everything (byte-level BPE).
    package let unknown: Int32

    /// No token has this id.
    package static let none: Int32 = -1

    /// `[CLS]` or `<s>`, the first token of a sequence.
    package var start: Int32 { template.before.first ?? Self.none }

    package init(template: SequenceTemplate, padding: Int32, unknown: Int32) {
        self.template = template
        separator = template.after.last ?? Self.none
        self.padding = padding
        self.unknown = unknown
    }

    /// `[CLS] a [SEP] b [SEP]`, with so many separators between the texts of a pair.
    package init(
        start: Int32, separator: Int32, padding: Int32, unknown: Int32, pairSeparators: Int, secondSegmentType: Int32
    ) {
        self.init(
            template: SequenceTemplate(
                start: start, separator: separator, pairSeparators: pairSeparators, secondSegmentType: secondSegmentType
            ),
            padding: padding, unknown: unknown)
    }
}

/// Which special tokens stand around a text, and around and between the texts of a pair.
package struct SequenceTemplate: Hashable, Sendable {
    /// In front of a single text and behind it.
    package var before: [Int32] = []
    package var after: [Int32] = []
    /// In front of a pair, between its texts, and behind it.
    package var pairBefore: [Int32] = []
    package var between: [Int32] = []
    package var pairAfter: [Int32] = []
    /// How many tokens of `between` have the token type of the second text.
    package var secondSegmentPrefix = 0
    /// Token type of the second text: 1 (BERT) or 0 (XLM-R, RoBERTa).
    package var secondSegmentType: Int32 = 0

    package init() {}

    /// `[CLS] a [SEP] b [SEP]`, with so many separators in the middle.
    package init(start: Int32, separator: Int32, pairSeparators: Int, secondSegmentType: Int32) {
        before = [start]
        after = [separator]
        pairBefore = [start]
        between = [Int32](repeating: separator, count: pairSeparators)
        pairAfter = [separator]
        self.secondSegmentType = secondSegmentType
    }
}
