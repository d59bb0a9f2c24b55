/// Draws further constraints of a constraint's synset, so that a batch holds several positives for a word
/// (`--pairs-per-synset`).
struct SynsetCompanions {
    /// The two sequences of every constraint.
    private let first: [UInt32]
    private let second: [UInt32]
    private let synsets: [UInt32]
    /// Constraints grouped by synset, in file order; `starts[s]` is where synset s begins.
    private let grouped: [UInt32]
    private let starts: [Int]
    private let random: CounterRandom
    /// More than a synset has constraints, so that the draws of two positions never meet.
    private static let drawsOfAPosition: UInt64 = 1 << 24

    /// - Parameters:
    ///   - first, second, synsets: one element per constraint, in file order; synsets numbered from 0.
    init(first: [UInt32], second: [UInt32], synsets: [UInt32], seed: UInt64) {
        (self.first, self.second, self.synsets) = (first, second, synsets)
        var counts = [Int](repeating: 0, count: Int(synsets.max() ?? 0) + 1)
        for synset in synsets { counts[Int(synset)] += 1 }
        var starts = [0]
        for count in counts { starts.append(starts[starts.count - 1] + count) }
        var next = starts
        var grouped = [UInt32](repeating: 0, count: synsets.count)
        for (row, synset) in synsets.enumerated() {
            grouped[next[Int(synset)]] = UInt32(row)
            next[Int(synset)] += 1
        }
        (self.starts, self.grouped) = (starts, grouped)
        random = CounterRandom(seed: seed, stream: .max)
    }

    /// At most `count` other constraints of the synset in random order, none with a word of `row` or of each other.
    /// - Parameter position: where the draw stands in the run; the same one gives the same constraints.
    func companions(of row: Int, count: Int, position: UInt64) -> [Int] {
        let synset = Int(synsets[row])
        var candidates = Array(grouped[starts[synset]..<starts[synset + 1]])
        var words: Set<UInt32> = [first[row], second[row]]
        var taken: [Int] = []
        var draw = position &* Self.drawsOfAPosition
        while taken.count < count, !candidates.isEmpty {
            let place = random.below(candidates.count, draw)
            draw &+= 1
            let candidate = Int(candidates[place])
            candidates[place] = candidates[candidates.count - 1]
            candidates.removeLast()
            if words.contains(first[candidate]) || words.contains(second[candidate]) { continue }
            words.insert(first[candidate])
            words.insert(second[candidate])
            taken.append(candidate)
        }
        return taken
    }
}
