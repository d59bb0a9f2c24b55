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
}

extension Tokenizer {
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
    /// `[CLS]` or `<s>`.
    package let start: Int32
    /// `[SEP]` or `</s>`.
    package let separator: Int32
    package let padding: Int32
    package let unknown: Int32
    /// Separators between the two segments of a pair: 1 for BERT, 2 for XLM-R.
    package let pairSeparators: Int
    /// Whether the second segment has token type 1 (BERT) or 0 (XLM-R, RoBERTa).
    package let secondSegmentType: Int32

    package init(
        start: Int32, separator: Int32, padding: Int32, unknown: Int32, pairSeparators: Int, secondSegmentType: Int32
    ) {
        self.start = start
        self.separator = separator
        self.padding = padding
        self.unknown = unknown
        self.pairSeparators = pairSeparators
        self.secondSegmentType = secondSegmentType
    }
}
