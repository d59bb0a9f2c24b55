/// UTF-8 read one Unicode scalar at a time, as the tokenizers do; nothing is ever read past the end.
enum UTF8Text {
    /// Stands for bytes that are no scalar.
    static let replacement: UInt32 = 0xFFFD

    /// The scalar at `position`, which is moved behind it.
    ///
    /// An invalid sequence counts as U+FFFD; its maximal valid beginning is skipped (Unicode §3.9, as Rust and Python
    /// do).
    @inline(__always)
    static func next(_ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int) -> UInt32 {
        let first = bytes[position]
        position += 1
        if first < 0x80 { return UInt32(first) }
        return following(bytes, &position, first: first)
    }

    private static func following(
        _ bytes: UnsafeBufferPointer<UInt8>, _ position: inout Int, first: UInt8
    ) -> UInt32 {
        // Allowed range of the second byte excludes overlong forms, surrogates and values above U+10FFFF.
        let length: Int
        var low: UInt8 = 0x80
        var high: UInt8 = 0xBF
        switch first {
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, low) = (3, 0xA0)
        case 0xED: (length, high) = (3, 0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, low) = (4, 0x90)
        case 0xF4: (length, high) = (4, 0x8F)
        case 0xF1...0xF3: length = 4
        default: return replacement
        }
        var scalar = UInt32(first) & (0x7F >> UInt32(length))
        for _ in 1..<length {
            guard position < bytes.count, bytes[position] >= low, bytes[position] <= high else { return replacement }
            scalar = scalar << 6 | UInt32(bytes[position] & 0x3F)
            position += 1
            (low, high) = (0x80, 0xBF)
        }
        return scalar
    }

    /// Appends a scalar value (not a surrogate) as UTF-8.
    @inline(__always)
    static func append(_ scalar: UInt32, to bytes: inout [UInt8]) {
        if scalar < 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: scalar))
        } else if scalar < 0x800 {
            bytes.append(UInt8(truncatingIfNeeded: 0xC0 | scalar >> 6))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        } else {
            if scalar < 0x10000 {
                bytes.append(UInt8(truncatingIfNeeded: 0xE0 | scalar >> 12))
            } else {
                bytes.append(UInt8(truncatingIfNeeded: 0xF0 | scalar >> 18))
                bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 12 & 0x3F))
            }
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar >> 6 & 0x3F))
            bytes.append(UInt8(truncatingIfNeeded: 0x80 | scalar & 0x3F))
        }
    }

    static func string(_ bytes: some Collection<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }
}
