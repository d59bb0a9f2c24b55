import Files

/// Reads wordfreq's word lists (`cBpack`, gzip): MessagePack of `[{"format": "cB", "version": 1}, [words of 0 cB],
/// [words of −1 cB], …]`, most frequent first.
///
/// Entries that begin with a digit followed by another digit, a dot or a comma stand for whole classes of numbers
/// ("0000"); they are left out, as wordfreq's `top_n_list` does. Read as a stream: a list is never held as a whole, and
/// no size in the file is trusted.
/// - Source: wordfreq `read_cBpack`, `top_n_list`; the MessagePack specification.
enum PackedFrequencies {
    /// The largest lists have less than a million; a bomb of some megabytes unpacks to a billion.
    static let mostWords = 1 << 24

    /// - Throws: `LexiconError`, `SystemFault`.
    static func read(path: String, top: Int) throws -> TextTable {
        var stream = try ByteStream(path: path)
        let outer = try arrayCount(&stream)
        guard outer > 0 else { throw malformed(stream, "a header and lists of words", "an empty list") }
        try header(&stream)
        var words = TextIndex(), entries = 0
        for _ in 1..<max(outer, 1) {
            let count = try arrayCount(&stream)
            entries += count
            guard entries <= mostWords else {
                throw malformed(stream, "at most \(mostWords) words in all", "a list of \(count)")
            }
            for _ in 0..<count {
                let word = try text(&stream)
                guard !word.isEmpty, !isNumberClass(word) else { continue }
                words.insert(word)
                if words.count == top { return words.table }
            }
        }
        guard try stream.next() == nil else {
            throw malformed(stream, "the end of the file after \(outer - 1) lists", "more data")
        }
        guard words.count > 0 else { throw LexiconError.empty(path: path, expected: "at least one word") }
        return words.table
    }

    private static func header(_ stream: inout ByteStream) throws {
        let start = stream.offset
        let byte = try required(&stream)
        guard (0x80...0x8f).contains(byte) else {
            throw malformed(stream, "a map with 'format' and 'version' first", "byte \(byte)")
        }
        var format: String?
        var version: Int?
        for _ in 0..<Int(byte & 0x0f) {
            let key = String(decoding: try text(&stream), as: UTF8.self)
            switch key {
            case "format": format = String(decoding: try text(&stream), as: UTF8.self)
            case "version":
                let value = try required(&stream)
                guard value < 0x80 else { throw malformed(stream, "a small version number", "byte \(value)") }
                version = Int(value)
            default: throw malformed(stream, "the keys 'format' and 'version'", "'\(key.prefix(40))'")
            }
        }
        guard format == "cB", version == 1 else {
            throw FileError.malformed(
                path: stream.path, offset: start, expected: "format 'cB' version 1",
                found: "format '\((format ?? "none").prefix(40))' version \(version.map(String.init) ?? "none")",
                advice: "check that this is a word list of wordfreq")
        }
    }

    private static func arrayCount(_ stream: inout ByteStream) throws -> Int {
        let byte = try required(&stream)
        switch byte {
        case 0x90...0x9f: return Int(byte & 0x0f)
        case 0xdc: return try bigEndian(&stream, 2)
        case 0xdd: return try bigEndian(&stream, 4)
        default: throw malformed(stream, "a list", "byte \(byte)")
        }
    }

    /// A string (or, as older writers do, raw bytes) of at most 64 KiB.
    private static func text(_ stream: inout ByteStream) throws -> [UInt8] {
        let byte = try required(&stream)
        let count: Int
        switch byte {
        case 0xa0...0xbf: count = Int(byte & 0x1f)
        case 0xd9, 0xc4: count = try bigEndian(&stream, 1)
        case 0xda, 0xc5: count = try bigEndian(&stream, 2)
        default: throw malformed(stream, "a text of at most 64 KiB", "byte \(byte)")
        }
        var bytes: [UInt8] = []
        for _ in 0..<count { bytes.append(try required(&stream)) }
        if let invalid = bytes.withUnsafeBufferPointer({ UTF8Validation.firstInvalidOffset(in: $0) }) {
            throw malformed(stream, "UTF-8", "byte \(bytes[invalid])")
        }
        return bytes
    }

    private static func bigEndian(_ stream: inout ByteStream, _ count: Int) throws -> Int {
        var value = 0
        for _ in 0..<count { value = value << 8 | Int(try required(&stream)) }
        return value
    }

    private static func required(_ stream: inout ByteStream) throws -> UInt8 {
        guard let byte = try stream.next() else { throw malformed(stream, "more data", "the end of the file") }
        return byte
    }

    private static func isNumberClass(_ word: [UInt8]) -> Bool {
        let scalars = String(decoding: word.prefix(12), as: UTF8.self).unicodeScalars.prefix(2).map { $0 }
        guard scalars.count == 2, isDigit(scalars[0]) else { return false }
        return isDigit(scalars[1]) || scalars[1] == "." || scalars[1] == ","
    }

    private static func isDigit(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.generalCategory == .decimalNumber
    }

    private static func malformed(_ stream: ByteStream, _ expected: String, _ found: String) -> FileError {
        .malformed(
            path: stream.path, offset: stream.offset, expected: expected, found: found,
            advice: "the file is damaged or no word list of wordfreq, fetch it again")
    }
}
