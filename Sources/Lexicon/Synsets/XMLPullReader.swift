import Files

/// Reads XML (1.0, UTF-8) element by element in bounded memory, and refuses what a dictionary file has no use for.
///
/// No entity but the five predefined ones and character references is known: a document type with declarations of its
/// own (`<!DOCTYPE x [`) is refused, so nothing expands and nothing is fetched. Limits: `maximalDepth` open elements,
/// `maximalAttributes` of one element, `maximalNameBytes`, `maximalTextBytes` of one text or value.
///
/// Well-formedness is checked as far as it concerns what is read: tags match, attributes are distinct and quoted, text
/// is UTF-8 without control characters. Names are compared as they stand; namespaces are not resolved.
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

    private(set) var openElements: [String] = []
    private var characters: XMLCharacters
    /// Whether the end of an element without contents is to be handed out.
    private var pendingEnd = false
    /// Whether '<' of a tag was taken and the text before it handed out.
    private var pendingTag = false
    private var hasRoot = false

    /// - Throws: `LexiconError`, `FileError`, `SystemFault`.
    init(_ stream: ByteStream) throws { characters = try XMLCharacters(stream) }

    var path: String { characters.path }
    /// Line of the byte to be read next, from 1.
    var line: Int { characters.line }

    /// The next event, or nil at the end of the document.
    /// - Throws: `LexiconError` with the line, `SystemFault`. Reading ends there: XML has no next line to go on from.
    mutating func next() throws -> Event? {
        if pendingEnd {
            pendingEnd = false
            return .end(name: openElements.removeLast())
        }
        if pendingTag {
            pendingTag = false
            return try tag()
        }
        var text: [UInt8] = []
        while let byte = try characters.peek() {
            guard byte == UInt8(ascii: "<") else {
                try characters.character(into: &text)
                continue
            }
            // What follows '<' decides whether the text ends here.
            try characters.take()
            switch try characters.peek() {
            case UInt8(ascii: "!"):
                try characters.take()
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
            guard bytes.allSatisfy(XMLCharacters.isSpace) else { throw fault("an element", "text outside of one") }
            return nil
        }
        return .text(try characters.decoded(bytes))
    }

    // MARK: Tags

    /// `<` has been taken.
    private mutating func tag() throws -> Event {
        try characters.peek() == UInt8(ascii: "/") ? try endTag() : try startTag()
    }

    private mutating func startTag() throws -> Event {
        guard !(hasRoot && openElements.isEmpty) else {
            throw fault("nothing after the last element", "another element")
        }
        let name = try name()
        guard openElements.count < Self.maximalDepth else {
            throw fault("at most \(Self.maximalDepth) elements in one another", "<\(name)> in so many")
        }
        var attributes: [String: String] = [:]
        while true {
            let hadSpace = try characters.skipSpaces()
            switch try characters.peek() {
            case UInt8(ascii: ">"):
                try characters.take()
                openElements.append(name)
                hasRoot = true
                return .start(name: name, attributes: attributes)
            case UInt8(ascii: "/"):
                try characters.take()
                try characters.expect(">")
                openElements.append(name)
                hasRoot = true
                pendingEnd = true
                return .start(name: name, attributes: attributes)
            case nil: throw fault("'>' at the end of <\(name)", "the end of the file")
            default:
                guard hadSpace else { throw fault("a space before an attribute of <\(name)>", "none") }
                let key = try self.name()
                try characters.skipSpaces()
                try characters.expect("=")
                try characters.skipSpaces()
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
        try characters.take()
        let name = try name()
        try characters.skipSpaces()
        try characters.expect(">")
        guard let open = openElements.last else { throw fault("no end tag without its element", "</\(name)>") }
        guard open == name else { throw fault("</\(open)>", "</\(name)>") }
        openElements.removeLast()
        return .end(name: name)
    }

    private mutating func name() throws -> String {
        var bytes: [UInt8] = []
        while let byte = try characters.peek(), XMLCharacters.isNameByte(byte) {
            bytes.append(byte)
            try characters.take()
            guard bytes.count <= Self.maximalNameBytes else {
                throw fault("a name of at most \(Self.maximalNameBytes) bytes", "a longer one")
            }
        }
        guard let first = bytes.first, !(0x30...0x39).contains(first), first != 0x2d, first != 0x2e else {
            throw fault("a name", try characters.peek().map { XMLCharacters.shown($0) } ?? "the end of the file")
        }
        return try characters.decoded(bytes)
    }

    private mutating func attributeValue() throws -> String {
        guard let quote = try characters.peek(), quote == UInt8(ascii: "\"") || quote == UInt8(ascii: "'") else {
            throw fault(
                "a value in quotes", try characters.peek().map { XMLCharacters.shown($0) } ?? "the end of the file")
        }
        try characters.take()
        var value: [UInt8] = []
        while let byte = try characters.peek() {
            if byte == quote {
                try characters.take()
                return try characters.decoded(value)
            }
            guard byte != UInt8(ascii: "<") else { throw fault("&lt; in a value", "'<'") }
            let before = value.count
            let isReference = byte == UInt8(ascii: "&")
            try characters.character(into: &value)
            // White space in a value is a space, unless it was written as a reference (XML 1.0, section 3.3.3).
            if !isReference, value.count > before, XMLCharacters.isSpace(value[before]) { value[before] = 0x20 }
        }
        throw fault("a closing quote", "the end of the file")
    }

    // MARK: What is not an element

    /// `<!` has been taken: a comment, CDATA or the document type.
    private mutating func declaration(into text: inout [UInt8]) throws {
        switch try characters.peek() {
        case UInt8(ascii: "-"):
            try characters.take()
            try characters.expect("-")
            _ = try characters.taken(to: "-->")
        case UInt8(ascii: "["):
            for byte in "[CDATA[".unicodeScalars { try characters.expect(byte) }
            guard !openElements.isEmpty else { throw fault("an element", "CDATA outside of one") }
            text += try characters.taken(to: "]]>", keeping: Self.maximalTextBytes - text.count)
        case UInt8(ascii: "D"):
            for byte in "DOCTYPE".unicodeScalars { try characters.expect(byte) }
            guard !hasRoot else { throw fault("a document type before the first element", "one after it") }
            try documentType()
        default: throw fault("a comment, CDATA or a document type after '<!'", "something else")
        }
    }

    /// The rest of `<!DOCTYPE …>`: names of a file that is never fetched.
    private mutating func documentType() throws {
        var quote: UInt8?
        while let byte = try characters.peek() {
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: "[") {
                throw fault("a document type without declarations of its own (no entity is expanded)", "'['")
            } else if byte == UInt8(ascii: ">") {
                return try characters.take()
            }
            try characters.take()
        }
        throw fault("'>' at the end of the document type", "the end of the file")
    }

    /// `<` has been taken: a processing instruction or the XML declaration, whose encoding must be UTF-8.
    private mutating func instruction() throws {
        let isDeclaration = characters.isAtStart(after: 1)
        try characters.take()
        let text = String(decoding: try characters.taken(to: "?>"), as: UTF8.self)
        guard isDeclaration, text.hasPrefix("xml "), let key = text.firstRange(of: "encoding") else { return }
        let encoding = text[key.upperBound...].drop { $0 == " " || $0 == "=" || $0 == "\"" || $0 == "'" }
            .prefix { $0 != "\"" && $0 != "'" }.lowercased()
        guard ["utf-8", "utf8", "us-ascii", "ascii"].contains(encoding) else {
            throw fault("encoding UTF-8", "'\(encoding.prefix(40))'")
        }
    }

    /// An error at the line being read.
    func fault(_ expected: String, _ found: String) -> LexiconError { characters.fault(expected, found) }
}
