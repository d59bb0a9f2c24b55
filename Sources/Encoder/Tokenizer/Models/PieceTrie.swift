/// A vocabulary's pieces as a trie over bytes, in one flat open-addressing table: no Swift String, one probe a byte.
///
/// Several tries can share the table: node 0 is a root, and `addRoot` makes more.
struct PieceTrie: Sendable {
    static let root: UInt32 = 0
    static let noValue: Int32 = -1
    /// Nodes are numbered in 24 bits; the largest published vocabularies need about a million.
    static let nodeLimit = 1 << 24

    /// (parent << 8 | byte) << 32 | child, 0 when free: a child is never node 0.
    private var slots: [UInt64]
    private var shift: UInt64
    /// Value of the piece that ends at a node.
    private var values: [Int32]
    private var nodesWithValue = 0
    /// Whether there was a piece of no bytes, which never matches.
    var holdsEmptyPiece = false

    /// - Parameter byteCount: total length of the pieces to come, to size the table; more is allowed.
    init(byteCount: Int) {
        var bits: UInt64 = 10
        while bits < 24 && (1 << bits) < byteCount { bits += 1 }
        slots = [UInt64](repeating: 0, count: 1 << Int(bits))
        shift = 64 - bits
        values = [Self.noValue]
        values.reserveCapacity(byteCount / 2 + 2)
    }

    var nodeCount: Int { values.count }

    /// Number of different pieces under all roots together.
    var pieceCount: Int { nodesWithValue + (holdsEmptyPiece ? 1 : 0) }

    mutating func addRoot() -> UInt32 {
        values.append(Self.noValue)
        return UInt32(values.count - 1)
    }

    /// Sets the value of a piece.
    /// - Returns: the value it had, or `noValue`; nil when there is no room for more nodes.
    mutating func insert(_ piece: some Sequence<UInt8>, from root: UInt32, value: Int32) -> Int32? {
        var node = root
        for byte in piece {
            let key = UInt64(node) << 8 | UInt64(byte)
            var slot = Self.start(key, shift)
            while slots[slot] != 0 && slots[slot] >> 32 != key { slot = (slot + 1) & (slots.count - 1) }
            if slots[slot] == 0 {
                guard values.count < Self.nodeLimit else { return nil }
                node = UInt32(values.count)
                values.append(Self.noValue)
                slots[slot] = key << 32 | UInt64(node)
                // At most three quarters full: probes stay short.
                if values.count > slots.count / 4 * 3 { grow() }
            } else {
                node = UInt32(truncatingIfNeeded: slots[slot])
            }
        }
        let previous = values[Int(node)]
        values[Int(node)] = value
        if previous == Self.noValue { nodesWithValue += 1 }
        return previous
    }

    @inline(__always)
    private static func start(_ key: UInt64, _ shift: UInt64) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9E37_79B9_7F4A_7C15) >> shift)
    }

    private mutating func grow() {
        let old = slots
        slots = [UInt64](repeating: 0, count: 2 * old.count)
        shift -= 1
        for entry in old where entry != 0 {
            var slot = Self.start(entry >> 32, shift)
            while slots[slot] != 0 { slot = (slot + 1) & (slots.count - 1) }
            slots[slot] = entry
        }
    }

    /// Value of a piece; nil when it is not there.
    func value(of piece: some Sequence<UInt8>) -> Int32? {
        withReader { reader in reader.value(of: piece) }
    }

    /// The pieces that have some values, in one pass over the table: what ids are called, for messages.
    /// - Parameter roots: with what stands before the pieces under each root.
    func pieces(of wanted: Set<Int32>, roots: [UInt32: [UInt8]] = [root: []]) -> [Int32: [UInt8]] {
        var parents = [(node: UInt32, byte: UInt8)](repeating: (0, 0), count: values.count)
        for entry in slots where entry != 0 {
            parents[Int(UInt32(truncatingIfNeeded: entry))] = (
                UInt32(truncatingIfNeeded: entry >> 40), UInt8(truncatingIfNeeded: entry >> 32)
            )
        }
        var found: [Int32: [UInt8]] = [:]
        for (end, value) in values.enumerated() where value != Self.noValue && wanted.contains(value) {
            var bytes: [UInt8] = [], node = UInt32(end)
            while roots[node] == nil {
                bytes.append(parents[Int(node)].byte)
                node = parents[Int(node)].node
            }
            found[value] = (roots[node] ?? []) + bytes.reversed()
        }
        return found
    }

    /// Lends the trie for lookups; take it once for a text, not once a byte.
    func withReader<Result>(_ body: (Reader) throws -> Result) rethrows -> Result {
        try slots.withUnsafeBufferPointer { slots in
            try values.withUnsafeBufferPointer { values in
                try body(Reader(slots: slots, values: values, shift: shift))
            }
        }
    }

    /// The trie during a lookup; must not leave `withReader`.
    struct Reader {
        fileprivate let slots: UnsafeBufferPointer<UInt64>
        fileprivate let values: UnsafeBufferPointer<Int32>
        fileprivate let shift: UInt64

        /// The node reached from `node` by `byte`; 0 when there is none.
        @inline(__always)
        func child(of node: UInt32, _ byte: UInt8) -> UInt32 {
            let key = UInt64(node) << 8 | UInt64(byte)
            var slot = PieceTrie.start(key, shift)
            while true {
                let entry = slots[slot]
                if entry == 0 { return 0 }
                if entry >> 32 == key { return UInt32(truncatingIfNeeded: entry) }
                slot = (slot + 1) & (slots.count - 1)
            }
        }

        /// Value of a whole piece; nil when it is not there.
        @inline(__always)
        func value(of piece: some Sequence<UInt8>, from root: UInt32 = PieceTrie.root) -> Int32? {
            var node = root
            for byte in piece {
                node = child(of: node, byte)
                if node == 0 { return nil }
            }
            let value = value(at: node)
            return value == PieceTrie.noValue ? nil : value
        }

        /// Value of the piece ending at `node`, or `noValue`.
        @inline(__always)
        func value(at node: UInt32) -> Int32 { values[Int(node)] }
    }
}
