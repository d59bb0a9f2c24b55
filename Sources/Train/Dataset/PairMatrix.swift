import Console

/// Constraints of every two languages as a square: a pair stands at both its places, so a row is read alone.
struct PairMatrix: Equatable, Sendable {
    let codes: [String]
    /// `codes.count` × `codes.count`, row by row.
    private let counts: [Int]

    /// A square of this many languages is the largest worth writing.
    private static let maximalLanguages = 2_000

    /// - Throws: `TrainError.tooManyLanguages`.
    init(_ statistics: ConstraintStatistics) throws {
        guard statistics.languages.count <= Self.maximalLanguages else {
            throw TrainError.tooManyLanguages(found: statistics.languages.count, limit: Self.maximalLanguages)
        }
        codes = statistics.languages.map(\.code)
        let places = Dictionary(uniqueKeysWithValues: codes.enumerated().map { ($1, $0) })
        var counts = [Int](repeating: 0, count: codes.count * codes.count)
        for pair in statistics.pairs {
            guard let first = places[pair.first], let second = places[pair.second] else { continue }
            counts[first * codes.count + second] = pair.rows
            counts[second * codes.count + first] = pair.rows
        }
        self.counts = counts
    }

    subscript(row: Int, column: Int) -> Int { counts[row * codes.count + column] }

    var maximum: Int { counts.max() ?? 0 }

    /// A header of codes, then a row for each language.
    var commaSeparated: String {
        var output = CommaSeparated.record(["language"] + codes)
        for (row, code) in codes.enumerated() {
            output += CommaSeparated.record([code] + codes.indices.map { String(self[row, $0]) })
        }
        return output
    }
}
