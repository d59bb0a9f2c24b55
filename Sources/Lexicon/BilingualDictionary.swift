import Fingerprinting

/// Word pairs of two languages, each pair a query of its own; repeats are kept.
package struct BilingualDictionary: Sendable {
    /// "de-fi".
    package let name: String
    package let sourceLanguage: String
    package let targetLanguage: String
    package let path: String
    /// Row i of `target` translates row i of `source`.
    package let source: TextTable
    package let target: TextTable
    /// Hash of the languages and all pairs in order.
    package let fingerprint: Fingerprint

    package var count: Int { source.count }

    package init(
        name: String, sourceLanguage: String, targetLanguage: String, path: String, source: TextTable, target: TextTable
    ) {
        precondition(source.count == target.count, "\(source.count) source words, \(target.count) target words")
        self.name = name
        self.sourceLanguage = sourceLanguage
        self.targetLanguage = targetLanguage
        self.path = path
        self.source = source
        self.target = target
        let builder = FingerprintBuilder()
        builder.combine("dictionary 1")
        builder.combine(sourceLanguage)
        builder.combine(targetLanguage)
        source.combine(into: builder)
        target.combine(into: builder)
        fingerprint = builder.finish()
    }
}
