/// What one pass of the transformer reads, and which positions its vector is the mean of.
package struct TokenSequence: Hashable, Sendable {
    /// Token ids with special tokens, length T ≥ 3.
    package let ids: [Int32]
    /// First position of the second segment ([SEP] after the first segment excluded); T when there is one segment.
    /// Positions from here on have token type 1 for BERT; XLM-R has one type and ignores it.
    package let secondSegmentStart: Int
    /// Positions whose hidden states are averaged; never empty, never a special token.
    package let pooled: Range<Int>

    package init(ids: [Int32], secondSegmentStart: Int? = nil, pooled: Range<Int>) {
        precondition(!pooled.isEmpty && pooled.lowerBound >= 0 && pooled.upperBound <= ids.count)
        self.ids = ids
        self.secondSegmentStart = secondSegmentStart ?? ids.count
        self.pooled = pooled
    }
}
