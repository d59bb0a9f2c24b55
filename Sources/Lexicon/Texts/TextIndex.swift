import CXXHash

#if canImport(Glibc)
import Glibc
#endif

/// Finds the row of a text by its bytes: a `TextTable` of distinct texts with an open-addressing hash table over it.
///
/// A lookup costs one XXH3 hash and, as a rule, one comparison; an entry costs its text plus 16 to 32 bytes.
package struct TextIndex: Sendable {
    /// The distinct texts, in the order they were first inserted.
    package private(set) var table: TextTable
    /// Slot: upper 32 bits of the hash over row + 1; 0 is free. The length is a power of two, at most half full.
    private var slots: [UInt64]

    // A seed drawn once per process keeps a crafted list from making every lookup collide. Rows do not depend on it.
    private static let seed = UInt64.random(in: .min ... .max)

    package init() {
        table = TextTable()
        slots = [UInt64](repeating: 0, count: 64)
    }

    /// Indexes the rows of a table; of rows with the same bytes the first is found.
    ///
    /// `row(of:)` answers with rows of this very table, repeats included.
    package init(of table: TextTable) {
        self.table = table
        slots = [UInt64](repeating: 0, count: Self.slotCount(for: table.count))
        for row in 0..<table.count {
            let hash = table.withBytes(at: row, Self.hash)
            let slot = table.withBytes(at: row) { slotOf($0, hash: hash) }
            if slots[slot] == 0 { slots[slot] = Self.entry(hash: hash, row: row) }
        }
    }

    /// Rows of the table.
    package var count: Int { table.count }

    /// The row whose text has exactly these bytes.
    package func row(of text: UnsafeBufferPointer<UInt8>) -> Int? {
        let entry = slots[slotOf(text, hash: Self.hash(text))]
        return entry == 0 ? nil : Self.row(entry)
    }

    package func row(of text: some Collection<UInt8>) -> Int? {
        if let found = text.withContiguousStorageIfAvailable({ row(of: $0) }) { return found }
        return Array(text).withUnsafeBufferPointer { row(of: $0) }
    }

    /// By the UTF-8 bytes of a string, not by canonical equivalence.
    package func row(of text: String) -> Int? {
        var text = text
        return text.withUTF8 { row(of: $0) }
    }

    package func contains(_ text: UnsafeBufferPointer<UInt8>) -> Bool { row(of: text) != nil }

    package func contains(_ text: String) -> Bool { row(of: text) != nil }

    /// Appends a text unless it is there.
    /// - Returns: its row, and whether it is new.
    @discardableResult
    package mutating func insert(_ text: UnsafeBufferPointer<UInt8>) -> (row: Int, isNew: Bool) {
        let hash = Self.hash(text)
        let slot = slotOf(text, hash: hash)
        if slots[slot] != 0 { return (Self.row(slots[slot]), false) }
        let row = table.count
        table.append(text)
        slots[slot] = Self.entry(hash: hash, row: row)
        if table.count * 2 > slots.count { grow() }
        return (row, true)
    }

    @discardableResult
    package mutating func insert(_ text: some Collection<UInt8>) -> (row: Int, isNew: Bool) {
        if let result = text.withContiguousStorageIfAvailable({ insert($0) }) { return result }
        return Array(text).withUnsafeBufferPointer { insert($0) }
    }

    @discardableResult
    package mutating func insert(_ text: String) -> (row: Int, isNew: Bool) {
        var text = text
        return text.withUTF8 { insert($0) }
    }

    /// The slot that holds the text, or the free one where it belongs.
    private func slotOf(_ text: UnsafeBufferPointer<UInt8>, hash: UInt64) -> Int {
        let tag = hash >> 32
        return slots.withUnsafeBufferPointer { slots in
            let mask = slots.count - 1
            var slot = Int(tag) & mask
            while slots[slot] != 0 {
                if slots[slot] >> 32 == tag, equals(row: Self.row(slots[slot]), text) { break }
                slot = (slot + 1) & mask
            }
            return slot
        }
    }

    private func equals(row: Int, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
        table.withBytes(at: row) { other in
            guard other.count == text.count else { return false }
            guard let a = other.baseAddress, let b = text.baseAddress else { return true }
            return memcmp(a, b, text.count) == 0
        }
    }

    /// Twice the slots; positions come from the stored upper halves of the hashes, so no text is hashed again.
    private mutating func grow() {
        var grown = [UInt64](repeating: 0, count: slots.count * 2)
        let mask = grown.count - 1
        for entry in slots where entry != 0 {
            var slot = Int(entry >> 32) & mask
            while grown[slot] != 0 { slot = (slot + 1) & mask }
            grown[slot] = entry
        }
        slots = grown
    }

    private static func slotCount(for rows: Int) -> Int {
        var count = 64
        while count < rows * 2 { count *= 2 }
        return count
    }

    private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt64 {
        XXH3_64bits_withSeed(text.baseAddress, text.count, seed)
    }

    private static func entry(hash: UInt64, row: Int) -> UInt64 {
        precondition(row < Int(UInt32.max), "a text index holds at most 2^32 - 2 rows")
        return (hash >> 32) << 32 | UInt64(row + 1)
    }

    private static func row(_ entry: UInt64) -> Int { Int(entry & 0xffff_ffff) - 1 }
}
