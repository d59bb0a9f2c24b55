/// Builds the sequences Polylex encodes: words, sentences, and words with a gloss.
package enum SequenceBuilder {
    /// Why a text has no vector.
    package enum Outcome: Sendable {
        case sequence(TokenSequence, truncated: Bool)
        /// The text tokenises to nothing.
        case empty
        /// The text's ids hold a separator of their own ("</s>" under XLM-R): the reference drops it.
        case separatorInside
    }

    /// `[CLS] sw1 … swm [SEP]`, pooled over the subwords.
    /// - Parameter maximumLength: tokens the checkpoint has positions for; longer texts are cut and marked truncated.
    /// - Source: reference `preprocess`, input type `word_iso`.
    package static func single(
        _ tokenizer: some Tokenizer, utf8: UnsafeBufferPointer<UInt8>, maximumLength: Int
    ) -> Outcome {
        let special = tokenizer.specialTokens
        var subwords = tokenizer.subwords(utf8: utf8)
        if subwords.isEmpty { return .empty }
        if subwords.contains(special.separator) { return .separatorInside }
        let room = maximumLength - 2
        let truncated = subwords.count > room
        if truncated { subwords.removeLast(subwords.count - room) }
        let ids = [special.start] + subwords + [special.separator]
        return .sequence(TokenSequence(ids: ids, pooled: 1..<(ids.count - 1)), truncated: truncated)
    }
}
