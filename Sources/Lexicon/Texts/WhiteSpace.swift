/// Unicode's white space in UTF-8 text.
enum WhiteSpace {
    /// How many bytes the white space at `at` has; 0 when there is none.
    static func length(_ text: UnsafeBufferPointer<UInt8>, at: Int) -> Int {
        switch text[at] {
        case 0x20, 0x09...0x0d: return 1
        case 0xc2: return at + 1 < text.count && (text[at + 1] == 0xa0 || text[at + 1] == 0x85) ? 2 : 0
        case 0xe1, 0xe2, 0xe3:
            guard at + 2 < text.count else { return 0 }
            return isWide(text[at], text[at + 1], text[at + 2]) ? 3 : 0
        default: return 0
        }
    }

    /// The text without white space at its ends.
    static func trimmed(_ text: UnsafeBufferPointer<UInt8>) -> Range<Int> {
        var start = 0
        while start < text.count {
            let length = length(text, at: start)
            if length == 0 { break }
            start += length
        }
        var end = text.count
        while end > start {
            let last = text[end - 1]
            if last == 0x20 || (0x09...0x0d).contains(last) {
                end -= 1
            } else if end - start >= 2, text[end - 2] == 0xc2, last == 0xa0 || last == 0x85 {
                end -= 2
            } else if end - start >= 3, isWide(text[end - 3], text[end - 2], last) {
                end -= 3
            } else {
                break
            }
        }
        return start..<end
    }

    /// A string without white space at its ends.
    static func trimmed(_ text: String) -> String {
        var text = text
        return text.withUTF8 { bytes in
            let range = trimmed(bytes)
            return String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
        }
    }

    /// U+1680, U+2000–200A, U+2028, U+2029, U+202F, U+205F, U+3000.
    private static func isWide(_ a: UInt8, _ b: UInt8, _ c: UInt8) -> Bool {
        switch (a, b, c) {
        case (0xe1, 0x9a, 0x80), (0xe3, 0x80, 0x80), (0xe2, 0x80, 0x80...0x8a), (0xe2, 0x80, 0xa8), (0xe2, 0x80, 0xa9),
            (0xe2, 0x80, 0xaf), (0xe2, 0x81, 0x9f):
            true
        default: false
        }
    }
}
