/// `ByteLevel`: GPT-2's way to cut texts, and its visible characters for bytes.
struct ByteLevelPreTokenizer: PreTokenizer {
    /// Whether a text that does not begin with a space gets one.
    var prependsSpace: Bool
    /// Whether GPT-2's regular expression cuts the text; otherwise another step has.
    let splits: Bool

    func cut(_ text: inout PreTokenizedText) {
        if prependsSpace {
            text.rewrite { part, _, output in
                if part[0] != 0x20 { output.append(0x20) }
                output.append(contentsOf: part)
            }
        }
        if splits { text.split(.isolated) { part, take in Self.forEachWord(in: part, take) } }
        text.rewrite { part, _, output in ByteLevelAlphabet.append(part, to: &output) }
    }

    /// The matches of `'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`, which cover any
    /// text.
    /// - Source: GPT-2's encoder.py.
    static func forEachWord(in text: UnsafeBufferPointer<UInt8>, _ take: (Range<Int>) -> Void) {
        let kinds = NormalizationTables.kinds
        let all: ScalarKinds = [.letter, .number, .space]
        var position = 0
        while position < text.count {
            let start = position
            if text[start] == UInt8(ascii: "'"), let length = contraction(text, behind: start) {
                position = start + length
                take(start..<position)
                continue
            }
            if text[start] == 0x20 && start + 1 < text.count { position += 1 }
            let kind = kinds[UTF8Text.next(text, &position)].intersection(all)
            if kind.contains(.space) {
                position = start
                take(start..<spaceEnd(text, &position, kinds))
                continue
            }
            while position < text.count {
                var next = position
                guard kinds[UTF8Text.next(text, &next)].intersection(all) == kind else { break }
                position = next
            }
            take(start..<position)
        }
    }

    /// White space leaves its last character to the word behind it, unless that is all there is.
    private static func spaceEnd(
        _ text: UnsafeBufferPointer<UInt8>, _ position: inout Int, _ kinds: ScalarTable<ScalarKinds>
    ) -> Int {
        let start = position
        var last = start
        while position < text.count {
            var next = position
            guard kinds[UTF8Text.next(text, &next)].contains(.space) else { break }
            last = position
            position = next
        }
        if position < text.count && last > start { position = last }
        return position
    }

    private static func contraction(_ text: UnsafeBufferPointer<UInt8>, behind start: Int) -> Int? {
        guard start + 1 < text.count else { return nil }
        switch text[start + 1] {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"):
            return start + 2 < text.count && text[start + 2] == UInt8(ascii: "e") ? 3 : nil
        case UInt8(ascii: "l"): return start + 2 < text.count && text[start + 2] == UInt8(ascii: "l") ? 3 : nil
        default: return nil
        }
    }
}

/// GPT-2's visible character for every byte: printable Latin-1 as itself, the others from U+0100 on.
enum ByteLevelAlphabet {
    private static let scalars: [UInt32] = {
        var next: UInt32 = 0x100
        return (0..<256).map { byte in
            switch byte {
            case 0x21...0x7E, 0xA1...0xAC, 0xAE...0xFF: return UInt32(byte)
            default:
                next += 1
                return next - 1
            }
        }
    }()

    static func append(_ bytes: UnsafeBufferPointer<UInt8>, to output: inout [UInt8]) {
        let scalars = scalars
        for byte in bytes { UTF8Text.append(scalars[Int(byte)], to: &output) }
    }
}
