/// How a batch lies in memory: M tokens end to end, and the chunks of whole sequences that one task computes.
///
/// A function of the batch alone, never of the number of threads: partial sums per chunk are part of the result.
struct BatchLayout {
    struct Sequence {
        /// Tokens within the batch.
        let tokens: Range<Int>
        /// Pooled tokens within the batch.
        let pooled: Range<Int>
        /// The same tokens when pooled rows alone lie end to end.
        let pooledRows: Range<Int>

        /// The rows that go on: all tokens, or the pooled ones.
        func rows(pooledOnly: Bool) -> Range<Int> { pooledOnly ? pooledRows : tokens }

        /// Place of the first of those rows in the sequence.
        func firstPosition(pooledOnly: Bool) -> Int { pooledOnly ? pooled.lowerBound - tokens.lowerBound : 0 }
    }

    struct Chunk {
        let sequences: Range<Int>
        let tokens: Range<Int>
        let pooledRows: Range<Int>

        func rows(pooledOnly: Bool) -> Range<Int> { pooledOnly ? pooledRows : tokens }
    }

    /// Enough rows to amortise streaming the weights through the caches, few enough that threads end together.
    private static let tokensPerChunk = 96

    let sequences: [Sequence]
    let chunks: [Chunk]
    /// M
    let tokenCount: Int
    /// R
    let pooledCount: Int
    let longest: Int
    let longestChunk: Int

    /// - Parameter isOneChunk: for one thread that computes the whole batch.
    init(_ batch: some Collection<TokenSequence>, isOneChunk: Bool = false) {
        var sequences: [Sequence] = [], tokens = 0, rows = 0, longest = 0
        sequences.reserveCapacity(batch.count)
        for sequence in batch {
            let pooled = sequence.pooled
            sequences.append(
                Sequence(
                    tokens: tokens..<(tokens + sequence.ids.count),
                    pooled: (tokens + pooled.lowerBound)..<(tokens + pooled.upperBound),
                    pooledRows: rows..<(rows + pooled.count)))
            tokens += sequence.ids.count
            rows += pooled.count
            longest = max(longest, sequence.ids.count)
        }
        self.sequences = sequences
        self.longest = longest
        tokenCount = tokens
        pooledCount = rows
        let ranges =
            isOneChunk
            ? [sequences.indices] : BatchPlanner(tokens: Self.tokensPerChunk).even(lengths: batch.map(\.ids.count))
        chunks = ranges.filter { !$0.isEmpty }.map { range in
            let first = sequences[range.lowerBound], last = sequences[range.upperBound - 1]
            return Chunk(
                sequences: range, tokens: first.tokens.lowerBound..<last.tokens.upperBound,
                pooledRows: first.pooledRows.lowerBound..<last.pooledRows.upperBound)
        }
        longestChunk = chunks.reduce(0) { max($0, $1.tokens.count) }
    }
}
