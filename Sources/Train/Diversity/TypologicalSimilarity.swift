import Lexicon

/// How near the languages of training are to those of a test: the mean cosine of every two typology vectors, one of
/// each side (paper §5.1, sim train−test).
struct TypologicalSimilarity: Sendable {
    private let test: [ArraySlice<Double>]
    private let vectors: TypologyVectors

    /// - Throws: `TrainError` for a language without a vector or with a gap in it.
    init(_ vectors: TypologyVectors, test: [String]) throws {
        self.vectors = vectors
        self.test = try test.map { try vectors.completeRow(of: $0) }
    }

    /// - Throws: `TrainError`.
    func mean(of languages: [String]) throws -> Double {
        var sum = 0.0
        for language in languages {
            let vector = try vectors.completeRow(of: language)
            for other in test { sum += Self.cosine(vector, other) }
        }
        return sum / Double(languages.count * test.count)
    }

    /// 0 when either vector is all zeros.
    private static func cosine(_ one: ArraySlice<Double>, _ other: ArraySlice<Double>) -> Double {
        var (product, first, second) = (0.0, 0.0, 0.0)
        for (a, b) in zip(one, other) {
            product += a * b
            first += a * a
            second += b * b
        }
        return first > 0 && second > 0 ? product / (first * second).squareRoot() : 0
    }
}
