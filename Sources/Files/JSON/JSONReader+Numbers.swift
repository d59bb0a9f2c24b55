#if canImport(Glibc)
import Glibc
#endif

/// Numbers: their form, and what they are worth.
extension JSONReader {
    /// Reads a finite number.
    package mutating func double() throws(Fault) -> Double {
        _ = peek()
        let start = offset
        let range = try number()
        let value: Double
        if let base = bytes.baseAddress, range.upperBound < bytes.count, Self.endsNumbers(bytes[range.upperBound]) {
            // strtod stops where the number does, too.
            value = strtod(UnsafeRawPointer(base + range.lowerBound).assumingMemoryBound(to: CChar.self), nil)
        } else {
            value = Double(String(decoding: bytes[range], as: UTF8.self)) ?? .nan
        }
        guard value.isFinite else {
            offset = start
            throw error(expected: "a number that fits a double")
        }
        return value
    }

    private static func endsNumbers(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), 0x20, 0x09, 0x0a, 0x0d: true
        default: false
        }
    }

    /// Reads a number that is whole.
    package mutating func integer() throws(Fault) -> Int {
        _ = peek()
        let start = offset
        guard let value = Int(exactly: try double()) else {
            offset = start
            throw error(expected: "a whole number")
        }
        return value
    }

    /// Takes a number, which is checked for its form only.
    mutating func number() throws(Fault) -> Range<Int> {
        _ = peek()
        let start = offset
        if stands(UInt8(ascii: "-")) { offset += 1 }
        if stands(UInt8(ascii: "0")) { offset += 1 } else { try digits(start == offset ? "a value" : "a digit") }
        if stands(UInt8(ascii: ".")) {
            offset += 1
            try digits("a digit")
        }
        if stands(UInt8(ascii: "e")) || stands(UInt8(ascii: "E")) {
            offset += 1
            if stands(UInt8(ascii: "+")) || stands(UInt8(ascii: "-")) { offset += 1 }
            try digits("a digit")
        }
        return start..<offset
    }

    private func stands(_ byte: UInt8) -> Bool { offset < bytes.count && bytes[offset] == byte }

    private mutating func digits(_ expected: String) throws(Fault) {
        let start = offset
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
        if offset == start { throw error(expected: expected) }
    }
}
