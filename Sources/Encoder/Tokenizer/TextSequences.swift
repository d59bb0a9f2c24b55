/// Makes the sequences of words and sentences that become vectors in one way.
package struct TextSequences: Sendable {
    private let tokenizer: any Tokenizer
    private let convention: SentenceConvention?
    private let maximumLength: Int

    /// - Parameters:
    ///   - tokenizer: the checkpoint's; lower-cases here where the convention does.
    ///   - convention: nil for the paper's.
    ///   - maximumLength: tokens the checkpoint has positions for, at least 3; the convention's is used where it is
    ///     smaller.
    package init(_ tokenizer: any Tokenizer, convention: SentenceConvention?, maximumLength: Int) {
        self.tokenizer = convention?.lowercases == true ? tokenizer.lowercasing() : tokenizer
        self.convention = convention
        self.maximumLength = maximumLength
    }

    /// A word or a sentence, as the convention has it or, without one, as in the paper.
    package func sequence(utf8: UnsafeBufferPointer<UInt8>) -> SequenceBuilder.Outcome {
        guard let convention else {
            return SequenceBuilder.single(tokenizer, utf8: utf8, maximumLength: maximumLength)
        }
        return sentence(tokenizer, utf8: utf8, convention: convention)
    }

    /// A sentence as sentence-transformers reads it: prompt and text are one text, special tokens are pooled, a
    /// separator inside the text is a token like others.
    /// - Returns: `empty` for an empty text, whose special tokens the library would pool.
    /// - Source: sentence-transformers' `Transformer.preprocess` and `Pooling.forward`.
    private func sentence(
        _ tokenizer: some Tokenizer, utf8: UnsafeBufferPointer<UInt8>, convention: SentenceConvention
    ) -> SequenceBuilder.Outcome {
        let template = tokenizer.specialTokens.template
        let length = min(maximumLength, convention.maximumLength ?? maximumLength)
        let text = tokenizer.subwords(utf8: Array(convention.prompt.utf8) + utf8)
        guard !utf8.isEmpty, !text.isEmpty else { return .empty }
        let room = max(0, length - template.before.count - template.after.count)
        let ids = template.before + text.prefix(room) + template.after
        // A prompt that fills the sequence leaves nothing to pool.
        let skipped =
            convention.includesPrompt || convention.prompt.isEmpty
            ? 0 : template.before.count + tokenizer.subwords(convention.prompt).count
        // Of the tokens around a text, those that stand before it go with a prompt that is skipped.
        let own =
            convention.excludesSpecialTokens
            ? max(skipped, template.before.count)..<max(skipped, ids.count - template.after.count)
            : min(skipped, ids.count)..<ids.count
        guard !own.isEmpty else { return .empty }
        let pooled: Range<Int>
        let pooling: TokenSequence.Pooling
        switch convention.mode {
        case .cls: (pooled, pooling) = (skipped..<skipped + 1, .mean)
        case .lasttoken: (pooled, pooling) = (ids.count - 1..<ids.count, .mean)
        case .mean: (pooled, pooling) = (own, .mean)
        case .meanOverRoot: (pooled, pooling) = (skipped..<ids.count, .meanOverRoot)
        case .max: (pooled, pooling) = (skipped..<ids.count, .maximum)
        case .weightedmean: (pooled, pooling) = (skipped..<ids.count, .weightedMean)
        }
        let sequence = TokenSequence(ids: ids, pooled: pooled, pooling: pooling, isDense: convention.dense != nil)
        return .sequence(sequence, truncated: text.count > room)
    }
}

extension Tokenizer {
    fileprivate func subwords(utf8: [UInt8]) -> [Int32] {
        utf8.withUnsafeBufferPointer { subwords(utf8: $0) }
    }
}
