import Fingerprinting

/// Line-aligned sentences in two languages.
package struct SentenceSet: Sendable {
    /// "fra-eng": the other language first, as Tatoeba's files are named.
    package let name: String
    /// Language codes, e.g. "fra" and "eng".
    package let firstLanguage: String
    package let secondLanguage: String
    /// Row i of `first` translates row i of `second`; repeats are kept.
    package let first: TextTable
    package let second: TextTable
    package let path: String
    package let fingerprint: Fingerprint

    package init(
        name: String, firstLanguage: String, secondLanguage: String, first: TextTable, second: TextTable,
        path: String, fingerprint: Fingerprint
    ) {
        self.name = name
        self.firstLanguage = firstLanguage
        self.secondLanguage = secondLanguage
        self.first = first
        self.second = second
        self.path = path
        self.fingerprint = fingerprint
    }

    /// A set with the fingerprint of its languages and all its sentences in order.
    package init(
        name: String, firstLanguage: String, secondLanguage: String, first: TextTable, second: TextTable, path: String
    ) {
        precondition(first.count == second.count, "\(first.count) first sentences, \(second.count) second sentences")
        let builder = FingerprintBuilder()
        builder.combine("sentences 1")
        builder.combine(firstLanguage)
        builder.combine(secondLanguage)
        first.combine(into: builder)
        second.combine(into: builder)
        self.init(
            name: name, firstLanguage: firstLanguage, secondLanguage: secondLanguage, first: first, second: second,
            path: path, fingerprint: builder.finish())
    }
}
