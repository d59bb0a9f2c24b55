import Files

/// One record of a TensorBoard event file: an `Event` message in TFRecord framing.
///
/// Framing: length (8 bytes, little-endian), masked CRC-32C of it, message, masked CRC-32C of that. Fields:
/// `Event` 1 wall_time, 2 step, 3 file_version, 5 summary; `Summary` 1 value; `Value` 1 tag, 2 simple_value.
/// - Source: tensorflow/core/util/event.proto, framework/summary.proto, lib/io/record_writer.
enum EventRecord {
    /// What every event file begins with.
    static func header(wallSeconds: Double) -> [UInt8] {
        var event = ProtobufMessage()
        event.add(1, double: wallSeconds)
        event.add(3, text: "brain.Event:2")
        return framed(event.bytes)
    }

    /// Named numbers at a step.
    static func scalars(_ values: [(tag: String, value: Double)], step: Int, wallSeconds: Double) -> [UInt8] {
        var summary = ProtobufMessage()
        for (tag, value) in values {
            var scalar = ProtobufMessage()
            scalar.add(1, text: tag)
            scalar.add(2, float: Float(value))
            summary.add(1, message: scalar)
        }
        var event = ProtobufMessage()
        event.add(1, double: wallSeconds)
        event.add(2, integer: step)
        event.add(5, message: summary)
        return framed(event.bytes)
    }

    /// Bytes of the whole records an event file begins with; 0 when it does not begin as one.
    static func wholeRecords(_ file: [UInt8]) -> Int {
        var end = 0
        while file.count - end >= 16 {
            let length = file[end..<(end + 8)]
            let count = length.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            let lengthSum = file[(end + 8)..<(end + 12)]
            guard checksum(Array(length)).elementsEqual(lengthSum), count <= UInt64(file.count - end - 16) else {
                break
            }
            let message = Array(file[(end + 12)..<(end + 12 + Int(count))])
            let next = end + 16 + Int(count)
            guard checksum(message).elementsEqual(file[(next - 4)..<next]) else { break }
            end = next
        }
        return end
    }

    private static func framed(_ message: [UInt8]) -> [UInt8] {
        let length = withUnsafeBytes(of: UInt64(message.count).littleEndian) { Array($0) }
        return length + checksum(length) + message + checksum(message)
    }

    private static func checksum(_ bytes: [UInt8]) -> [UInt8] {
        withUnsafeBytes(of: CRC32C.masked(bytes).littleEndian) { Array($0) }
    }
}

/// CRC-32 with the Castagnoli polynomial, as TFRecord files carry it.
enum CRC32C {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0x82f6_3b78 : value >> 1 }
    }

    static func of(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { $0 >> 8 ^ table[Int(($0 ^ UInt32($1)) & 0xff)] }
    }

    /// Rotated and shifted, so that a checksum of data that holds checksums is no special case.
    /// - Source: TensorFlow `crc32c::Mask`.
    static func masked(_ bytes: [UInt8]) -> UInt32 {
        let value = of(bytes)
        return (value >> 15 | value << 17) &+ 0xa282_ead8
    }
}
