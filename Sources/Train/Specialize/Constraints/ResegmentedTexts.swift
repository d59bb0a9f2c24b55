import Encoder
import Lexicon

/// Cuts the texts of constraints anew for every use (`--piece-dropout`).
struct ResegmentedTexts: Sendable {
    let tokenizer: any PieceDroppingTokenizer
    let input: TrainingInput
    let maximumLength: Int
    let probability: Double
    /// `ConstraintSequencer.keptTexts`
    let texts: TextTable

    /// The sequence of a text for one use of it.
    /// - Parameters:
    ///   - usual: what the tokenizer gives without dropout; taken should the other cut hold a separator.
    ///   - seed: of this use; the same one cuts in the same pieces.
    func sequence(_ text: Int, usual: TokenSequence, seed: UInt64) -> TokenSequence {
        var dropout = PieceDropout(probability: probability, seed: seed)
        let built = texts.withBytes(at: text) { bytes in
            switch input {
            case .word:
                SequenceBuilder.single(tokenizer, utf8: bytes, maximumLength: maximumLength, dropping: &dropout)
            case .wordGloss:
                cutAtGloss(bytes) {
                    SequenceBuilder.sense(tokenizer, word: $0, gloss: $1, maximumLength: maximumLength, dropping: &dropout)
                }
            }
        }
        guard case .sequence(let sequence, _) = built else { return usual }
        return sequence
    }

    private func cutAtGloss<R>(
        _ bytes: UnsafeBufferPointer<UInt8>, _ body: (UnsafeBufferPointer<UInt8>, UnsafeBufferPointer<UInt8>) -> R
    ) -> R {
        let end = bytes.firstIndex(of: 0xff) ?? bytes.count
        return body(
            UnsafeBufferPointer(rebasing: bytes[..<end]), UnsafeBufferPointer(rebasing: bytes[min(end + 1, bytes.count)...]))
    }
}
