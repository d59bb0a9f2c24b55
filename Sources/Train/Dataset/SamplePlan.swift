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

/// Chooses rows while a table streams by: exactly the planned number of each language pair, all choices equally
/// likely (selection sampling, Knuth, TAOCP 2, §3.4.2, algorithm S).
///
/// Each pair draws from a generator of its own, seeded by the seed and the pair's name: which of its rows are taken
/// does not depend on the rows of other pairs.
struct PairSampler {
    private struct State {
        var random: SeededRandom
        /// Rows of the pair still to come, and how many of them to take.
        var left: Int
        var wanted: Int
    }

    private var states: [State] = []
    /// State of an unordered pair of language rows of the reader; nil for a pair the plan does not have.
    private var places: [UInt64: Int?] = [:]
    private let names: [String: Int]

    init(plan: SamplePlan, seed: UInt64) {
        var names: [String: Int] = [:]
        for quota in plan.quotas {
            names[quota.pair.name] = states.count
            states.append(
                State(
                    random: SeededRandom(seed: seed, name: quota.pair.name), left: quota.pair.rows,
                    wanted: quota.taken))
        }
        self.names = names
    }

    /// - Returns: whether the sample takes the row; nil when the pair has more rows than the plan was made for.
    mutating func takes(_ row: ConstraintCells, languages: TextIndex) -> Bool? {
        guard let place = place(of: row, languages: languages) else { return false }
        return Self.takes(&states[place])
    }

    private static func takes(_ state: inout State) -> Bool? {
        guard state.left > 0 else { return nil }
        state.left -= 1
        guard state.wanted > 0, state.random.below(state.left + 1) < state.wanted else { return false }
        state.wanted -= 1
        return true
    }

    /// Whether every pair came with the rows it was planned for.
    var isComplete: Bool { states.allSatisfy { $0.left == 0 && $0.wanted == 0 } }

    private mutating func place(of row: ConstraintCells, languages: TextIndex) -> Int? {
        let (one, other) = (row.firstLanguageRow, row.secondLanguageRow)
        let key = UInt64(min(one, other)) << 32 | UInt64(max(one, other))
        if let known = places[key] { return known }
        let codes = [one, other].map { languages.table.string(at: $0) }.sorted {
            $0.utf8.lexicographicallyPrecedes($1.utf8)
        }
        let place = names[codes.joined(separator: "-")]
        places[key] = .some(place)
        return place
    }
}

extension SeededRandom {
    /// A generator of its own for each name under one seed.
    fileprivate init(seed: UInt64, name: String) {
        // FNV-1a: the same number for the same bytes on every machine.
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
        var mixed = SeededRandom(seed: seed ^ hash)
        self.init(seed: mixed.next())
    }
}
