import Fingerprinting

/// Subword regularisation: words are cut by chance, so that training sees a word in other pieces too. What the chance
/// decides depends on the model: WordPiece drops pieces, BPE drops merges, Unigram samples the cut of a word.
///
/// - Source: Hiraoka, "MaxMatch-Dropout: Subword Regularization for WordPiece" (COLING 2022); Provilkov, Emelianenko
///   and Voita, "BPE-Dropout" (ACL 2020); Kudo, "Subword Regularization" (ACL 2018).
package struct PieceDropout: Sendable {
    /// Of every piece that could be taken, but the shortest at its place, to be dropped (WordPiece); of every merge to
    /// be dropped (BPE); of a word's cut to be sampled (Unigram).
    package let probability: Double
    private var state: UInt64

    /// - Parameter seed: the same one drops the same pieces of a text.
    package init(probability: Double, seed: UInt64) {
        precondition((0..<1).contains(probability))
        self.probability = probability
        state = seed
    }

    /// SplitMix64's next number, as a fraction, against the probability.
    mutating func drops() -> Bool { fraction() < probability }

    /// A number from 0 up to, but not including, 1.
    mutating func fraction() -> Double {
        state &+= SplitMix64.increment
        return Double(SplitMix64.mix(state) >> 11) * 0x1p-53
    }
}

/// A tokenizer that can cut the same text in different pieces.
package protocol PieceDroppingTokenizer: Tokenizer {
    /// As `appendSubwords(utf8:to:)`, with some pieces dropped. A word that cannot be cut otherwise is cut as
    /// always.
    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, to ids: inout [Int32])
}
