import Files

/// BERT's `vocab.txt`: one piece a line, the line's number (from 0) is its id.
enum VocabularyFile {
    static let name = "vocab.txt"

    /// Reads the pieces; an empty line keeps its id and matches nothing.
    /// - Throws: `SystemFault`, `TokenizerError` naming the line that is not UTF-8.
    static func read(_ path: String) throws -> PieceList {
        let bytes = try TokenizerFile.read(path)
        var pieces = PieceList()
        try bytes.withUnsafeBufferPointer { bytes in
            if let invalid = UTF8Validation.firstInvalidOffset(in: bytes) {
                let line = bytes[..<invalid].count { $0 == 0x0A } + 1
                throw TokenizerError.malformed(
                    file: path, place: "line \(line)", expected: "UTF-8",
                    found: invalid + 4 > bytes.count ? "a character cut off at the end" : "the byte \(bytes[invalid])")
            }
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count && bytes[end] != 0x0A { end += 1 }
                // A file edited on Windows has CR LF line ends.
                let contentEnd = end > start && bytes[end - 1] == 0x0D ? end - 1 : end
                pieces.append(bytes[start..<contentEnd], id: Int32(pieces.count))
                start = end + 1
            }
        }
        return pieces
    }
}
