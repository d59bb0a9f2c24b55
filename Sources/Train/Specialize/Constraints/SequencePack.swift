import Encoder
import Fingerprinting

/// Token sequences stored flat: ids end to end, twelve bytes more for each sequence.
struct SequencePack: Sendable {
    private var ids: [Int32] = []
    private var ends: [Int] = []
    /// Where the second segment begins, and where the pooled range, which begins at 1, ends.
    private var bounds: [(second: UInt16, pooled: UInt16)] = []

    var count: Int { ends.count }
    var tokenCount: Int { ids.count }

    mutating func append(_ sequence: TokenSequence) {
        precondition(sequence.pooled.lowerBound == 1 && sequence.ids.count <= Int(UInt16.max))
        ids.append(contentsOf: sequence.ids)
        ends.append(ids.count)
        bounds.append((UInt16(sequence.secondSegmentStart), UInt16(sequence.pooled.upperBound)))
    }

    subscript(index: Int) -> TokenSequence {
        let range = (index == 0 ? 0 : ends[index - 1])..<ends[index]
        return TokenSequence(
            ids: Array(ids[range]), secondSegmentStart: Int(bounds[index].second), pooled: 1..<Int(bounds[index].pooled)
        )
    }

    func length(_ index: Int) -> Int { ends[index] - (index == 0 ? 0 : ends[index - 1]) }

    func combine(into builder: FingerprintBuilder) {
        builder.combine(ends.count)
        ids.withUnsafeBytes { builder.combine(bytes: $0) }
        ends.withUnsafeBytes { builder.combine(bytes: $0) }
        for bound in bounds { builder.combine(UInt64(bound.second) << 16 | UInt64(bound.pooled)) }
    }
}
