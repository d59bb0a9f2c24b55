import Fingerprinting

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
