#if canImport(Glibc)
import Glibc
#endif

/// Which constraint stands at which place of the training run: a function of the place alone, so that a resumed run
/// reads the same ones.
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
    private let companions: SynsetCompanions?
    /// Constraints grouped by pair, in file order; `starts[p]` is where pair p begins.
    private var grouped: [UInt32] = []
    private var starts: [Int] = []
    private var cumulative: [Double] = []
    private var permutation: [UInt32] = []
    private var permutedEpoch = -1

    /// - Parameters:
    ///   - pairOfConstraint: index into `pairNames` of every constraint, in file order.
    ///   - alpha: α of q ∝ p^α; 1 draws pairs as they are, 0 all equally.
    ///   - pairsPerSynset: with `smoothed`, constraints of one synset that stand together; above 1 it takes `companions`.
    init(
        method: SamplingMethod, pairNames: [String], pairOfConstraint: [UInt32], alpha: Double, seed: UInt64,
        pairsPerSynset: Int = 1, companions: SynsetCompanions? = nil
    ) {
        precondition(!pairOfConstraint.isEmpty)
        precondition(pairsPerSynset == 1 || (method == .smoothed && companions != nil))
        self.method = method
        self.seed = seed
        self.pairsPerSynset = pairsPerSynset
        self.companions = companions
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

    /// The constraints at places `range` of an epoch.
    func constraints(epoch: Int, _ range: Range<Int>) -> [Int] {
        precondition(range.lowerBound >= 0 && range.upperBound <= constraintCount)
        switch method {
        case .file: return Array(range)
        case .shuffle:
            permute(epoch)
            return range.map { Int(permutation[$0]) }
        case .smoothed:
            let start = UInt64(epoch) * UInt64(constraintCount)
            guard let companions, pairsPerSynset > 1 else { return range.map { smoothed(start + UInt64($0)) } }
            let firstGroup = range.lowerBound / pairsPerSynset * pairsPerSynset
            return stride(from: firstGroup, to: range.upperBound, by: pairsPerSynset).flatMap { group -> [Int] in
                let leader = smoothed(start + UInt64(group))
                var rows = [leader]
                rows += companions.companions(of: leader, count: pairsPerSynset - 1, position: start + UInt64(group))
                // A synset with fewer constraints leaves the rest to draws of their own.
                for place in rows.count..<pairsPerSynset { rows.append(smoothed(start + UInt64(group + place))) }
                return (0..<pairsPerSynset).filter { range.contains(group + $0) }.map { rows[$0] }
            }
        }
    }

    /// A language pair, then one of its constraints, for a place counted over all epochs.
    private func smoothed(_ place: UInt64) -> Int {
        let pair = self.pair(at: random.fraction(2 * place))
        return Int(grouped[starts[pair] + random.below(pairs[pair].count, 2 * place + 1)])
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
