/// Well-formedness of UTF-8 (Unicode 16, table 3-7).
package enum UTF8Validation {
    /// Offset of the first byte that does not start or continue a well-formed sequence; nil when all is well.
    package static func firstInvalidOffset(in bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let base = bytes.baseAddress else { return nil }
        let count = bytes.count
        var at = 0
        while at < count {
            if count - at >= 8,
                UnsafeRawPointer(base).loadUnaligned(fromByteOffset: at, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
            {
                at += 8
                continue
            }
            let lead = base[at]
            if lead < 0x80 {
                at += 1
                continue
            }
            let length: Int
            // The second byte's range carries the rules against overlong forms, surrogates and values over 10FFFF.
            var low: UInt8 = 0x80
            var high: UInt8 = 0xbf
            switch lead {
            case 0xc2...0xdf: length = 2
            case 0xe0: (length, low) = (3, 0xa0)
            case 0xed: (length, high) = (3, 0x9f)
            case 0xe1...0xef: length = 3
            case 0xf0: (length, low) = (4, 0x90)
            case 0xf4: (length, high) = (4, 0x8f)
            case 0xf1...0xf3: length = 4
            default: return at
            }
            guard count - at >= length, base[at + 1] >= low, base[at + 1] <= high else { return at }
            for next in 2..<max(length, 2) where base[at + next] & 0xc0 != 0x80 { return at }
            at += length
        }
        return nil
    }
}
