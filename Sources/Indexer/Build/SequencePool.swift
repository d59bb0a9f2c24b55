import Encoder
import Fingerprinting

/// The distinct token sequences of a run, stored flat: a million and a half of them take about 150 MB.
struct SequencePool: Sendable {
    private var ids: [Int32] = []
    private var ends: [Int] = []
    private(set) var digests: [Fingerprint] = []
    private var positions: [Fingerprint: UInt32] = [:]

    var count: Int { ends.count }
    /// Token ids of all sequences, special tokens included.
    var tokenCount: Int { ids.count }

    /// The position of a sequence, added when it is new.
    mutating func insert(ids newIds: ArraySlice<Int32>, digest: Fingerprint) -> Int {
        if let known = positions[digest] { return Int(known) }
        let position = ends.count
        ids.append(contentsOf: newIds)
        ends.append(ids.count)
        digests.append(digest)
        positions[digest] = UInt32(position)
        return position
    }

    func position(of digest: Fingerprint) -> Int? { positions[digest].map { Int($0) } }

    func length(at position: Int) -> Int { ends[position] - start(of: position) }

    /// The sequence as the encoder takes it: words and sentences, pooled over all but the special tokens at both ends.
    func sequence(at position: Int) -> TokenSequence {
        let ids = Array(self.ids[start(of: position)..<ends[position]])
        return TokenSequence(ids: ids, pooled: 1..<(ids.count - 1))
    }

    private func start(of position: Int) -> Int { position == 0 ? 0 : ends[position - 1] }
}

/// The digest by which token sequences are known across languages, runs and stores.
enum SequenceDigest {
    /// Hash of ids, segment start and pooled positions as little-endian 32-bit numbers.
    static func of(_ sequence: TokenSequence) -> Fingerprint {
        let bounds = [sequence.secondSegmentStart, sequence.pooled.lowerBound, sequence.pooled.upperBound]
        let numbers = bounds.map { Int32(clamping: $0).littleEndian } + sequence.ids.map(\.littleEndian)
        return numbers.withUnsafeBytes { Fingerprint.of(bytes: $0) }
    }
}
