/// Reads XML (1.0, UTF-8) element by element in bounded memory, and refuses what a dictionary file has no use for.
///
/// No entity but the five predefined ones and character references is known: a document type with declarations of its own
/// (`<!DOCTYPE x [`) is refused, so nothing expands and nothing is fetched. Limits: `maximalDepth` open elements,
/// `maximalAttributes` of one element, `maximalNameBytes`, `maximalTextBytes` of one text or value.
///
/// Well-formedness is checked as far as it concerns what is read: tags match, attributes are distinct and quoted, text is
/// UTF-8 without control characters. Names are compared as they stand; namespaces are not resolved.
struct XMLPullReader {
    enum Event: Equatable {
        case start(name: String, attributes: [String: String])
        case end(name: String)
        /// Text between two tags, references replaced; comments in it are dropped, CDATA is included.
        case text(String)
    }

    static let maximalDepth = 64
    static let maximalAttributes = 256
    static let maximalNameBytes = 1024
    static let maximalTextBytes = 16 << 20

    /// Line of the byte to be read next, from 1.
    private(set) var line = 1
    private(set) var openElements: [String] = []
    private var stream: ByteStream
    /// Whether the end of an element without contents is to be handed out.
    private var pendingEnd = false
    /// Whether '<' of a tag was taken and the text before it handed out.
    private var pendingTag = false
    private var hasRoot = false

    /// - Throws: `LexiconError` (missing, a folder, not gzip in spite of its name), `SystemFault`.
    init(path: String) throws { stream = try ByteStream(path: path) }

    var path: String { stream.path }

    /// The next event, or nil at the end of the document.
    /// - Throws: `LexiconError` with the line, `SystemFault`. Reading ends there: XML has no next line to go on from.
    mutating func next() throws -> Event? {
        if pendingEnd {
            pendingEnd = false
            return .end(name: openElements.removeLast())
        }
        if line == 1, stream.offset == 0 { try skipByteOrderMark() }
        if pendingTag {
            pendingTag = false
            return try tag()
        }
        var text: [UInt8] = []
        while let byte = try stream.peek() {
            guard byte == UInt8(ascii: "<") else {
                try character(into: &text)
                continue
            }
            // What follows '<' decides whether the text ends here.
            try take()
            switch try stream.peek() {
            case UInt8(ascii: "!"):
                try take()
                try declaration(into: &text)
            case UInt8(ascii: "?"): try instruction()
            default:
                guard let event = try textEvent(text) else { return try tag() }
                pendingTag = true
                return event
            }
        }
        guard openElements.isEmpty else { throw fault("</\(openElements.last ?? "")>", "the end of the file") }
        guard hasRoot else { throw fault("an element", "the end of the file") }
        guard try textEvent(text) == nil else { throw fault("nothing after the last element", "text") }
        return nil
    }

    /// The text as an event; nil when there is none, or white space outside the root.
    private func textEvent(_ bytes: [UInt8]) throws -> Event? {
        if bytes.isEmpty { return nil }
        if openElements.isEmpty {
            guard bytes.allSatisfy(Self.isSpace) else { throw fault("an element", "text outside of one") }
            return nil
        }
        return .text(try decoded(bytes))
    }

    // MARK: Tags

    /// `<` has been taken.
    private mutating func tag() throws -> Event {
        try stream.peek() == UInt8(ascii: "/") ? try endTag() : try startTag()
    }

    private mutating func startTag() throws -> Event {
        guard !(hasRoot && openElements.isEmpty) else { throw fault("nothing after the last element", "another element") }
        let name = try name()
        guard openElements.count < Self.maximalDepth else {
            throw fault("at most \(Self.maximalDepth) elements in one another", "<\(name)> in so many")
        }
        var attributes: [String: String] = [:]
        while true {
            let hadSpace = try skipSpaces()
            switch try stream.peek() {
            case UInt8(ascii: ">"):
                try take()
                openElements.append(name)
                hasRoot = true
                return .start(name: name, attributes: attributes)
            case UInt8(ascii: "/"):
                try take()
                try expect(">")
                openElements.append(name)
                hasRoot = true
                pendingEnd = true
                return .start(name: name, attributes: attributes)
            case nil: throw fault("'>' at the end of <\(name)", "the end of the file")
            default:
                guard hadSpace else { throw fault("a space before an attribute of <\(name)>", "none") }
                let key = try self.name()
                try skipSpaces()
                try expect("=")
                try skipSpaces()
                let value = try attributeValue()
                guard attributes.updateValue(value, forKey: key) == nil else {
                    throw fault("the attribute \(key) once in <\(name)>", "it twice")
                }
                guard attributes.count <= Self.maximalAttributes else {
                    throw fault("at most \(Self.maximalAttributes) attributes of <\(name)>", "more")
                }
            }
        }
    }

    private mutating func endTag() throws -> Event {
        try take()
        let name = try name()
        try skipSpaces()
        try expect(">")
        guard let open = openElements.last else { throw fault("no end tag without its element", "</\(name)>") }
        guard open == name else { throw fault("</\(open)>", "</\(name)>") }
        openElements.removeLast()
        return .end(name: name)
    }

