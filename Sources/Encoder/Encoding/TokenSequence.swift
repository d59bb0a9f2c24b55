import Kernels

/// What one pass of the transformer reads, and which positions its vector is made of.
package struct TokenSequence: Hashable, Sendable {
    /// How the hidden states of the pooled positions become one vector.
    package enum Pooling: Hashable, Sendable {
        case mean
        /// The sum, divided by the square root of the number of positions.
        case meanOverRoot
        /// The largest value of each column.
        case maximum
        /// The mean, position t of the sequence (from 0) with weight t + 1.
        case weightedMean
    }

    /// Token ids with special tokens.
    package let ids: [Int32]
    /// First position of the second segment ([SEP] after the first segment excluded); T when there is one segment.
    /// Positions from here on have token type 1 for BERT; XLM-R has one type and ignores it.
    package let secondSegmentStart: Int
    /// Positions whose hidden states are pooled; never empty.
    package let pooled: Range<Int>
    package let pooling: Pooling
    /// Whether the pooled vector goes on through the engine's Dense modules.
    package let isDense: Bool

    package init(
        ids: [Int32], secondSegmentStart: Int? = nil, pooled: Range<Int>, pooling: Pooling = .mean,
        isDense: Bool = false
    ) {
        precondition(!pooled.isEmpty && pooled.lowerBound >= 0 && pooled.upperBound <= ids.count)
        self.ids = ids
        self.secondSegmentStart = secondSegmentStart ?? ids.count
        self.pooled = pooled
        self.pooling = pooling
        self.isDense = isDense
    }
}

extension TokenSequence {
    /// - Parameters:
    ///   - states: hidden states of the pooled positions, [pooled.count, C].
    ///   - vector: [C]
    /// - Source: sentence-transformers' `Pooling`.
    func pool(_ states: UnsafePointer<Float>, columns C: Int, into vector: UnsafeMutablePointer<Float>) {
        switch pooling {
        case .mean:
            Vectors.meanRows(states, rows: pooled.count, columns: C, into: vector)
        case .meanOverRoot:
            Vectors.meanRows(states, rows: pooled.count, columns: C, into: vector)
            let root = Float(pooled.count).squareRoot()
            for column in 0..<C { vector[column] *= root }
        case .maximum:
            vector.update(from: states, count: C)
            for row in 1..<max(pooled.count, 1) {
                for column in 0..<C { vector[column] = max(vector[column], states[row * C + column]) }
            }
        case .weightedMean:
            vector.update(repeating: 0, count: C)
            var total: Float = 0
            for (row, position) in pooled.enumerated() {
                let weight = Float(position + 1)
                total += weight
                for column in 0..<C { vector[column] += weight * states[row * C + column] }
            }
            for column in 0..<C { vector[column] /= total }
        }
    }
}
