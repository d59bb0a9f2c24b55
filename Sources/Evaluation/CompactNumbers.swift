/// Whole numbers from 0 as LEB128: seven bits a byte, the lowest first, the highest bit set on all but the last.
struct CompactNumbers {
    var bytes: [UInt8] = []

    mutating func append(_ number: Int) {
        precondition(number >= 0)
        var rest = UInt(number)
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    /// At most five bytes: every number here is below 2³⁵, so that sums of two are no trouble.
    static func next(_ bytes: inout ArraySlice<UInt8>) throws -> Int {
        var number = 0
        for shift in stride(from: 0, to: 35, by: 7) {
            guard let byte = bytes.popFirst() else { throw EvaluationError.damagedOutcomes("an end inside a number") }
            number |= Int(byte & 0x7F) << shift
            if byte < 0x80 { return number }
        }
        throw EvaluationError.damagedOutcomes("a number of more than five bytes")
    }
}
