import Encoder
import Fingerprinting

/// The distinct token sequences of a run, stored flat: a million and a half of them take about 150 MB.
struct SequencePool: Sendable {
    private var ids: [Int32] = []
    private var ends: [Int] = []
    private var pooled: [PooledPositions] = []
    private(set) var digests: [Fingerprint] = []
    private var numbers: [Fingerprint: UInt32] = [:]

    var count: Int { ends.count }
    /// Token ids of all sequences, special tokens included.
    var tokenCount: Int { ids.count }

    /// The position of a sequence, added when it is new.
    mutating func insert(ids newIds: ArraySlice<Int32>, _ positions: PooledPositions, digest: Fingerprint) -> Int {
        if let known = numbers[digest] { return Int(known) }
        let position = ends.count
        ids.append(contentsOf: newIds)
        ends.append(ids.count)
        pooled.append(positions)
        digests.append(digest)
        numbers[digest] = UInt32(position)
        return position
    }

    func position(of digest: Fingerprint) -> Int? { numbers[digest].map { Int($0) } }

    func length(at position: Int) -> Int { ends[position] - start(of: position) }

    /// The sequence as the encoder takes it.
    func sequence(at position: Int) -> TokenSequence {
        let ids = Array(self.ids[start(of: position)..<ends[position]])
        return TokenSequence(
            ids: ids, pooled: pooled[position].range, pooling: pooled[position].pooling,
            isDense: pooled[position].isDense)
    }

    private func start(of position: Int) -> Int { position == 0 ? 0 : ends[position - 1] }
}

/// Which of a sequence's positions are pooled, how, and whether the vector goes on through Dense modules.
struct PooledPositions: Equatable, Sendable {
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
