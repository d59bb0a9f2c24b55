import Diagnostics
import Files
import Fingerprinting
import Glibc

/// One record of a spool file, as bytes (docs/indexer.md, "Spool").
///
/// Little-endian: magic "PLXSPOOL", version, layer count, dimension, element bytes, sequence count, zero (32 bits
/// each), total bytes of the record (64 bits), XXH3-128 of everything but these 16 bytes (high, low), then the digests
/// (high, low), then for each layer the vectors.
enum SpoolRecord {
    static let magic: [UInt8] = Array("PLXSPOOL".utf8)
    static let version: UInt32 = 1
    /// Magic, six 32-bit numbers, the size.
    private static let checkedHeaderBytes = 8 + 6 * 4 + 8
    private static let checksumBytes = 16

    static func headBytes(count: Int) -> Int { checkedHeaderBytes + checksumBytes + count * 16 }

    /// Header and digests.
    static func head(
        digests: ArraySlice<Fingerprint>, sections: [UnsafeRawBufferPointer], shape: VectorShape
    ) -> [UInt8] {
        var header = magic
        for number in [
            version, UInt32(shape.layers.count), UInt32(shape.dimension), UInt32(shape.element.rawValue),
            UInt32(digests.count), 0,
        ] { append(number, to: &header) }
        append(UInt64(headBytes(count: digests.count) + digests.count * shape.sequenceBytes), to: &header)
        var digestBytes: [UInt8] = []
        digestBytes.reserveCapacity(digests.count * 16)
        for digest in digests {
            append(digest.high, to: &digestBytes)
            append(digest.low, to: &digestBytes)
        }
        let builder = FingerprintBuilder()
        header.withUnsafeBytes { builder.combine(bytes: $0) }
        digestBytes.withUnsafeBytes { builder.combine(bytes: $0) }
        for section in sections { builder.combine(bytes: section) }
        let checksum = builder.finish()
        append(checksum.high, to: &header)
        append(checksum.low, to: &header)
        return header + digestBytes
    }

    /// Reads and checks the record at an offset.
    /// - Returns: nil when there is no whole, undamaged record of this shape.
    static func read(
        descriptor: Int32, path: String, offset: Int, fileSize: Int, shape: VectorShape
    ) throws -> (digests: [Fingerprint], bytes: Int)? {
        let fixed = checkedHeaderBytes + checksumBytes
        guard fileSize - offset >= fixed else { return nil }
        let header = try bytes(descriptor: descriptor, path: path, offset: offset, count: fixed)
        let number = { (index: Int) in Int(integer(header, at: 8 + index * 4, as: UInt32.self)) }
        let count = number(4)
        guard Array(header[..<8]) == magic, number(0) == Int(version), number(1) == shape.layers.count,
            number(2) == shape.dimension, number(3) == shape.element.rawValue, number(5) == 0, count > 0
        else { return nil }
        // The count comes from the file: it is believed only when the file is as large as it says.
        let (payload, overflow) = count.multipliedReportingOverflow(by: shape.sequenceBytes + 16)
        guard !overflow, payload <= fileSize - offset - fixed,
            integer(header, at: 32, as: UInt64.self) == UInt64(fixed + payload)
        else { return nil }
        let expected = Fingerprint(
            high: integer(header, at: checkedHeaderBytes, as: UInt64.self),
            low: integer(header, at: checkedHeaderBytes + 8, as: UInt64.self))

        let builder = FingerprintBuilder()
        header[..<checkedHeaderBytes].withUnsafeBytes { builder.combine(bytes: $0) }
        let digestBytes = try bytes(descriptor: descriptor, path: path, offset: offset + fixed, count: count * 16)
        digestBytes.withUnsafeBytes { builder.combine(bytes: $0) }
        let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { piece.deallocate() }
        var position = offset + headBytes(count: count)
        while position < offset + fixed + payload {
            let part = UnsafeMutableRawBufferPointer(
                rebasing: piece[..<min(piece.count, offset + fixed + payload - position)])
            try readFully(descriptor: descriptor, path: path, offset: position, into: part)
            builder.combine(bytes: UnsafeRawBufferPointer(part))
            position += part.count
        }
        guard builder.finish() == expected else { return nil }
        let digests = (0..<count).map { index in
            Fingerprint(
                high: integer(digestBytes, at: index * 16, as: UInt64.self),
                low: integer(digestBytes, at: index * 16 + 8, as: UInt64.self))
        }
        return (digests, fixed + payload)
    }

    static func readFully(
        descriptor: Int32, path: String, offset: Int, into buffer: UnsafeMutableRawBufferPointer
    ) throws {
        let count = try Transfer.read(descriptor, into: buffer, at: offset, path: path)
        // The size was checked: a file that is shorter now is changed by somebody else.
        guard count == buffer.count else { throw SystemFault(operation: "read", path: path, code: EIO) }
    }

    private static func bytes(descriptor: Int32, path: String, offset: Int, count: Int) throws -> [UInt8] {
        var buffer = [UInt8](repeating: 0, count: count)
        try buffer.withUnsafeMutableBytes {
            try readFully(descriptor: descriptor, path: path, offset: offset, into: $0)
        }
        return buffer
    }

    private static func append(_ number: some FixedWidthInteger, to bytes: inout [UInt8]) {
        withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
    }

    private static func integer<Number: FixedWidthInteger>(
        _ bytes: [UInt8], at offset: Int, as type: Number.Type
    ) -> Number {
        bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: Number.self)) }
    }
}
