import Fingerprinting

/// Which pieces a WordPiece tokenizer overlooks while it cuts one word, so that training sees the word in other pieces too.
///
/// - Source: Hiraoka, "MaxMatch-Dropout: Subword Regularization for WordPiece" (COLING 2022).
package struct PieceDropout: Sendable {
    /// Of every piece that could be taken, but the shortest at its place, to be overlooked.
    package let probability: Double
    private var state: UInt64

    /// - Parameter seed: the same one overlooks the same pieces of a text.
    package init(probability: Double, seed: UInt64) {
        precondition((0..<1).contains(probability))
        self.probability = probability
        state = seed
    }

    /// SplitMix64's next number, as a fraction, against the probability.
    mutating func overlooks() -> Bool {
        state &+= SplitMix64.increment
        return Double(SplitMix64.mix(state) >> 11) * 0x1p-53 < probability
    }
}

/// A tokenizer that can cut the same text in different pieces.
package protocol PieceDroppingTokenizer: Tokenizer {
    /// As `appendSubwords(utf8:to:)`, with some pieces overlooked. A word that cannot be cut otherwise is cut as always.
    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, to ids: inout [Int32])
}
