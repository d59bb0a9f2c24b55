#if canImport(Glibc)
import Glibc
#endif

/// A small part of a JSON document; members keep the file's order.
indirect enum JSONTree: Sendable {
    case object([(key: String, value: JSONTree)])
    case array([JSONTree])
    case string(String)
    case number(Double)
    case bool(Bool)
    case null

    /// The last member of that name, as JSON parsers commonly have it.
    subscript(key: String) -> JSONTree? {
        guard case .object(let members) = self else { return nil }
        return members.last { $0.key == key }?.value
    }

    var string: String? { if case .string(let value) = self { value } else { nil } }
    var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
    var array: [JSONTree]? { if case .array(let value) = self { value } else { nil } }
    var integer: Int? { if case .number(let value) = self { Int(exactly: value) } else { nil } }
    var isNull: Bool { if case .null = self { true } else { false } }

    /// For messages: what kind of thing was found.
    var kind: String {
        switch self {
        case .object: "an object"
        case .array: "an array"
        case .string(let value): "the string '\(value.prefix(40))'"
        case .number(let value): "the number \(value)"
        case .bool(let value): "\(value)"
        case .null: "null"
        }
    }
}

/// Reads JSON front to back without building a tree, so that a vocabulary of 250,000 entries goes straight to where it
/// is used (nine megabytes in some tens of milliseconds; `JSONDecoder` takes seconds).
///
/// Errors name the file, the key and the byte.
struct JSONReader {
    static let depthLimit = 64

    private let bytes: UnsafeBufferPointer<UInt8>
    private let file: String
    private(set) var position = 0
    private var path: [String] = []

    /// - Parameter bytes: ends with a NUL that is not part of the document.
    init(_ bytes: UnsafeBufferPointer<UInt8>, file: String) {
        precondition(bytes.last == 0)
        self.bytes = bytes
        self.file = file
    }

    /// Reads a whole file as one value.
    /// - Throws: `SystemFault`, or `TokenizerError` naming the key at fault.
    static func read<Value>(_ path: String, _ body: (inout JSONReader) throws -> Value) throws -> Value {
        var content = try TokenizerFile.read(path)
        if let place = content.withUnsafeBufferPointer({ UTF8Text.firstInvalid($0) }) {
            throw TokenizerError.malformed(
                file: path, place: "byte \(place)", expected: "UTF-8", found: "the byte \(content[place])")
        }
        content.append(0)
        return try content.withUnsafeBufferPointer { buffer in
            var reader = JSONReader(buffer, file: path)
            let value = try body(&reader)
            if reader.peek() != 0 || reader.position != buffer.count - 1 {
                throw reader.error(expected: "the end of the file")
            }
            return value
        }
    }

    func error(expected: String, found: String? = nil) -> TokenizerError {
        let byte = bytes[position]
        let seen =
            position == bytes.count - 1
            ? "the end of the file"
            : byte > 0x20 && byte < 0x7F ? "'\(Unicode.Scalar(byte))'" : "the byte \(byte)"
        let key = path.isEmpty ? "" : "key \(path.joined(separator: ".")), "
        return .malformed(file: file, place: "\(key)byte \(position)", expected: expected, found: found ?? seen)
    }

    /// The next byte that is not white space, without passing it; 0 at the end.
    mutating func peek() -> UInt8 {
        while true {
            switch bytes[position] {
            case 0x20, 0x09, 0x0A, 0x0D: position += 1
            case let byte: return byte
            }
        }
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard peek() == byte else { throw error(expected: "'\(Unicode.Scalar(byte))'") }
        position += 1
    }

    /// Reads an object; the body reads each member's value.
    mutating func object(_ member: (inout JSONReader, String) throws -> Void) throws {
        try entries { reader, key in
            let name = UTF8Text.string(key)
            reader.path.append(name)
            try member(&reader, name)
            reader.path.removeLast()
        }
    }

    /// Reads an object with very many members; the key's bytes are valid during the call.
    mutating func entries(_ member: (inout JSONReader, [UInt8]) throws -> Void) throws {
        guard path.count < Self.depthLimit else { throw error(expected: "fewer than \(Self.depthLimit) levels") }
        try expect(UInt8(ascii: "{"))
        if peek() == UInt8(ascii: "}") {
            position += 1
            return
        }
        var key: [UInt8] = []
        while true {
            try string(into: &key)
            try expect(UInt8(ascii: ":"))
            try member(&self, key)
            if peek() == UInt8(ascii: ",") {
                position += 1
            } else {
                return try expect(UInt8(ascii: "}"))
            }
        }
    }

