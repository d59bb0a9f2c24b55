#if canImport(Glibc)
import Glibc
#endif

/// How unevenly candidates occur among the nearest neighbours of queries: hubs are near to everything, orphans to
/// nothing.
package struct Hubness: Hashable, Sendable {
    /// Neighbours counted per query unless said otherwise.
    package static let neighbours = 10

    /// N_k: how often each candidate is among the k nearest of a query. [candidates]
    package let occurrences: [Int]

    package init(occurrences: [Int]) { self.occurrences = occurrences }

    /// Skewness of the k-occurrence distribution, E[(N − μ)³] / σ³; 0 when all candidates occur equally often.
    /// - Source: Radovanović et al. 2010, "Hubs in Space", §3; `scipy.stats.skew(occurrences)`.
    package var skewness: Double {
        guard !occurrences.isEmpty else { return 0 }
        let count = Double(occurrences.count)
        let mean = occurrences.reduce(0.0) { $0 + Double($1) } / count
        var (second, third) = (0.0, 0.0)
        for occurrence in occurrences {
            let distance = Double(occurrence) - mean
            second += distance * distance
            third += distance * distance * distance
        }
        guard second > 0 else { return 0 }
        return (third / count) / pow(second / count, 1.5)
    }

    /// Share of candidates that are nobody's neighbour (anti-hubs).
    package var orphanShare: Double {
        occurrences.isEmpty ? 0 : Double(occurrences.count { $0 == 0 }) / Double(occurrences.count)
    }

    /// The candidates that occur most often, most often first, equal ones by row; those that occur at all.
    package func hubs(_ count: Int) -> [(row: Int, occurrences: Int)] {
        occurrences.indices.filter { occurrences[$0] > 0 }
            .sorted { (-occurrences[$0], $0) < (-occurrences[$1], $1) }
            .prefix(count).map { ($0, occurrences[$0]) }
    }
}
