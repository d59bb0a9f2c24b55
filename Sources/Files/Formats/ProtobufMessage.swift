/// A protocol buffer message written field by field: the few wire types event files need.
package struct ProtobufMessage {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    package mutating func add(_ field: Int, double value: Double) {
        key(field, wireType: 1)
        append(value.bitPattern)
    }

    package mutating func add(_ field: Int, float value: Float) {
        key(field, wireType: 5)
        append(value.bitPattern)
    }

    package mutating func add(_ field: Int, integer value: Int) {
        key(field, wireType: 0)
        variableLength(UInt64(bitPattern: Int64(value)))
    }

    package mutating func add(_ field: Int, text: String) { add(field, Array(text.utf8)) }

    package mutating func add(_ field: Int, message: ProtobufMessage) { add(field, message.bytes) }

    private mutating func add(_ field: Int, _ contents: [UInt8]) {
        key(field, wireType: 2)
        variableLength(UInt64(contents.count))
        bytes += contents
    }

    private mutating func key(_ field: Int, wireType: Int) { variableLength(UInt64(field << 3 | wireType)) }

    private mutating func variableLength(_ value: UInt64) {
        var rest = value
        while rest > 0x7f {
            bytes.append(UInt8(rest & 0x7f | 0x80))
            rest >>= 7
        }
        bytes.append(UInt8(rest))
    }

    private mutating func append(_ value: some FixedWidthInteger) {
        withUnsafeBytes(of: value.littleEndian) { bytes += $0 }
    }
}
