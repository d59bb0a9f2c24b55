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
    }

    struct Chunk {
        let sequences: Range<Int>
        let tokens: Range<Int>
        let pooledRows: Range<Int>
    }

    /// Enough rows to amortise streaming the weights through the caches, few enough that threads end together.
    private static let tokensPerChunk = 96

    let sequences: [Sequence]
    let chunks: [Chunk]
    /// M
    let tokenCount: Int
    /// Rows of the last block.
    let pooledCount: Int
    let longest: Int
    let longestChunk: Int

    init(_ batch: [TokenSequence]) {
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
        chunks = Self.chunks(sequences, tokenCount: tokens)
        longestChunk = chunks.reduce(0) { max($0, $1.tokens.count) }
    }

    /// An even number of chunks of about equal size.
    private static func chunks(_ sequences: [Sequence], tokenCount: Int) -> [Chunk] {
        let wanted = max(2, (tokenCount + tokensPerChunk - 1) / tokensPerChunk)
        let count = wanted + wanted % 2
        var chunks: [Chunk] = [], start = 0
        for index in sequences.indices {
            let end = sequences[index].tokens.upperBound
            // Half a sequence over the mark is no nearer than half a sequence under it.
            let next = index + 1 < sequences.count ? sequences[index + 1].tokens.count : 0
            let mark = tokenCount * (chunks.count + 1) / count
            guard index + 1 == sequences.count || 2 * end + next > 2 * mark else { continue }
            chunks.append(
                Chunk(
                    sequences: start..<(index + 1), tokens: sequences[start].tokens.lowerBound..<end,
                    pooledRows: sequences[start].pooledRows.lowerBound..<sequences[index].pooledRows.upperBound))
            start = index + 1
        }
        return chunks
    }
}
