/// Strings, their escapes, and where they end.
extension JSONReader {
    /// Reads a string.
    package mutating func string() throws(Fault) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw error(expected: "a string") }
        let start = offset + 1
        let end = firstSpecial(from: start)
        if end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            offset = end + 1
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[start..<end]), as: UTF8.self)
        }
        var text: [UInt8] = []
        try string(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// Reads a string into `text`, replacing what it held.
    package mutating func string(into text: inout [UInt8]) throws(Fault) {
        guard peek() == UInt8(ascii: "\"") else { throw error(expected: "a string") }
        offset += 1
        text.removeAll(keepingCapacity: true)
        while true {
            let end = firstSpecial(from: offset)
            text.append(contentsOf: UnsafeBufferPointer(rebasing: bytes[offset..<end]))
            offset = end
            guard end < bytes.count else { throw error(expected: "a closing quote") }
            switch bytes[end] {
            case UInt8(ascii: "\""):
                offset += 1
                return
            case UInt8(ascii: "\\"):
                text.append(contentsOf: UTF8.encode(try escape()) ?? UTF8.encodedReplacementCharacter)
            default: throw error(expected: "no bare control character in a string")
            }
        }
    }

    /// Offset of the first quote, backslash or control character, eight bytes at a time; the end when there is none.
    private func firstSpecial(from start: Int) -> Int {
        guard let base = bytes.baseAddress else { return bytes.count }
        let raw = UnsafeRawPointer(base)
        var at = start
        while bytes.count - at >= 8 {
            let word = raw.loadUnaligned(fromByteOffset: at, as: UInt64.self)
            // A byte's upper bit is set where the byte is the one looked for, or where one below it borrowed: then look
            // closer.
            let quotes = word ^ 0x2222_2222_2222_2222, slashes = word ^ 0x5c5c_5c5c_5c5c_5c5c
            let ones: UInt64 = 0x0101_0101_0101_0101
            let found =
                ((quotes &- ones) & ~quotes) | ((slashes &- ones) & ~slashes)
                | ((word &- 0x2020_2020_2020_2020) & ~word)
            if found & 0x8080_8080_8080_8080 != 0 { break }
            at += 8
        }
        while at < bytes.count {
            let byte = base[at]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") || byte < 0x20 { return at }
            at += 1
        }
        return at
    }

    private mutating func escape() throws(Fault) -> Unicode.Scalar {
        offset += 1
        guard offset < bytes.count else { throw error(expected: "a character after '\\'") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default:
            offset -= 1
            throw error(expected: "one of \"\\/bfnrtu after '\\'")
        }
        let unit = try hexadecimal()
        if unit & 0xfc00 == 0xd800, offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            let low = try hexadecimal()
            guard low & 0xfc00 == 0xdc00, let scalar = Unicode.Scalar(0x10000 + (unit & 0x3ff) << 10 + (low & 0x3ff))
            else { throw error(expected: "the second half of a surrogate pair") }
            return scalar
        }
        guard let scalar = Unicode.Scalar(unit) else { throw error(expected: "both halves of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count else { throw error(expected: "four hexadecimal digits") }
            switch bytes[offset] {
            case let digit where (0x30...0x39).contains(digit): value = value << 4 | UInt32(digit - 0x30)
            case let digit where (0x61...0x66).contains(digit | 0x20):
                value = value << 4 | UInt32((digit | 0x20) - 0x57)
            default: throw error(expected: "four hexadecimal digits")
            }
            offset += 1
        }
        return value
    }
}
