/// Walks the fields of one serialised protocol buffer message; every length is checked before it is used.
package struct ProtobufFields: Sequence, IteratorProtocol {
    package enum Value {
        case varint(UInt64)
        case fixed32(UInt32)
        /// Fixed 64-bit values, which nothing here reads.
        case fixed64
        case bytes(Range<Int>)
    }

    private let message: UnsafeBufferPointer<UInt8>
    private var position: Int
    private let end: Int
    /// Where the message stopped making sense; nil as long as it does.
    package private(set) var fault: Int?

    package init(_ message: UnsafeBufferPointer<UInt8>, in range: Range<Int>) {
        precondition(range.upperBound <= message.count)
        self.message = message
        position = range.lowerBound
        end = range.upperBound
    }

    /// The next field; `range` is all of it, its key included.
    package mutating func next() -> (number: UInt64, value: Value, range: Range<Int>)? {
        guard position < end, fault == nil else { return nil }
        let start = position
        guard let key = varint() else { return fail(start) }
        let value: Value
        switch key & 7 {
        case 0:
            guard let number = varint() else { return fail(start) }
            value = .varint(number)
        case 1:
            guard skip(8) else { return fail(start) }
            value = .fixed64
        case 2:
            guard let length = varint(), let count = Int(exactly: length), skip(count) else { return fail(start) }
            value = .bytes((position - count)..<position)
        case 5:
            guard skip(4) else { return fail(start) }
            value = .fixed32((1...4).reduce(0) { $0 << 8 | UInt32(message[position - $1]) })
        default:
            return fail(start)
        }
        return (key >> 3, value, start..<position)
    }

    private mutating func fail(_ place: Int) -> (UInt64, Value, Range<Int>)? {
        fault = place
        return nil
    }

    private mutating func skip(_ count: Int) -> Bool {
        guard count <= end - position else { return false }
        position += count
        return true
    }

    private mutating func varint() -> UInt64? {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < end else { return nil }
            let byte = message[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        return nil
    }
}