    private mutating func name() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try stream.peek(), Self.isNameByte(byte) {
            bytes.append(byte)
            try take()
            guard bytes.count <= Self.maximalNameBytes else {
                throw fault("a name of at most \(Self.maximalNameBytes) bytes", "a longer one")
            }
        }
        guard let first = bytes.first, !(0x30...0x39).contains(first), first != 0x2d, first != 0x2e else {
            throw fault("a name", try stream.peek().map { Self.shown($0) } ?? "the end of the file")
        }
        return try decoded(bytes)
    }

    private mutating func attributeValue() throws -> String {
        guard let quote = try stream.peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw fault("a value in quotes", try stream.peek().map { Self.shown($0) } ?? "the end of the file")
        }
        try take()
        var value: [UInt8] = []
        while let byte = try stream.peek() {
            if byte == quote {
                try take()
                return try decoded(value)
            }
            guard byte != UInt8(ascii: "<") else { throw fault("&lt; in a value", "'<'") }
            let before = value.count
            let isReference = byte == UInt8(ascii: "&")
            try character(into: &value)
            // White space in a value is a space, unless it was written as a reference (XML 1.0, section 3.3.3).
            if !isReference, value.count > before, Self.isSpace(value[before]) { value[before] = 0x20 }
        }
        throw fault("a closing quote", "the end of the file")
    }

    // MARK: Characters

    /// Takes a character or a reference.
    private mutating func character(into text: inout [UInt8]) throws {
        guard let byte = try stream.peek() else { return }
        guard text.count < Self.maximalTextBytes else {
            throw fault("a text of at most \(Self.maximalTextBytes) bytes", "a longer one")
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

    // MARK: What is not an element

    /// `<!` has been taken: a comment, CDATA or the document type.
    private mutating func declaration(into text: inout [UInt8]) throws {
        switch try stream.peek() {
        case UInt8(ascii: "-"):
            try take()
            try expect("-")
            _ = try taken(to: "-->")
        case UInt8(ascii: "["):
            for byte in "[CDATA[".unicodeScalars { try expect(byte) }
            guard !openElements.isEmpty else { throw fault("an element", "CDATA outside of one") }
            text += try taken(to: "]]>", keeping: Self.maximalTextBytes - text.count)
        case UInt8(ascii: "D"):
            for byte in "DOCTYPE".unicodeScalars { try expect(byte) }
            guard !hasRoot else { throw fault("a document type before the first element", "one after it") }
            try documentType()
        default: throw fault("a comment, CDATA or a document type after '<!'", "something else")
        }
    }

    /// The rest of `<!DOCTYPE …>`: names of a file that is never fetched.
    private mutating func documentType() throws {
        var quote: UInt8?
        while let byte = try stream.peek() {
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "[") {
                throw fault("a document type without declarations of its own (no entity is expanded)", "'['")
            } else if byte == UInt8(ascii: ">") {
                return try take()
            }
            try take()
        }
        throw fault("'>' at the end of the document type", "the end of the file")
    }

    /// `<` has been taken: a processing instruction or the XML declaration, whose encoding must be UTF-8.
    private mutating func instruction() throws {
        let isDeclaration = stream.offset == 1 || stream.offset == 4
        try take()
        let text = String(decoding: try taken(to: "?>"), as: UTF8.self)
        guard isDeclaration, text.hasPrefix("xml "), let key = text.firstRange(of: "encoding") else { return }
        let encoding = text[key.upperBound...].drop { $0 == " " || $0 == "=" || $0 == "\"" || $0 == "'" }
            .prefix { $0 != "\"" && $0 != "'" }.lowercased()
        guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(encoding) else {
            throw fault("encoding UTF-8", "'\(encoding.prefix(40))'")
        }
    }

    /// Takes everything up to a mark of two or three bytes, and the mark.
    /// - Parameter limit: more bytes than this are an error; nil drops what comes after the first 1024.
    private mutating func taken(to mark: StaticString, keeping limit: Int? = nil) throws -> [UInt8] {
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
                    throw fault("a text of at most \(Self.maximalTextBytes) bytes", "a longer one")
                }
                if limit != nil || kept.count < 1024 { kept.append(next) }
            }
            if last == end { return kept }
        }
        throw fault("'\(mark)'", "the end of the file")
    }

    // MARK: Bytes

    private mutating func take() throws {
        if try stream.next() == 0x0a { line += 1 }
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws {
        let byte = try stream.peek()
        guard byte == UInt8(ascii: scalar) else {
            throw fault("'\(scalar)'", byte.map { Self.shown($0) } ?? "the end of the file")
        }
        try take()
    }

    @discardableResult
    private mutating func skipSpaces() throws -> Bool {
        var skipped = false
        while let byte = try stream.peek(), Self.isSpace(byte) {
            try take()
            skipped = true
        }
        return skipped
    }

    private mutating func skipByteOrderMark() throws {
        guard try stream.peek() == 0xef else { return }
        for byte in [0xef, 0xbb, 0xbf] as [UInt8] {
            guard try stream.peek() == byte else { throw fault("UTF-8", "another byte order mark") }
            try take()
        }
    }

    private func decoded(_ bytes: [UInt8]) throws -> String {
        if let invalid = bytes.withUnsafeBufferPointer({ UTF8Validation.firstInvalidOffset(in: $0) }) {
            throw fault("UTF-8", "byte 0x\(String(bytes[invalid], radix: 16))")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x0a || byte == 0x09 || byte == 0x0d }

    private static func isNameByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x61...0x7a, 0x41...0x5a, 0x30...0x39, 0x5f, 0x3a, 0x2d, 0x2e, 0x80...0xff: true
        default: false
        }
    }

    private static func shown(_ byte: UInt8) -> String {
        (0x21...0x7e).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte 0x\(String(byte, radix: 16))"
    }

    /// An error at the line being read.
    func fault(_ expected: String, _ found: String) -> LexiconError {
        .malformedLine(
            path: path, line: line, expected: expected, found: found,
            advice: "correct the file, or fetch it again if it was cut short")
    }
}
