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
