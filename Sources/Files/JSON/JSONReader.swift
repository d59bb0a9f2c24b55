import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Reads JSON (RFC 8259) front to back without building a tree, so that a vocabulary of 250,000 entries goes straight
/// to where it is used, and a line of a gigabyte of JSON Lines to its fields; `value` builds the tree of a part that is
/// small.
///
/// The bytes must be valid UTF-8. Strict: no trailing commas, comments, bare control characters, lone surrogates or
/// values nested deeper than `maximalDepth`. Of our own, because Foundation's parsers build trees of objects (17 MB in
/// seconds), keep no order of keys and tell no byte.
package struct JSONReader {
    /// Where the document stops being what was expected.
    package struct Fault: Error, Equatable {
        /// Bytes from the document's start.
        package let offset: Int
        /// The keys that lead there, "model.vocab"; empty at the top.
        package let key: String
        package let expected: String
        package let found: String
    }

    package static let maximalDepth = 64

    let bytes: UnsafeBufferPointer<UInt8>
    package internal(set) var offset = 0
    private var keys: [String] = []
    private var depth = 0

    package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    // MARK: Whole documents

    /// Reads a whole file as one value; the body's faults become errors that name the file, the key and the byte.
    /// - Throws: `FileError`, `SystemFault`, what the body throws.
    package static func read<Value>(
        _ path: String, limit: Int = WholeFile.sizeLimit, _ body: (inout JSONReader) throws -> Value
    ) throws -> Value {
        try WholeFile.read(path, expected: "a JSON document", limit: limit).withUnsafeBufferPointer {
            try read($0, path: path, body)
        }
    }

    /// Reads bytes as one value.
    /// - Parameter path: names the document in errors.
    /// - Throws: `FileError`, what the body throws.
    package static func read<Value>(
        _ bytes: UnsafeBufferPointer<UInt8>, path: String, _ body: (inout JSONReader) throws -> Value
    ) throws -> Value {
        let advice = "the file is damaged or of another kind, fetch it again"
        if let invalid = UTF8Validation.firstInvalidOffset(in: bytes) {
            throw FileError.malformed(
                path: path, offset: invalid, expected: "UTF-8", found: "the byte \(bytes[invalid])", advice: advice)
        }
        var reader = JSONReader(bytes)
        do {
            let value = try body(&reader)
            try reader.expectEnd(of: "file")
            return value
        } catch let fault as Fault {
            let key = fault.key.isEmpty ? "" : "key \(fault.key), "
            throw FileError.malformed(
                path: path, place: "\(key)byte \(fault.offset)", expected: fault.expected, found: fault.found,
                advice: advice)
        }
    }

    // MARK: Walking

    /// The next byte that is not white space, without taking it; 0 at the end.
    package mutating func peek() -> UInt8 {
        while offset < bytes.count {
            switch bytes[offset] {
            case 0x20, 0x09, 0x0a, 0x0d: offset += 1
            case let byte: return byte
            }
        }
        return 0
    }

    /// Nothing but white space may follow.
    /// - Parameter what: what ends there, for the error: "line", "file".
    package mutating func expectEnd(of what: String) throws(Fault) {
        _ = peek()
        if offset < bytes.count { throw error(expected: "the end of the \(what)") }
    }

    /// A fault at the byte to be read next.
    package func error(expected: String, found: String? = nil) -> Fault {
        let seen: String
        if offset >= bytes.count {
            seen = "the end of the file"
        } else {
            let byte = bytes[offset]
            seen = byte > 0x20 && byte < 0x7f ? "'\(Unicode.Scalar(byte))'" : "the byte \(byte)"
        }
        return Fault(offset: offset, key: keys.joined(separator: "."), expected: expected, found: found ?? seen)
    }

    private mutating func expect(_ byte: UInt8) throws(Fault) {
        guard peek() == byte, offset < bytes.count else { throw error(expected: "'\(Unicode.Scalar(byte))'") }
        offset += 1
    }

    private mutating func open(_ bracket: UInt8, _ what: String) throws(Fault) {
        guard depth < Self.maximalDepth else { throw error(expected: "at most \(Self.maximalDepth) nested values") }
        guard peek() == bracket, offset < bytes.count else { throw error(expected: what) }
        offset += 1
        depth += 1
    }

    /// Takes `,` (true) or the closing bracket (false).
    private mutating func goesOn(until bracket: UInt8) throws(Fault) -> Bool {
        switch peek() {
        case UInt8(ascii: ","):
            offset += 1
            return true
        case bracket where offset < bytes.count:
            offset += 1
            depth -= 1
            return false
        default: throw error(expected: "',' or '\(Unicode.Scalar(bracket))'")
        }
    }

    private mutating func closesAtOnce(_ bracket: UInt8) -> Bool {
        guard peek() == bracket, offset < bytes.count else { return false }
        offset += 1
        depth -= 1
        return true
    }

    /// Reads an object; the body reads each member's value. Keys come in the document's order, repeated ones too.
    package mutating func object(_ member: (inout JSONReader, String) throws -> Void) throws {
        try entries { reader, key in
            let name = String(decoding: key, as: UTF8.self)
            reader.keys.append(name)
            try member(&reader, name)
            reader.keys.removeLast()
        }
    }

    /// Reads an object with very many members; the key's bytes are not part of a fault's key.
    package mutating func entries(_ member: (inout JSONReader, [UInt8]) throws -> Void) throws {
        try open(UInt8(ascii: "{"), "an object")
        if closesAtOnce(UInt8(ascii: "}")) { return }
        var key: [UInt8] = []
        repeat {
            guard peek() == UInt8(ascii: "\"") else { throw error(expected: "a key in quotes") }
            try string(into: &key)
            try expect(UInt8(ascii: ":"))
            try member(&self, key)
        } while try goesOn(until: UInt8(ascii: "}"))
    }

    /// Reads an array; the body reads each element.
    package mutating func array(_ element: (inout JSONReader, Int) throws -> Void) throws {
        try open(UInt8(ascii: "["), "an array")
        if closesAtOnce(UInt8(ascii: "]")) { return }
        var index = 0
        repeat {
            try element(&self, index)
            index += 1
        } while try goesOn(until: UInt8(ascii: "]"))
    }

    /// Takes any value.
    package mutating func skipValue() throws {
        switch peek() {
        case UInt8(ascii: "{"): try entries { reader, _ in try reader.skipValue() }
        case UInt8(ascii: "["): try array { reader, _ in try reader.skipValue() }
        case UInt8(ascii: "\""):
            var text: [UInt8] = []
            try string(into: &text)
        case UInt8(ascii: "t"): try word("true")
        case UInt8(ascii: "f"): try word("false")
        case UInt8(ascii: "n"): try word("null")
        default: _ = try number()
        }
    }

    /// Reads any value as a tree.
    package mutating func value() throws -> JSONValue {
        switch peek() {
        case UInt8(ascii: "{"):
            var members: [JSONValue.Member] = []
            try object { reader, key in members.append(JSONValue.Member(key: key, value: try reader.value())) }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONValue] = []
            try array { reader, index in
                reader.keys.append("\(index)")
                elements.append(try reader.value())
                reader.keys.removeLast()
            }
            return .array(elements)
        case UInt8(ascii: "\""): return .text(try string())
        case UInt8(ascii: "t"):
            try word("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default:
            let start = offset
            let range = try number()
            if let whole = Int(String(decoding: bytes[range], as: UTF8.self)) { return .integer(whole) }
            offset = start
            return .number(try double())
        }
    }

    // MARK: Words

    /// `true` or `false`, or nil for `null`.
    package mutating func optionalBoolean() throws(Fault) -> Bool? {
        switch peek() {
        case UInt8(ascii: "t"): try word("true"); return true
        case UInt8(ascii: "f"): try word("false"); return false
        case UInt8(ascii: "n"): try word("null"); return nil
        default: throw error(expected: "true, false or null")
        }
    }

    /// A string, or nil for `null`.
    package mutating func optionalString() throws(Fault) -> String? {
        if peek() == UInt8(ascii: "n") {
            try word("null")
            return nil
        }
        return try string()
    }

    private mutating func word(_ text: StaticString) throws(Fault) {
        let length = text.utf8CodeUnitCount
        guard bytes.count - offset >= length, let base = bytes.baseAddress,
            memcmp(base + offset, text.utf8Start, length) == 0
        else { throw error(expected: "\(text)") }
        offset += length
    }
}