    /// Reads an array; the body reads each element.
    mutating func array(_ element: (inout JSONReader, Int) throws -> Void) throws {
        guard path.count < Self.depthLimit else { throw error(expected: "fewer than \(Self.depthLimit) levels") }
        try expect(UInt8(ascii: "["))
        if peek() == UInt8(ascii: "]") {
            position += 1
            return
        }
        var index = 0
        while true {
            try element(&self, index)
            index += 1
            if peek() == UInt8(ascii: ",") {
                position += 1
            } else {
                return try expect(UInt8(ascii: "]"))
            }
        }
    }

    /// Reads a string into `text`, replacing what it held.
    mutating func string(into text: inout [UInt8]) throws {
        try expect(UInt8(ascii: "\""))
        text.removeAll(keepingCapacity: true)
        var start = position
        while true {
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") {
                text.append(contentsOf: bytes[start..<position])
                position += 1
                return
            } else if byte == UInt8(ascii: "\\") {
                text.append(contentsOf: bytes[start..<position])
                position += 1
                try escape(into: &text)
                start = position
            } else if byte < 0x20 {
                throw error(expected: "the rest of a string")
            } else {
                position += 1
            }
        }
    }

    private mutating func escape(into text: inout [UInt8]) throws {
        let byte = bytes[position]
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): text.append(byte)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0C)
        case UInt8(ascii: "n"): text.append(0x0A)
        case UInt8(ascii: "r"): text.append(0x0D)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "u"):
            position += 1
            var scalar = try fourDigits()
            if scalar & 0xFC00 == 0xD800, bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u") {
                position += 2
                let low = try fourDigits()
                guard low & 0xFC00 == 0xDC00 else { throw error(expected: "the second half of a surrogate pair") }
                scalar = 0x10000 + (scalar & 0x3FF) << 10 + (low & 0x3FF)
            }
            guard scalar & 0xFFFFF800 != 0xD800 else { throw error(expected: "a surrogate pair") }
            return UTF8Text.append(scalar, to: &text)
        default: throw error(expected: "an escape sequence")
        }
        position += 1
    }

    private mutating func fourDigits() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue else {
                throw error(expected: "a hexadecimal digit")
            }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }

    mutating func double() throws -> Double {
        _ = peek()
        var end = position
        digits: while true {
            switch bytes[end] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "+"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                end += 1
            default: break digits
            }
        }
        guard end > position, let base = bytes.baseAddress else { throw error(expected: "a number") }
        // The byte at `end` cannot continue a number, so strtod stops there.
        let start = UnsafeRawPointer(base + position).assumingMemoryBound(to: CChar.self)
        var stop: UnsafeMutablePointer<CChar>?
        let value = strtod(start, &stop)
        guard stop.map({ UnsafePointer($0) }) == start + (end - position), value.isFinite else {
            throw error(expected: "a number")
        }
        position = end
        return value
    }

    mutating func integer() throws -> Int {
        let start = position
        guard let value = Int(exactly: try double()) else {
            position = start
            throw error(expected: "a whole number")
        }
        return value
    }

    private mutating func word(_ text: String) throws {
        for letter in text.utf8 {
            guard bytes[position] == letter else { throw error(expected: text) }
            position += 1
        }
    }

    /// Reads any value as a tree; for the small parts of a document.
    mutating func value() throws -> JSONTree {
        switch peek() {
        case UInt8(ascii: "{"):
            var members: [(key: String, value: JSONTree)] = []
            try object { reader, key in members.append((key, try reader.value())) }
            return .object(members)
        case UInt8(ascii: "["):
            var elements: [JSONTree] = []
            try array { reader, index in
                reader.path.append("\(index)")
                elements.append(try reader.value())
                reader.path.removeLast()
            }
            return .array(elements)
        case UInt8(ascii: "\""):
            var text: [UInt8] = []
            try string(into: &text)
            return .string(UTF8Text.string(text))
        case UInt8(ascii: "t"):
            try word("true")
            return .bool(true)
        case UInt8(ascii: "f"):
            try word("false")
            return .bool(false)
        case UInt8(ascii: "n"):
            try word("null")
            return .null
        default:
            return .number(try double())
        }
    }
}
