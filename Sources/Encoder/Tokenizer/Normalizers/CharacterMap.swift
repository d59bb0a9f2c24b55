import Files

/// SentencePiece's precompiled character map: a double-array trie from byte strings to replacements.
///
/// Layout: trie size in bytes (UInt32, little endian), trie units, then NUL-ended replacements.
/// - Source: SentencePiece `Normalizer::DecodePrecompiledCharsMap`, Darts-clone; Hugging Face `spm_precompiled`.
struct CharacterMap: Sendable {
    private let units: [UInt32]
    private let replacements: [UInt8]
    /// For each ASCII byte: whether it alone is replaced (or may be part of a cluster: carriage return).
    private var asciiStays: [Bool] = []

    /// - Parameter blob: empty for a map that replaces nothing.
    /// - Throws: `TokenizerError` when sizes contradict each other or a replacement is not UTF-8.
    init(_ blob: [UInt8], file: String) throws {
        func malformed(_ expected: String, _ found: String) -> TokenizerError {
            .malformed(file: file, place: "the precompiled character map", expected: expected, found: found)
        }
        if blob.isEmpty {
            units = []
            replacements = []
        } else {
            guard blob.count >= 4 else { throw malformed("its size", "\(blob.count) bytes") }
            let size = Int(blob[0]) | Int(blob[1]) << 8 | Int(blob[2]) << 16 | Int(blob[3]) << 24
            guard size % 4 == 0, size > 0, size <= blob.count - 4 else {
                throw malformed("a trie of whole units inside its \(blob.count) bytes", "a size of \(size)")
            }
            units = (0..<(size / 4)).map { index in
                let start = 4 + 4 * index
                return UInt32(blob[start]) | UInt32(blob[start + 1]) << 8 | UInt32(blob[start + 2]) << 16
                    | UInt32(blob[start + 3]) << 24
            }
            replacements = Array(blob[(4 + size)...])
            guard replacements.withUnsafeBufferPointer({ UTF8Validation.firstInvalidOffset(in: $0) }) == nil else {
                throw malformed("replacements in UTF-8", "other bytes")
            }
        }
        asciiStays = (0..<128).map { byte in
            byte != 0x0D
                && [UInt8(byte)].withUnsafeBufferPointer { replacement($0, 0..<1) == nil }
        }
    }

    var replacesNothing: Bool { units.isEmpty }

    @inline(__always)
    func staysAlone(_ byte: UInt8) -> Bool { byte < 0x80 && asciiStays[Int(byte)] }

    /// Replacement of the shortest prefix of a byte string that has one; nil when none has.
    func replacement(_ bytes: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) -> ArraySlice<UInt8>? {
        guard let root = units.first else { return nil }
        var node = Self.offset(root)
        for position in range {
            let byte = bytes[position]
            if byte == 0 { return nil }
            node ^= Int(byte)
            guard node < units.count else { return nil }
            let unit = units[node]
            if unit & (1 << 31 | 0xFF) != UInt32(byte) { return nil }
            node ^= Self.offset(unit)
            if unit & 0x100 != 0 {
                guard node < units.count else { return nil }
                let start = Int(units[node] & 0x7FFF_FFFF)
                guard start <= replacements.count else { return nil }
                let rest = replacements[start...]
                return rest.prefix { $0 != 0 }
            }
        }
        return nil
    }

    private static func offset(_ unit: UInt32) -> Int { Int(unit >> 10) << Int((unit & 0x200) >> 6) }

    /// Appends a text normalised as Hugging Face's `Precompiled` does it: grapheme clusters of fewer than six bytes are
    /// looked up whole (their shortest prefix in the map replaces all of them), others scalar by scalar.
    func normalize(_ text: UnsafeBufferPointer<UInt8>, into output: inout [UInt8]) {
        if units.isEmpty {
            output.append(contentsOf: text)
            return
        }
        var position = 0
        while position < text.count {
            let byte = text[position]
            // An ASCII character followed by another is a cluster by itself.
            if staysAlone(byte) && (position + 1 == text.count || text[position + 1] < 0x80) {
                output.append(byte)
                position += 1
                continue
            }
            let end = GraphemeClusters.end(text, from: position)
            if end - position < 6, let whole = replacement(text, position..<end) {
                output.append(contentsOf: whole)
                position = end
                continue
            }
            while position < end {
                let start = position
                _ = UTF8Text.next(text, &position)
                if let single = replacement(text, start..<position) {
                    output.append(contentsOf: single)
                } else {
                    output.append(contentsOf: text[start..<position])
                }
            }
        }
    }
}
