import Lexicon

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
