import ArgumentParser

#if canImport(Glibc)
import Glibc
#endif

/// Which constraint stands at which position of the training run: a function of the position alone, so that a resumed
/// run reads the same ones.
///
/// An epoch has as many draws as there are constraints; its last batch may be smaller (torch's `DataLoader`).
final class ConstraintSampler {
    let method: SamplingMethod
    let constraintCount: Int
    /// Language pairs with the number of their constraints and the probability of being drawn.
    let pairs: [(name: String, count: Int, probability: Double)]
    private let random: CounterRandom
    private let seed: UInt64
    private let pairsPerSynset: Int
    private let perSynset: PerSynsetSampler?
    /// Constraints grouped by pair, in file order; `starts[p]` is where pair p begins.
    private var grouped: [UInt32] = []
    private var starts: [Int] = []
    private var cumulative: [Double] = []
    private var permutation: [UInt32] = []
    private var permutedEpoch = -1

    /// - Parameters:
    ///   - pairOfConstraint: index into `pairNames` of every constraint, in file order.
    ///   - alpha: α of q ∝ p^α; 1 draws pairs as they are, 0 all equally.
    ///   - pairsPerSynset: with `smoothed`, constraints of one synset that stand together; above 1 it takes
    ///     `perSynset`.
    init(
        method: SamplingMethod, pairNames: [String], pairOfConstraint: [UInt32], alpha: Double, seed: UInt64,
        pairsPerSynset: Int = 1, perSynset: PerSynsetSampler? = nil
    ) {
        precondition(!pairOfConstraint.isEmpty)
        precondition(pairsPerSynset == 1 || (method == .smoothed && perSynset != nil))
        self.method = method
        self.seed = seed
        self.pairsPerSynset = pairsPerSynset
        self.perSynset = perSynset
        constraintCount = pairOfConstraint.count
        random = CounterRandom(seed: seed, stream: 1)
        var counts = [Int](repeating: 0, count: pairNames.count)
        for pair in pairOfConstraint { counts[Int(pair)] += 1 }
        let weights = counts.map { $0 == 0 ? 0 : pow(Double($0) / Double(pairOfConstraint.count), alpha) }
        let total = weights.reduce(0, +)
        pairs = pairNames.indices.map { (pairNames[$0], counts[$0], weights[$0] / total) }
        guard method == .smoothed else { return }
        var sum = 0.0, start = 0
        for index in counts.indices {
            starts.append(start)
            start += counts[index]
            sum += weights[index] / total
            cumulative.append(sum)
        }
        grouped = [UInt32](repeating: 0, count: pairOfConstraint.count)
        var next = starts
        for (row, pair) in pairOfConstraint.enumerated() {
            grouped[next[Int(pair)]] = UInt32(row)
            next[Int(pair)] += 1
        }
    }

    /// The constraints at positions `range` of an epoch.
    func constraints(epoch: Int, _ range: Range<Int>) -> [Int] {
        precondition(range.lowerBound >= 0 && range.upperBound <= constraintCount)
        switch method {
        case .file: return Array(range)
        case .shuffle:
            permute(epoch)
            return range.map { Int(permutation[$0]) }
        case .smoothed:
            let start = UInt64(epoch) * UInt64(constraintCount)
            guard let perSynset, pairsPerSynset > 1 else { return range.map { smoothed(start + UInt64($0)) } }
            let firstGroup = range.lowerBound / pairsPerSynset * pairsPerSynset
            return stride(from: firstGroup, to: range.upperBound, by: pairsPerSynset).flatMap { group -> [Int] in
                let leader = smoothed(start + UInt64(group))
                var rows = [leader]
                rows += perSynset.others(of: leader, count: pairsPerSynset - 1, position: start + UInt64(group))
                // A synset with fewer constraints leaves the rest to draws of their own.
                for offset in rows.count..<pairsPerSynset { rows.append(smoothed(start + UInt64(group + offset))) }
                return (0..<pairsPerSynset).filter { range.contains(group + $0) }.map { rows[$0] }
            }
        }
    }

    /// A language pair, then one of its constraints, for a position counted over all epochs.
    private func smoothed(_ position: UInt64) -> Int {
        let pair = self.pair(at: random.fraction(2 * position))
        return Int(grouped[starts[pair] + random.below(pairs[pair].count, 2 * position + 1)])
    }

    /// The first pair whose cumulative probability is above a fraction.
    private func pair(at fraction: Double) -> Int {
        var low = 0, high = cumulative.count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > fraction { high = middle } else { low = middle + 1 }
        }
        // Rounding may leave the last sum below 1, and the last pair may be an empty one.
        while pairs[low].count == 0 { low -= 1 }
        return low
    }

    private func permute(_ epoch: Int) {
        guard permutedEpoch != epoch else { return }
        permutedEpoch = epoch
        permutation = (0..<UInt32(constraintCount)).map { $0 }
        let random = CounterRandom(seed: seed, stream: 2 &+ UInt64(epoch))
        for place in stride(from: constraintCount - 1, to: 0, by: -1) {
            permutation.swapAt(place, random.below(place + 1, UInt64(place)))
        }
    }
}

/// `--sampling`: which constraints make a batch.
enum SamplingMethod: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// Language pairs with q ∝ p^α, then a constraint of the pair, with replacement (paper §4).
    case smoothed
    /// Each epoch a new permutation.
    case shuffle
    /// The file's order, every epoch.
    case file
}

/// Draws further constraints of a constraint's synset, so that a batch holds several positives for a word
/// (`--pairs-per-synset`).
struct PerSynsetSampler {
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
    func others(of row: Int, count: Int, position: UInt64) -> [Int] {
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
