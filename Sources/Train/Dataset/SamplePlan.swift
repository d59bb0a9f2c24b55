import Lexicon

/// How many rows of each language pair a sample takes.
struct SamplePlan: Equatable, Sendable {
    struct Quota: Equatable, Sendable {
        let pair: LanguagePairCount
        let taken: Int
    }

    /// In the order of the pairs' codes; pairs that give nothing are kept.
    let quotas: [Quota]

    var taken: Int { quotas.reduce(0) { $0 + $1.taken } }

    /// The pairs' proportions in exactly `size` rows, by largest remainders: each pair gets the whole part of its
    /// share, and the rows left go to the pairs with the largest fractions, ties to the earlier code.
    /// - Precondition: 0 < `size` ≤ the sum of the pairs' rows.
    static func proportional(size: Int, pairs: [LanguagePairCount]) -> SamplePlan {
        let total = pairs.reduce(0) { $0 + $1.rows }
        precondition(size > 0 && size <= total, "a sample of \(size) of \(total) rows")
        // Exact: a product of two counts can exceed 64 bits.
        let parts = pairs.map { total.dividingFullWidth(size.multipliedFullWidth(by: $0.rows)) }
        let left = size - parts.reduce(0) { $0 + $1.quotient }
        let byRemainder = pairs.indices.sorted { (parts[$1].remainder, $0) < (parts[$0].remainder, $1) }
        var taken = parts.map(\.quotient)
        for index in byRemainder.prefix(left) { taken[index] += 1 }
        return SamplePlan(quotas: zip(pairs, taken).map { Quota(pair: $0, taken: $1) })
    }

    /// `rows` of every pair that `languages` form, monolingual ones included: 100 for 10 languages makes the 5,500 of
    /// the paper's Table 2. A pair that has fewer gives what it has.
    /// - Parameter languages: in byte order, without repeats.
    static func equal(rows: Int, languages: [String], pairs: [LanguagePairCount]) -> SamplePlan {
        let counts = Dictionary(uniqueKeysWithValues: pairs.map { ($0.name, $0.rows) })
        var quotas: [Quota] = []
        for (place, first) in languages.enumerated() {
            for second in languages[place...] {
                let found = counts["\(first)-\(second)"] ?? 0
                quotas.append(
                    Quota(
                        pair: LanguagePairCount(first: first, second: second, rows: found), taken: min(rows, found)))
            }
        }
        return SamplePlan(quotas: quotas)
    }
}
