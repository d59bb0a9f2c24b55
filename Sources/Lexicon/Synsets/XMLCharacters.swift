import Files

/// The characters of an XML file: lines counted, references replaced, control characters refused.
struct XMLCharacters {
    /// Line of the byte to be read next, from 1.
    private(set) var line = 1
    private var stream: ByteStream

    /// - Throws: `LexiconError`, `FileError`, `SystemFault`.
    init(_ stream: ByteStream) throws {
        self.stream = stream
        try skipByteOrderMark()
    }

    var path: String { stream.path }

    /// Whether nothing but `count` bytes, and perhaps a byte order mark, has been taken.
    func isAtStart(after count: Int) -> Bool { stream.offset == count || stream.offset == count + 3 }

    /// The next byte without taking it, or nil at the end.
    mutating func peek() throws -> UInt8? { try stream.peek() }

    mutating func take() throws {
        if try stream.next() == 0x0a { line += 1 }
    }

    mutating func expect(_ scalar: Unicode.Scalar) throws {
        let byte = try stream.peek()
        guard byte == UInt8(ascii: scalar) else {
            throw fault("'\(scalar)'", byte.map { Self.shown($0) } ?? "the end of the file")
        }
        try take()
    }

    @discardableResult
    mutating func skipSpaces() throws -> Bool {
        var skipped = false
        while let byte = try stream.peek(), Self.isSpace(byte) {
            try take()
            skipped = true
        }
        return skipped
    }

    /// Takes a character or a reference.
    mutating func character(into text: inout [UInt8]) throws {
        guard let byte = try stream.peek() else { return }
        guard text.count < XMLPullReader.maximalTextBytes else {
            throw fault("a text of at most \(XMLPullReader.maximalTextBytes) bytes", "a longer one")
        }
        if byte == UInt8(ascii: "&") { return try reference(into: &text) }
        guard byte >= 0x20 || Self.isSpace(byte) else { throw fault("no control character", Self.shown(byte)) }
        try take()
        if byte == 0x0d {
            // A line end is LF, however it is written.
            if try stream.peek() == 0x0a { return }
            text.append(0x0a)
        } else {
            text.append(byte)
        }
    }

    private mutating func reference(into text: inout [UInt8]) throws {
        try take()
        var bytes: [UInt8] = []
        while let byte = try stream.peek(), byte != UInt8(ascii: ";"), bytes.count < 16, byte > 0x20, byte < 0x7f {
            bytes.append(byte)
            try take()
        }
        let name = String(decoding: bytes, as: UTF8.self)
        guard try stream.peek() == UInt8(ascii: ";") else {
            throw fault("&amp; or a reference such as &lt; or &#233;", "'&\(name)'")
        }
        try take()
        switch name {
        case "lt": text.append(UInt8(ascii: "<"))
        case "gt": text.append(UInt8(ascii: ">"))
        case "amp": text.append(UInt8(ascii: "&"))
        case "quot": text.append(UInt8(ascii: "\""))
        case "apos": text.append(UInt8(ascii: "'"))
        default:
            guard name.hasPrefix("#") else {
                throw fault("one of &lt; &gt; &amp; &quot; &apos; or a character's number", "the entity '&\(name);'")
            }
            let isHexadecimal = name.hasPrefix("#x")
            guard let value = UInt32(name.dropFirst(isHexadecimal ? 2 : 1), radix: isHexadecimal ? 16 : 10),
                let scalar = Unicode.Scalar(value),
                value >= 0x20 || value == 0x09 || value == 0x0a || value == 0x0d, value != 0xfffe, value != 0xffff
            else { throw fault("the number of a character", "'&\(name);'") }
            text.append(contentsOf: String(scalar).utf8)
        }
    }

    /// Takes everything up to a mark of two or three bytes, and the mark.
    /// - Parameter limit: more bytes than this are an error; nil drops what comes after the first 1024.
    mutating func taken(to mark: StaticString, keeping limit: Int? = nil) throws -> [UInt8] {
        let end = mark.withUTF8Buffer { Array($0) }
        var kept: [UInt8] = []
        var last: [UInt8] = []
        while let byte = try stream.peek() {
            guard byte >= 0x20 || Self.isSpace(byte) else { throw fault("no control character", Self.shown(byte)) }
            try take()
            last.append(byte)
            if last.count > end.count {
                let next = last.removeFirst()
                if let limit, kept.count >= limit {
                    throw fault("a text of at most \(XMLPullReader.maximalTextBytes) bytes", "a longer one")
                }
                if limit != nil || kept.count < 1024 { kept.append(next) }
            }
            if last == end { return kept }
        }
        throw fault("'\(mark)'", "the end of the file")
    }

    private mutating func skipByteOrderMark() throws {
        guard try stream.peek() == 0xef else { return }
        for byte in [0xef, 0xbb, 0xbf] as [UInt8] {
            guard try stream.peek() == byte else { throw fault("UTF-8", "another byte order mark") }
            try take()
        }
    }

    func decoded(_ bytes: [UInt8]) throws -> String {
        if let invalid = bytes.withUnsafeBufferPointer({ UTF8Validation.firstInvalidOffset(in: $0) }) {
            throw fault("UTF-8", "byte 0x\(String(bytes[invalid], radix: 16))")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x09 || byte == 0x0d }

    static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7a, 0x41...0x5a, 0x30...0x39, 0x5f, 0x3a, 0x2d, 0x2e, 0x80...0xff: true
        default: false
        }
    }

    static func shown(_ byte: UInt8) -> String {
        (0x21...0x7e).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(String(byte, radix: 16))"
    }

    /// An error at the line being read.
    func fault(_ expected: String, _ found: String) -> LexiconError {
        .malformedLine(
            path: path, line: line, expected: expected, found: found,
            advice: "correct the file, or fetch it again if it was cut short")
    }
}
