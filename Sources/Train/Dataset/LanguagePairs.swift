import Console
import Lexicon

/// How many constraints join two languages, whichever word of a row comes first.
struct LanguagePairCount: Equatable, Sendable {
    /// The two codes in byte order; equal for a monolingual pair.
    let first: String
    let second: String
    let rows: Int

    var name: String { "\(first)-\(second)" }
}

/// Rows of each unordered language pair, counted row by row.
struct PairTally {
    private(set) var rows = 0
    /// Lower language row in the upper half of the key.
    private var pairs: [UInt64: Int] = [:]

    mutating func count(_ row: ConstraintCells) {
        rows += 1
        let (first, second) = (row.firstLanguageRow, row.secondLanguageRow)
        pairs[UInt64(min(first, second)) << 32 | UInt64(max(first, second)), default: 0] += 1
    }

    /// In the order of the codes.
    /// - Parameter languages: the reader's.
    func counts(languages: TextIndex) -> [LanguagePairCount] {
        let codes = (0..<languages.count).map { languages.table.string(at: $0) }
        return pairs.map { key, count in
            let (one, other) = (codes[Int(key >> 32)], codes[Int(key & 0xffff_ffff)])
            return one.utf8.lexicographicallyPrecedes(other.utf8)
                ? LanguagePairCount(first: one, second: other, rows: count)
                : LanguagePairCount(first: other, second: one, rows: count)
        }.sorted {
            $0.first == $1.first
                ? $0.second.utf8.lexicographicallyPrecedes($1.second.utf8)
                : $0.first.utf8.lexicographicallyPrecedes($1.first.utf8)
        }
    }
}

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
