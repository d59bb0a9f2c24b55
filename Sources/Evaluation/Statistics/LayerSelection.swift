import Fingerprinting

/// Layers chosen without what they are scored on. The best of thirteen layers on the very pairs it is reported on
/// flatters: part of its lead is chance, which another choice would not repeat.
/// - Source: cross-validation as of Stone 1974, "Cross-Validatory Choice and Assessment of Statistical Predictions":
///   what is left out of the choice is a pair of languages, or half of the queries.
package enum LayerSelection {
    /// What the queries of one pair came to at one layer, by half.
    package struct HalfScores: Hashable, Sendable {
        /// Of the queries' scores.
        package var sums: [Double]
        package var counts: [Int]

        package init(sums: [Double] = [0, 0], counts: [Int] = [0, 0]) {
            precondition(sums.count == 2 && counts.count == 2)
            (self.sums, self.counts) = (sums, counts)
        }

        package mutating func add(_ score: Double, half: Int) {
            sums[half] += score
            counts[half] += 1
        }
    }

    /// The place of the highest score, the first among equals; nil without any.
    package static func best(_ scores: [Double?]) -> Int? {
        var best: (place: Int, score: Double)?
        for (place, score) in scores.enumerated() {
            if let score, score > (best?.score ?? -.infinity) { best = (place, score) }
        }
        return best?.place
    }

    /// For each pair the layer with the highest mean over all other pairs.
    /// - Parameter scores: [layers][pairs]; nil for a score that does not exist, which is in no mean.
    /// - Returns: [pairs]; nil where there is no other pair with a score.
    package static func onOtherPairs(_ scores: [[Double?]]) -> [Int?] {
        (0..<(scores.first?.count ?? 0)).map { left in
            best(
                scores.map { layer in
                    mean(layer.enumerated().compactMap { pair, score in pair == left ? nil : score })
                })
        }
    }

    /// Two-fold: the layer with the highest mean over pairs on one half of their queries, scored on the other half.
    /// - Parameter scores: [layers][pairs]. A pair counts in a half's mean if it has queries there.
    /// - Returns: the layers chosen on the first and on the second half, and each pair's mean score over its queries,
    ///   those of the first half at the layer chosen on the second and the other way round, 0 for a pair without
    ///   queries; nil when a half has no queries at all.
    package static func onHalves(_ scores: [[HalfScores]]) -> (chosen: [Int], scores: [Double])? {
        let chosen = [0, 1].compactMap { half in
            best(
                scores.map { layer in
                    mean(layer.filter { $0.counts[half] > 0 }.map { $0.sums[half] / Double($0.counts[half]) })
                })
        }
        guard chosen.count == 2 else { return nil }
        let crossed = scores[chosen[1]].indices.map { pair -> Double in
            let (first, second) = (scores[chosen[1]][pair], scores[chosen[0]][pair])
            let count = first.counts[0] + second.counts[1]
            return count == 0 ? 0 : (first.sums[0] + second.sums[1]) / Double(count)
        }
        return (chosen, crossed)
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

/// The queries of a data file in two halves: what is chosen on one is scored on the other.
///
/// A query's half depends on its bytes and the seed alone: a word is in the same half in every row and every pair of
/// languages, so that nothing is chosen on a word it is scored on.
package struct QueryHalves: Hashable, Sendable {
    package static let seed: UInt64 = 1

    /// Positions of the second half.
    private var second: Set<Int> = []

    package init() {}

    /// - Parameter position: where the query stands in its data.
    package mutating func add(_ query: UnsafeBufferPointer<UInt8>, at position: Int) {
        if Self.half(of: query) == 1 { second.insert(position) }
    }

    /// 0 or 1.
    package func half(at position: Int) -> Int { second.contains(position) ? 1 : 0 }

    /// The half of a query: the lowest bit of SplitMix64's mix of the seed and the low 64 bits of XXH3-128 of its
    /// UTF-8 bytes.
    package static func half(of query: UnsafeBufferPointer<UInt8>, seed: UInt64 = QueryHalves.seed) -> Int {
        Int(SplitMix64.mix(Fingerprint.of(bytes: UnsafeRawBufferPointer(query)).low ^ seed) & 1)
    }
}
