#if canImport(Glibc)
import Glibc
#endif

/// Walks one JSON document (RFC 8259) from its first byte to its last, without building a tree.
///
/// The bytes must be valid UTF-8. Strict: no trailing commas, comments, bare control characters, lone surrogates or
/// values nested deeper than `maximalDepth`.
struct JSONScanner {
    /// Where the document stops being what was expected.
    struct Fault: Error, Equatable {
        /// Bytes from the document's start.
        let offset: Int
        let expected: String
    }

    static let maximalDepth = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private(set) var offset = 0
    private var depth = 0

    init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The next byte that is no space, without taking it; 0 at the end.
    mutating func peek() -> UInt8 {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            default: return bytes[offset]
            }
        }
        return 0
    }

    /// Nothing but spaces may follow.
    mutating func expectEnd() throws(Fault) {
        _ = peek()
        if offset < bytes.count { throw fault("the end of the line after the object") }
    }

    /// Calls `member` with each key, standing before its value, which it must take.
    mutating func object(_ member: (inout JSONScanner, String) throws -> Void) throws {
        try open("{", "an object")
        if peek() == UInt8(ascii: "}") { return close() }
        while true {
            guard peek() == UInt8(ascii: "\"") else { throw fault("a key in quotes") }
            let key = try string()
            guard peek() == UInt8(ascii: ":") else { throw fault("':' after the key \"\(key)\"") }
            offset += 1
            try member(&self, key)
            switch peek() {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: "}"): return close()
            default: throw fault("',' or '}'")
            }
        }
    }

    /// Calls `element` standing before each element, which it must take.
    mutating func array(_ element: (inout JSONScanner) throws -> Void) throws {
        try open("[", "an array")
        if peek() == UInt8(ascii: "]") { return close() }
        while true {
            try element(&self)
            switch peek() {
            case UInt8(ascii: ","): offset += 1
            case UInt8(ascii: "]"): return close()
            default: throw fault("',' or ']'")
            }
        }
    }

    /// A string's text.
    mutating func string() throws(Fault) -> String {
        guard peek() == UInt8(ascii: "\"") else { throw fault("a string") }
        let start = offset + 1
        guard let base = bytes.baseAddress, start < bytes.count,
            let quote = memchr(base + start, Int32(UInt8(ascii: "\"")), bytes.count - start)
        else { throw fault("a closing quote") }
        let length = UnsafeRawPointer(quote) - UnsafeRawPointer(base + start)
        let simple = UnsafeBufferPointer(start: base + start, count: length)
        if memchr(base + start, Int32(UInt8(ascii: "\\")), length) == nil {
            if let control = Self.firstControl(simple) {
                offset = start + control
                throw fault("no bare control character in a string")
            }
            offset = start + length + 1
            return String(decoding: simple, as: UTF8.self)
        }
        return try escapedString(start: start)
    }

    /// `true` or `false`, or nil for `null`.
    mutating func optionalBoolean() throws(Fault) -> Bool? {
        switch peek() {
        case UInt8(ascii: "t"): try literal("true"); return true
        case UInt8(ascii: "f"): try literal("false"); return false
        case UInt8(ascii: "n"): try literal("null"); return nil
        default: throw fault("true, false or null")
        }
    }

    /// A string, or nil for `null`.
    mutating func optionalString() throws(Fault) -> String? {
        if peek() == UInt8(ascii: "n") {
            try literal("null")
            return nil
        }
        return try string()
    }

    /// Takes any value.
    mutating func skipValue() throws {
        switch peek() {
        case UInt8(ascii: "{"): try object { scanner, _ in try scanner.skipValue() }
        case UInt8(ascii: "["): try array { scanner in try scanner.skipValue() }
        case UInt8(ascii: "\""): _ = try string()
        case UInt8(ascii: "t"), UInt8(ascii: "f"), UInt8(ascii: "n"): _ = try optionalBoolean()
        case UInt8(ascii: "-"), 0x30...0x39: try number()
        default: throw fault("a value")
        }
    }

    func fault(_ expected: String) -> Fault { Fault(offset: offset, expected: expected) }

    private mutating func open(_ bracket: Unicode.Scalar, _ what: String) throws(Fault) {
        guard peek() == UInt8(ascii: bracket) else { throw fault(what) }
        depth += 1
        guard depth <= Self.maximalDepth else { throw fault("at most \(Self.maximalDepth) nested values") }
        offset += 1
    }

    private mutating func close() {
        depth -= 1
        offset += 1
    }

    private mutating func literal(_ word: StaticString) throws(Fault) {
        let length = word.utf8CodeUnitCount
        guard bytes.count - offset >= length, let base = bytes.baseAddress,
            memcmp(base + offset, word.utf8Start, length) == 0
        else { throw fault("\(word)") }
        offset += length
    }

    private mutating func number() throws(Fault) {
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "-") { offset += 1 }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: "0") { offset += 1 } else { try digits() }
        if offset < bytes.count, bytes[offset] == UInt8(ascii: ".") {
            offset += 1
            try digits()
        }
        if offset < bytes.count, bytes[offset] | 0x20 == UInt8(ascii: "e") {
            offset += 1
            if offset < bytes.count, bytes[offset] == UInt8(ascii: "+") || bytes[offset] == UInt8(ascii: "-") {
                offset += 1
            }
            try digits()
        }
    }

    private mutating func digits() throws(Fault) {
        let start = offset
        while offset < bytes.count, (0x30...0x39).contains(bytes[offset]) { offset += 1 }
        if offset == start { throw fault("a digit") }
    }

    private mutating func escapedString(start: Int) throws(Fault) -> String {
        var text: [UInt8] = []
        offset = start
        while offset < bytes.count {
            let byte = bytes[offset]
            switch byte {
            case UInt8(ascii: "\""):
                offset += 1
                return String(decoding: text, as: UTF8.self)
            case 0..<0x20:
                throw fault("no bare control character in a string")
            case UInt8(ascii: "\\"):
                text.append(contentsOf: String(try escape()).utf8)
            default:
                text.append(byte)
                offset += 1
            }
        }
        throw fault("a closing quote")
    }

    private mutating func escape() throws(Fault) -> Unicode.Scalar {
        offset += 1
        guard offset < bytes.count else { throw fault("a character after '\\'") }
        let byte = bytes[offset]
        offset += 1
        switch byte {
        case UInt8(ascii: "\""): return "\""
        case UInt8(ascii: "\\"): return "\\"
        case UInt8(ascii: "/"): return "/"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): break
        default:
            offset -= 1
            throw fault("one of \"\\/bfnrtu after '\\'")
        }
        let unit = try hexadecimal()
        if (0xd800...0xdbff).contains(unit), offset + 1 < bytes.count, bytes[offset] == UInt8(ascii: "\\"),
            bytes[offset + 1] == UInt8(ascii: "u")
        {
            offset += 2
            let low = try hexadecimal()
            guard (0xdc00...0xdfff).contains(low),
                let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
            else { throw fault("the second half of a surrogate pair") }
            return scalar
        }
        guard let scalar = Unicode.Scalar(unit) else { throw fault("both halves of a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimal() throws(Fault) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard offset < bytes.count else { throw fault("four hexadecimal digits") }
            switch bytes[offset] {
            case let digit where (0x30...0x39).contains(digit): value = value << 4 | UInt32(digit - 0x30)
            case let digit where (0x61...0x66).contains(digit | 0x20): value = value << 4 | UInt32((digit | 0x20) - 0x57)
            default: throw fault("four hexadecimal digits")
            }
            offset += 1
        }
        return value
    }

    /// Offset of the first byte under 0x20, eight at a time.
    private static func firstControl(_ text: UnsafeBufferPointer<UInt8>) -> Int? {
        guard let base = text.baseAddress else { return nil }
        var at = 0
        while text.count - at >= 8 {
            let word = UnsafeRawPointer(base).loadUnaligned(fromByteOffset: at, as: UInt64.self)
            // A byte's upper bit is set here when it is under 0x20, or when one below it borrowed: then look closer.
            if (word &- 0x2020_2020_2020_2020) & ~word & 0x8080_8080_8080_8080 != 0 { break }
            at += 8
        }
        return (at..<text.count).first { text[$0] < 0x20 }
    }
}
