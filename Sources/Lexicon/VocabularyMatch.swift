/// How a test set's word is found in a vocabulary: by its bytes, else by those of its lower-cased form.
package enum VocabularyMatch {
    /// - Parameter find: the row of a text with exactly these bytes, if there is one.
    /// - Source: reference `eval_bli`, the same rule on both sides.
    package static func row(
        of word: UnsafeBufferPointer<UInt8>, find: (UnsafeBufferPointer<UInt8>) throws -> Int?
    ) rethrows -> Int? {
        if let exact = try find(word) { return exact }
        let lowered = ReferenceLowercase.lower(word)
        if lowered.elementsEqual(word) { return nil }
        return try lowered.withUnsafeBufferPointer(find)
    }
}
