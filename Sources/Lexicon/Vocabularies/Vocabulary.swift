import Fingerprinting

/// A frequency-ranked word list of one language.
package struct Vocabulary: Sendable {
    /// The code the list goes by, as in its file name: "fi".
    package let language: String
    package let path: String
    /// Distinct words in file order, most frequent first.
    package let words: TextTable
    /// Position of each word in its file, from 1, counting every entry (not the header).
    package let ranks: [UInt32]
    /// Entries left out because an earlier one has the same bytes.
    package let duplicates: Int
    /// Entries left out because they hold no byte (an empty line, or a vector row without its word).
    package let emptyEntries: Int
    /// Lines left out because they cannot be read; each is one of the file's entries.
    package let badLines: Int
    /// Hash of the words and ranks kept.
    package let fingerprint: Fingerprint

    package init(
        language: String, path: String, words: TextTable, ranks: [UInt32], duplicates: Int,
        emptyEntries: Int = 0, badLines: Int = 0, fingerprint: Fingerprint
    ) {
        self.language = language
        self.path = path
        self.words = words
        self.ranks = ranks
        self.duplicates = duplicates
        self.emptyEntries = emptyEntries
        self.badLines = badLines
        self.fingerprint = fingerprint
    }

    /// The fingerprint of words and their ranks: what a vocabulary is, wherever it was read from.
    package static func fingerprint(words: TextTable, ranks: [UInt32]) -> Fingerprint {
        let builder = FingerprintBuilder()
        builder.combine("vocabulary 1")
        words.combine(into: builder)
        for rank in ranks { builder.combine(UInt64(rank)) }
        return builder.finish()
    }
}

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
