import Fingerprinting

/// Word pairs of two languages with the similarity people gave them.
package struct SimilarityPairs: Sendable {
    /// "ENG-FIN": as in the file's header.
    package let name: String
    /// As in the file's header, upper-case ISO 639-3: "ENG". `LanguageCode.canonical` matches them to vocabularies.
    package let firstLanguage: String
    package let secondLanguage: String
    package let path: String
    /// Words and expressions; row i of `first`, row i of `second` and `scores[i]` belong together.
    package let first: TextTable
    package let second: TextTable
    /// Finite.
    package let scores: [Double]
    /// Rows left out because their score is `nan`.
    package let omitted: Int
    /// Cells that lost ASCII spaces at an end.
    package let trimmedCells: Int
    /// Hash of languages, pairs and scores in order.
    package let fingerprint: Fingerprint

    package var count: Int { scores.count }

    package init(
        firstLanguage: String, secondLanguage: String, path: String, first: TextTable, second: TextTable,
        scores: [Double], omitted: Int, trimmedCells: Int = 0
    ) {
        precondition(
            first.count == scores.count && second.count == scores.count,
            "\(first.count) first words, \(second.count) second words, \(scores.count) scores")
        name = "\(firstLanguage)-\(secondLanguage)"
        self.firstLanguage = firstLanguage
        self.secondLanguage = secondLanguage
        self.path = path
        self.first = first
        self.second = second
        self.scores = scores
        self.omitted = omitted
        self.trimmedCells = trimmedCells
        let builder = FingerprintBuilder()
        builder.combine("similarity 1")
        builder.combine(firstLanguage)
        builder.combine(secondLanguage)
        first.combine(into: builder)
        second.combine(into: builder)
        for score in scores { builder.combine(score.bitPattern) }
        fingerprint = builder.finish()
    }
}
