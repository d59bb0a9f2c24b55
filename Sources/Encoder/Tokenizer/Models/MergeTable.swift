/// Which pairs of pieces merge, to what, and how early, in one flat open-addressing table.
struct MergeTable: Sendable {
    struct Merge {
        let rank: UInt32
        let merged: Int32
    }

    /// Pairs of ids; `free` where there is none.
    private var keys: [UInt64]
    private var ranks: [UInt32]
    /// What the merge of each rank makes.
    private var mergedByRank: [Int32] = []
    private let shift: UInt64

    private static let free = UInt64.max

    init(capacity: Int) {
        var bits: UInt64 = 4
        while (1 << bits) < 2 * capacity { bits += 1 }
        keys = [UInt64](repeating: Self.free, count: 1 << Int(bits))
        ranks = [UInt32](repeating: 0, count: keys.count)
        shift = 64 - bits
        mergedByRank.reserveCapacity(capacity)
    }

    /// Adds the merge of the next rank; one of the same pair is replaced, as in the library.
    mutating func insert(_ first: Int32, _ second: Int32, merged: Int32, rank: UInt32) {
        precondition(Int(rank) == mergedByRank.count && mergedByRank.count < keys.count / 2)
        mergedByRank.append(merged)
        let key = Self.key(first, second)
        var slot = start(key)
        while keys[slot] != Self.free && keys[slot] != key { slot = (slot + 1) & (keys.count - 1) }
        keys[slot] = key
        ranks[slot] = rank
    }

    @inline(__always)
    func find(_ first: Int32, _ second: Int32) -> Merge? {
        let key = Self.key(first, second)
        var slot = start(key)
        while keys[slot] != Self.free {
            if keys[slot] == key { return Merge(rank: ranks[slot], merged: mergedByRank[Int(ranks[slot])]) }
            slot = (slot + 1) & (keys.count - 1)
        }
        return nil
    }

    @inline(__always)
    func merged(byRank rank: UInt32) -> Int32 { mergedByRank[Int(rank)] }

    private static func key(_ first: Int32, _ second: Int32) -> UInt64 {
        UInt64(UInt32(bitPattern: first)) << 32 | UInt64(UInt32(bitPattern: second))
    }

    @inline(__always)
    private func start(_ key: UInt64) -> Int { Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift) }
}
