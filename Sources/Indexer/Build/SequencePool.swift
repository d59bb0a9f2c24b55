import Encoder
import Fingerprinting

/// The distinct token sequences of a run, stored flat: beside four bytes a token some 35 bytes each.
///
/// Token ids lie in segments that are never moved: an array that doubles holds all of them twice while it grows.
struct SequencePool: Sendable {
    /// Ids of a segment; one whose sequence is longer has more.
    private static let segmentIds = 1 << 20

    private var segments: [[Int32]] = []
    /// The first sequence in each segment, ascending.
    private var firstSequences: [Int] = []
    /// Of each sequence, in its segment.
    private var spans: [Span] = []
    /// Of each sequence, a position in `poolings`.
    private var poolingNumbers: [UInt32] = []
    private var poolings: [PooledPositions] = []
    private var poolingsByPositions: [PooledPositions: UInt32] = [:]
    private(set) var digests: [Fingerprint] = []
    /// Positions + 1 by digest, open addressing; 0 is free. The length is a power of two, at most three quarters full.
    private var slots = [UInt32](repeating: 0, count: 64)
    /// Token ids of all sequences, special tokens included.
    private(set) var tokenCount = 0

    private struct Span {
        var start: UInt32
        var count: UInt32
    }

    var count: Int { spans.count }

    /// The position of a sequence, added when it is new.
    mutating func insert(ids newIds: ArraySlice<Int32>, _ positions: PooledPositions, digest: Fingerprint) -> Int {
        let slot = slot(of: digest)
        if slots[slot] != 0 { return Int(slots[slot]) - 1 }
        let position = spans.count
        if segments.last.map({ $0.count + newIds.count > Self.segmentIds }) ?? true {
            var segment: [Int32] = []
            segment.reserveCapacity(max(Self.segmentIds, newIds.count))
            segments.append(segment)
            firstSequences.append(position)
        }
        let segment = segments.count - 1
        spans.append(Span(start: UInt32(segments[segment].count), count: UInt32(newIds.count)))
        segments[segment].append(contentsOf: newIds)
        poolingNumbers.append(number(of: positions))
        digests.append(digest)
        tokenCount += newIds.count
        slots[slot] = UInt32(position + 1)
        if digests.count * 4 > slots.count * 3 { growSlots() }
        return position
    }

    func position(of digest: Fingerprint) -> Int? {
        let found = slots[slot(of: digest)]
        return found == 0 ? nil : Int(found) - 1
    }

    func length(at position: Int) -> Int { Int(spans[position].count) }

    /// The sequence as the encoder takes it.
    func sequence(at position: Int) -> TokenSequence {
        let span = spans[position]
        let ids = segments[segment(of: position)][Int(span.start)..<Int(span.start) + Int(span.count)]
        let pooled = poolings[Int(poolingNumbers[position])]
        return TokenSequence(
            ids: Array(ids), pooled: pooled.range, pooling: pooled.pooling, isDense: pooled.isDense)
    }

    /// The last segment whose first sequence is not behind this one.
    private func segment(of position: Int) -> Int {
        var (low, high) = (0, firstSequences.count)
        while high - low > 1 {
            let middle = (low + high) / 2
            if firstSequences[middle] <= position { low = middle } else { high = middle }
        }
        return low
    }

    private mutating func number(of positions: PooledPositions) -> UInt32 {
        if let last = poolingNumbers.last, poolings[Int(last)] == positions { return last }
        if let known = poolingsByPositions[positions] { return known }
        let number = UInt32(poolings.count)
        poolings.append(positions)
        poolingsByPositions[positions] = number
        return number
    }

    /// Where a digest is, or the free slot where it belongs. Its bits are a hash already.
    private func slot(of digest: Fingerprint) -> Int {
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: digest.low) & mask
        while slots[slot] != 0, digests[Int(slots[slot]) - 1] != digest { slot = (slot + 1) & mask }
        return slot
    }

    private mutating func growSlots() {
        let count = slots.count * 2
        slots = []
        slots = [UInt32](repeating: 0, count: count)
        for (position, digest) in digests.enumerated() {
            var slot = Int(truncatingIfNeeded: digest.low) & (count - 1)
            while slots[slot] != 0 { slot = (slot + 1) & (count - 1) }
            slots[slot] = UInt32(position + 1)
        }
    }
}

/// Which of a sequence's positions are pooled, how, and whether the vector goes on through Dense modules.
struct PooledPositions: Hashable, Sendable {
    private let first: UInt32
    private let end: UInt32
    let pooling: TokenSequence.Pooling
    let isDense: Bool

    init(_ sequence: TokenSequence) {
        first = UInt32(sequence.pooled.lowerBound)
        end = UInt32(sequence.pooled.upperBound)
        pooling = sequence.pooling
        isDense = sequence.isDense
    }

    var range: Range<Int> { Int(first)..<Int(end) }
}

/// The digest by which token sequences are known across languages, runs and stores.
enum SequenceDigest {
    /// Hash of segment start, pooled positions, ids and, where it is no mean, the pooling (below any id), as
    /// little-endian 32-bit numbers; then, where there are some, of the Dense modules its vector goes through.
    static func of(_ sequence: TokenSequence, dense: DenseModules? = nil) -> Fingerprint {
        precondition(sequence.isDense == (dense != nil), "a sequence goes through the Dense modules it asks for")
        let bounds = [sequence.secondSegmentStart, sequence.pooled.lowerBound, sequence.pooled.upperBound]
        var numbers = bounds.map { Int32(clamping: $0).littleEndian } + sequence.ids.map(\.littleEndian)
        switch sequence.pooling {
        case .mean: break
        case .meanOverRoot: numbers.append(Int32(-1).littleEndian)
        case .maximum: numbers.append(Int32(-2).littleEndian)
        case .weightedMean: numbers.append(Int32(-3).littleEndian)
        }
        if let dense {
            numbers.append(Int32(-4).littleEndian)
            for half in [dense.fingerprint.high, dense.fingerprint.low] {
                numbers += [Int32(truncatingIfNeeded: half), Int32(truncatingIfNeeded: half >> 32)].map(\.littleEndian)
            }
        }
        return numbers.withUnsafeBytes { Fingerprint.of(bytes: $0) }
    }
}
