/// Where a sequence of a batch lies among the batch's tokens.
struct Segment {
    /// Tokens of the sequence.
    let tokens: Range<Int>
    /// Its pooled tokens, within the batch.
    let pooled: Range<Int>
}
