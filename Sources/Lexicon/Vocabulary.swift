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
    /// Hash of the words and ranks kept.
    package let fingerprint: Fingerprint

    package init(
        language: String, path: String, words: TextTable, ranks: [UInt32], duplicates: Int,
        fingerprint: Fingerprint
    ) {
        self.language = language
        self.path = path
        self.words = words
        self.ranks = ranks
        self.duplicates = duplicates
        self.fingerprint = fingerprint
    }
}
