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
    /// - Parameter maximumLength: tokens the checkpoint has positions for, at least 3; longer texts are cut and marked
    ///   truncated.
    /// - Source: reference `preprocess`, input type `word_iso`; a text is kept when it has at least three ids and
    ///   exactly one separator among them.
    package static func single(
        _ tokenizer: some Tokenizer, utf8: UnsafeBufferPointer<UInt8>, maximumLength: Int
    ) -> Outcome {
        single(tokenizer.specialTokens, maximumLength: maximumLength) { tokenizer.appendSubwords(utf8: utf8, to: &$0) }
    }

    /// As above, the text cut in pieces that `dropping` leaves.
    package static func single(
        _ tokenizer: some PieceDroppingTokenizer, utf8: UnsafeBufferPointer<UInt8>, maximumLength: Int,
        dropping: inout PieceDropout
    ) -> Outcome {
        single(tokenizer.specialTokens, maximumLength: maximumLength) {
            tokenizer.appendSubwords(utf8: utf8, dropping: &dropping, to: &$0)
        }
    }

    private static func single(
        _ special: SpecialTokens, maximumLength: Int, appendText: (inout [Int32]) -> Void
    ) -> Outcome {
        let (before, after) = (special.template.before, special.template.after)
        precondition(maximumLength > before.count + after.count)
        var ids = before
        appendText(&ids)
        if ids.count == before.count { return .empty }
        if ids[before.count...].contains(special.separator) { return .separatorInside }
        let limit = maximumLength - after.count
        let truncated = ids.count > limit
        if truncated { ids.removeLast(ids.count - limit) }
        let end = ids.count
        ids += after
        return .sequence(TokenSequence(ids: ids, pooled: before.count..<end), truncated: truncated)
    }

    /// `[CLS] word [SEP] gloss [SEP]` (XLM-R: `<s> word </s></s> gloss </s>`), pooled over the word only.
    ///
    /// What does not fit is cut from the gloss; a word that does not fit alone loses its own end too. A gloss that
    /// tokenises to nothing leaves an empty second segment, as in Hugging Face's pairs.
    /// - Parameter maximumLength: tokens the checkpoint has positions for, at least 6.
    /// - Source: reference `preprocess`, input type `w1-s1`.
    package static func sense(
        _ tokenizer: some Tokenizer, word: UnsafeBufferPointer<UInt8>, gloss: UnsafeBufferPointer<UInt8>,
        maximumLength: Int
    ) -> Outcome {
        sense(tokenizer, gloss: gloss, maximumLength: maximumLength) { tokenizer.appendSubwords(utf8: word, to: &$0) }
    }

    /// As above, the word (not the gloss) cut in pieces that `dropping` leaves.
    package static func sense(
        _ tokenizer: some PieceDroppingTokenizer, word: UnsafeBufferPointer<UInt8>, gloss: UnsafeBufferPointer<UInt8>,
        maximumLength: Int, dropping: inout PieceDropout
    ) -> Outcome {
        sense(tokenizer, gloss: gloss, maximumLength: maximumLength) {
            tokenizer.appendSubwords(utf8: word, dropping: &dropping, to: &$0)
        }
    }

    private static func sense(
        _ tokenizer: some Tokenizer, gloss: UnsafeBufferPointer<UInt8>, maximumLength: Int,
        appendWord: (inout [Int32]) -> Void
    ) -> Outcome {
        let special = tokenizer.specialTokens
        let template = special.template
        let first = template.pairBefore.count
        precondition(maximumLength > first + template.between.count + template.pairAfter.count)
        var ids = template.pairBefore
        appendWord(&ids)
        if ids.count == first { return .empty }
        if ids[first...].contains(special.separator) { return .separatorInside }
        let wordLimit = maximumLength - template.between.count - template.pairAfter.count
        var truncated = ids.count > wordLimit
        if truncated { ids.removeLast(ids.count - wordLimit) }
        let wordEnd = ids.count
        ids += template.between
        let secondStart = ids.count - template.secondSegmentPrefix
        tokenizer.appendSubwords(utf8: gloss, to: &ids)
        let limit = maximumLength - template.pairAfter.count
        if ids.count > limit {
            ids.removeLast(ids.count - limit)
            truncated = true
        }
        ids += template.pairAfter
        return .sequence(
            TokenSequence(ids: ids, secondSegmentStart: secondStart, pooled: first..<wordEnd), truncated: truncated)
    }
}
