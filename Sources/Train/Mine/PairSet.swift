/// A set of 64-bit keys in one flat table: 11 to 22 bytes a key.
struct PairSet: Sendable {
    /// 0 is free; the key 0 is kept apart. The length is a power of two.
    private var slots = [UInt64](repeating: 0, count: 1024)
    private var hasZero = false
    private(set) var count = 0

    func contains(_ key: UInt64) -> Bool {
        if key == 0 { return hasZero }
        let mask = slots.count - 1
        var slot = Self.slot(of: key, mask: mask)
        while slots[slot] != 0 {
            if slots[slot] == key { return true }
            slot = (slot + 1) & mask
        }
        return false
    }

    /// - Returns: whether the key is new.
    mutating func insert(_ key: UInt64) -> Bool {
        if key == 0 {
            defer { hasZero = true }
            if !hasZero { count += 1 }
            return !hasZero
        }
        let isNew = slots.withUnsafeMutableBufferPointer { Self.place(key, in: $0) }
        guard isNew else { return false }
        count += 1
        if count * 4 > slots.count * 3 { grow() }
        return true
    }

    private static func place(_ key: UInt64, in slots: UnsafeMutableBufferPointer<UInt64>) -> Bool {
        let mask = slots.count - 1
        var slot = slot(of: key, mask: mask)
        while slots[slot] != 0 {
            if slots[slot] == key { return false }
            slot = (slot + 1) & mask
        }
        slots[slot] = key
        return true
    }

    /// Fibonacci hashing: keys are two dense row numbers side by side, which low bits alone would not spread.
    private static func slot(of key: UInt64, mask: Int) -> Int {
        Int(truncatingIfNeeded: (key &* 0x9e37_79b9_7f4a_7c15) >> 20) & mask
    }

    private mutating func grow() {
        var grown = [UInt64](repeating: 0, count: slots.count * 2)
        grown.withUnsafeMutableBufferPointer { grown in
            for key in slots where key != 0 { _ = Self.place(key, in: grown) }
        }
        slots = grown
    }
}
