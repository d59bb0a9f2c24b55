/// A line of a word and how often it was seen: `the 22761659`, or with a tab between, where the word may hold spaces.
enum CountedWord {
    /// The word's bytes and the count, or nil for any other line.
    static func split(_ line: UnsafeBufferPointer<UInt8>) -> (word: Range<Int>, count: UInt64)? {
        var at = line.count
        while at > 0, isSeparator(line[at - 1]) { at -= 1 }
        let end = at
        while at > 0, (0x30...0x39).contains(line[at - 1]) { at -= 1 }
        guard at < end, at > 0, isSeparator(line[at - 1]), end - at <= 19,
            let count = UInt64(String(decoding: line[at..<end], as: UTF8.self))
        else { return nil }
        let hasTab = line[at - 1] == UInt8(ascii: "\t")
        while at > 0, isSeparator(line[at - 1]) { at -= 1 }
        guard at > 0, !line[..<at].contains(where: { hasTab ? $0 == UInt8(ascii: "\t") : isSeparator($0) }) else {
            return nil
        }
        return (0..<at, count)
    }

    /// Whether lines are of this layout: all of them, two at least, and counts that do not grow.
    static func describes(_ lines: TextTable) -> Bool {
        guard lines.count >= 2 else { return false }
        var last = UInt64.max
        for row in 0..<lines.count {
            guard let count = lines.withBytes(at: row, { split($0)?.count }), count <= last else { return false }
            last = count
        }
        return true
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
