import Lexicon

/// Pairs that are decided at the end because the set of pairs seen has reached its size: the rule against duplicates in
/// bounded memory.
///
/// Each pair goes to a scratch file with its synset, and its key to one of `bucketCount` others. Equal keys meet in one
/// bucket, in the order they came; buckets are resolved one after another, and a bit a pair says which are repeats.
/// Then the first file is read again. Disk: 32 bytes a pair and the synsets' glosses; memory: one bucket's keys and the
/// bits.
final class DeferredPairs {
    /// A pair of words by their rows, and its glosses by their position in the synset's list.
    struct Pair: Equatable {
        var first: UInt32
        var second: UInt32
        /// `noGloss` where the pair has none.
        var firstGloss: UInt32
        var secondGloss: UInt32

        static let noGloss = UInt32.max

        /// What makes two pairs the same.
        var key: UInt64 { UInt64(first) << 32 | UInt64(second) }
    }

    static let bucketCount = 64

    /// Pairs appended so far.
    private(set) var count = 0
    private let rows: ScratchFile
    private let buckets: [ScratchFile]

    /// - Parameter folder: where the scratch files lie.
    /// - Throws: `SystemFault`.
    init(folder: String) throws {
        rows = try ScratchFile(folder: folder, capacity: 1 << 20)
        buckets = try (0..<Self.bucketCount).map { _ in try ScratchFile(folder: folder, capacity: 64 << 10) }
    }

    /// Sets the pairs of one synset aside.
    /// - Throws: `SystemFault`.
    func append(_ pairs: [Pair], glosses: [Synset.Gloss], synset: String) throws {
        guard !pairs.isEmpty else { return }
        try rows.append(synset)
        try rows.append(UInt32(glosses.count))
        for gloss in glosses {
            try rows.append(gloss.language)
            try rows.append(gloss.text)
        }
        try rows.append(UInt32(pairs.count))
        for pair in pairs {
            try rows.append(pair.key)
            try rows.append(UInt64(pair.firstGloss) << 32 | UInt64(pair.secondGloss))
            // Other bits than those a set of pairs places its keys by.
            let bucket = buckets[Int(truncatingIfNeeded: (pair.key &* 0x9e37_79b9_7f4a_7c15) >> 58)]
            try bucket.append(pair.key)
            try bucket.append(UInt64(count))
            count += 1
        }
    }

    /// Calls `emit` with the pairs that are no repeats, in the order they were appended, and `repeated` for the others.
    /// - Throws: `SystemFault`, and what `emit` throws.
    func resolve(
        emit: (Pair, _ glosses: [Synset.Gloss], _ synset: String) throws -> Void, repeated: () -> Void
    ) throws {
        let repeats = try repeatBits()
        try rows.rewind()
        var position = 0
        while let synset = try rows.readText() {
            var glosses: [Synset.Gloss] = []
            for _ in 0..<(try rows.readUInt32() ?? 0) {
                guard let language = try rows.readText(), let text = try rows.readText() else { break }
                glosses.append(Synset.Gloss(language: language, text: text))
            }
            for _ in 0..<(try rows.readUInt32() ?? 0) {
                guard let key = try rows.readUInt64(), let chosen = try rows.readUInt64() else { break }
                let isRepeat = repeats[position >> 6] >> UInt64(position & 63) & 1 == 1
                position += 1
                if isRepeat {
                    repeated()
                } else {
                    let pair = Pair(
                        first: UInt32(key >> 32), second: UInt32(truncatingIfNeeded: key),
                        firstGloss: UInt32(chosen >> 32), secondGloss: UInt32(truncatingIfNeeded: chosen))
                    try emit(pair, glosses, synset)
                }
            }
        }
        precondition(position == count, "\(position) pairs were read of \(count) written")
    }

    /// A bit for each pair: set where an earlier pair has the same key.
    private func repeatBits() throws -> [UInt64] {
        var bits = [UInt64](repeating: 0, count: (count + 63) >> 6)
        for bucket in buckets {
            try bucket.rewind()
            var seen = PairSet()
            while let key = try bucket.readUInt64(), let position = try bucket.readUInt64() {
                if !seen.insert(key) { bits[Int(position) >> 6] |= 1 << (position & 63) }
            }
        }
        return bits
    }
}

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
