/// How a fastText text-vector file divides a line: a word, then a fixed number of numbers.
///
/// A word may hold any character, no-break and ideographic spaces included, so rows are read from the right: the last
/// `dimension` fields are numbers, whatever stands before them is the word. Fields are separated by runs of ASCII
/// space and tab (published files hold doubled ones) and may be followed by them.
struct VectorRows {
    /// No line holds more numbers.
    static let maximalDimension = 8 << 20

    let dimension: Int

    enum Row: Equatable {
        /// The bytes of the line that are its word; empty when the line starts with separators and numbers alone
        /// follow.
        case word(Range<Int>)
        /// The line has only so many numbers at its end, or no word before them.
        case tooShort(numbers: Int)
    }

    func split(_ line: UnsafeBufferPointer<UInt8>) -> Row {
        var at = line.count
        for field in 0..<dimension {
            at = Self.skipSeparators(line, before: at)
            let fieldEnd = at
            while at > 0, Self.isNumberByte(line[at - 1]) { at -= 1 }
            guard at < fieldEnd, at == 0 || Self.isSeparator(line[at - 1]) else { return .tooShort(numbers: field) }
        }
        // Numbers up to the line's start: the first of them is in truth the word of a row that lost a number.
        if at == 0 { return .tooShort(numbers: dimension - 1) }
        let end = Self.skipSeparators(line, before: at)
        var start = 0
        while start < end, Self.isSeparator(line[start]) { start += 1 }
        return .word(start..<end)
    }

    /// "count dimension", or nil when the line is no header.
    ///
    /// Digits that do not fit an Int make it a header all the same, with `nil` for that number.
    static func header(_ line: UnsafeBufferPointer<UInt8>) -> (count: Int?, dimension: Int?)? {
        let fields = line.split(whereSeparator: isSeparator)
        guard fields.count == 2, fields.allSatisfy({ $0.allSatisfy { (0x30...0x39).contains($0) } }) else { return nil }
        return (Int(String(decoding: fields[0], as: UTF8.self)), Int(String(decoding: fields[1], as: UTF8.self)))
    }

    /// The dimension of vectors in a file that begins with these lines, whose first may be a header; nil when they are
    /// something else.
    static func dimension(of head: TextTable) -> Int? {
        guard head.count > 0 else { return nil }
        let (header, numbers) = head.withBytes(at: 0) { (Self.header($0), trailingNumbers($0)) }
        var first = 0, dimension = numbers
        if let header {
            guard let promised = header.dimension, (1...maximalDimension).contains(promised), head.count > 1 else {
                return nil
            }
            (first, dimension) = (1, promised)
        }
        // Of a single line, or with a number or two on each, that is not enough to tell.
        guard dimension >= (header == nil && head.count < 2 ? 8 : 2) else { return nil }
        let rows = VectorRows(dimension: dimension)
        for row in first..<head.count {
            guard case .word = head.withBytes(at: row, rows.split) else { return nil }
            if header == nil, head.withBytes(at: row, trailingNumbers) != dimension { return nil }
        }
        return dimension
    }

    /// How many fields at the end of a line are numbers, the first field of the line not counted.
    static func trailingNumbers(_ line: UnsafeBufferPointer<UInt8>) -> Int {
        var count = 0
        var at = line.count
        while true {
            at = skipSeparators(line, before: at)
            let fieldEnd = at
            while at > 0, isNumberByte(line[at - 1]) { at -= 1 }
            guard at > 0, at < fieldEnd, isSeparator(line[at - 1]) else { return count }
            count += 1
        }
    }

    private static func skipSeparators(_ line: UnsafeBufferPointer<UInt8>, before end: Int) -> Int {
        var at = end
        while at > 0, isSeparator(line[at - 1]) { at -= 1 }
        return at
    }

    @inline(__always)
    private static func isSeparator(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

    /// Bytes of decimal numbers, and of "nan" and "inf" in either case.
    ///
    /// The values are not needed, so spelling is all that is checked: it tells a number from a word.
    @inline(__always)
    private static func isNumberByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "+"): true
        case UInt8(ascii: "e"), UInt8(ascii: "E"): true
        case UInt8(ascii: "n"), UInt8(ascii: "a"), UInt8(ascii: "N"), UInt8(ascii: "A"): true
        case UInt8(ascii: "i"), UInt8(ascii: "f"), UInt8(ascii: "I"), UInt8(ascii: "F"): true
        default: false
        }
    }
}
