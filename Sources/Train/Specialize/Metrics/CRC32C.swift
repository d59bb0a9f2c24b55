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
