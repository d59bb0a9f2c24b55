/// Feature vectors of languages: what URIEL says of their syntax, sounds or families (Littell et al. 2017).
package struct TypologyVectors: Sendable {
    package let path: String
    package let features: [String]
    /// Codes as the file spells them.
    package let codes: [String]
    /// `codes.count` × `features.count`, row by row; NaN where the file knows nothing.
    private let values: [Double]
    private let rows: [String: Int]
    /// The first row of each language under its canonical code.
    private let canonicalRows: [String: Int]

    init(path: String, features: [String], codes: [String], values: [Double]) {
        precondition(values.count == codes.count * features.count)
        self.path = path
        self.features = features
        self.codes = codes
        self.values = values
        rows = Dictionary(codes.enumerated().map { ($1, $0) }, uniquingKeysWith: { first, _ in first })
        canonicalRows = Dictionary(
            codes.enumerated().map { (LanguageCode.canonical($1), $0) }, uniquingKeysWith: { first, _ in first })
    }

    /// The row of a language given by any code: the code as it is, its ISO 639-3 code, any other code of the language.
    ///
    /// In this order, because lang2vec has rows for macro-languages and for their members: `zh` is `zho` there, not
    /// `cmn`.
    package func row(of language: String) -> Int? {
        rows[language] ?? LanguageCode.iso639_3(of: language).flatMap { rows[$0] }
            ?? canonicalRows[LanguageCode.canonical(language)]
    }

    /// One value for each feature.
    package func values(at row: Int) -> ArraySlice<Double> {
        values[row * features.count..<(row + 1) * features.count]
    }
}
