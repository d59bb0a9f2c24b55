import Lexicon

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
