import Lexicon

#if canImport(Glibc)
import Glibc
#endif

/// The diversity index d_typ of samples of languages: the entropy of each feature's values over the sample, in nats,
/// averaged over all features (Ponti et al. 2020; paper §5.1).
///
/// The paper does not name the logarithm's base; the natural one gives the numbers of its Table 2.
struct TypologicalDiversity: Sendable {
    let languages: [String]
    let featureCount: Int
    /// One for each value a feature takes among the languages; features they all share add nothing and have none.
    private let columnCount: Int
    /// `languages.count` × `columnCount`: 1 where the language has the column's value.
    private let members: [UInt8]

    /// Counts are bytes.
    static let maximalSampleSize = 255

    /// - Parameter languages: what samples are drawn from, known to `vectors` by any code.
    /// - Throws: `TrainError` for a language without a vector or with a gap in it.
    init(_ vectors: TypologyVectors, languages: [String]) throws {
        let rows = try languages.map { try vectors.completeRow(of: $0) }
        self.languages = languages
        featureCount = vectors.features.count
        var columns: [[UInt8]] = []
        for feature in vectors.features.indices {
            let values = rows.map { $0[$0.startIndex + feature] }
            let distinct = Set(values).sorted()
            guard distinct.count > 1 else { continue }
            for value in distinct { columns.append(values.map { $0 == value ? 1 : 0 }) }
        }
        columnCount = columns.count
        members = languages.indices.flatMap { language in columns.map { $0[language] } }
    }

    /// d_typ of one sample.
    /// - Parameter sample: positions in `languages`, at most 255.
    func index(of sample: [Int]) -> Double {
        var counts = [UInt8](repeating: 0, count: columnCount)
        return index(of: sample[...], counts: &counts, terms: Self.terms(sampleSize: sample.count))
    }

    /// As above, in memory of the caller's: a million samples are measured one after another.
    /// - Parameters:
    ///   - counts: `columnCount` bytes, overwritten.
    ///   - terms: of `terms(sampleSize:)`.
    func index(of sample: ArraySlice<Int>, counts: inout [UInt8], terms: [Double]) -> Double {
        precondition(counts.count == columnCount && sample.count < terms.count)
        let columnCount = columnCount
        return counts.withUnsafeMutableBufferPointer { counts in
            members.withUnsafeBufferPointer { members in
                terms.withUnsafeBufferPointer { terms in
                    counts.update(repeating: 0)
                    for language in sample {
                        let start = language * columnCount
                        for column in 0..<columnCount { counts[column] &+= members[start + column] }
                    }
                    var sum = 0.0
                    for column in 0..<columnCount { sum += terms[Int(counts[column])] }
                    return sum / Double(featureCount)
                }
            }
        }
    }

    /// −p ln p for p = 0/n … n/n.
    static func terms(sampleSize: Int) -> [Double] {
        precondition(sampleSize > 0 && sampleSize <= maximalSampleSize)
        return (0...sampleSize).map { count in
            guard count > 0 else { return 0 }
            let share = Double(count) / Double(sampleSize)
            return -share * log(share)
        }
    }

    /// What `index(of:counts:terms:)` works in.
    func makeCounts() -> [UInt8] { [UInt8](repeating: 0, count: columnCount) }
}

extension TypologyVectors {
    /// A language's values, every one of them known.
    /// - Throws: `TrainError`.
    func completeRow(of language: String) throws -> ArraySlice<Double> {
        guard let row = row(of: language) else { throw TrainError.unknownTypology(path: path, language: language) }
        let values = values(at: row)
        if let gap = values.firstIndex(where: \.isNaN) {
            throw TrainError.typologyGap(
                path: path, language: language, feature: features[gap - values.startIndex])
        }
        return values
    }
}

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
