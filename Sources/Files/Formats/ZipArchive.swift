import CZlib

#if canImport(Glibc)
import Glibc
#endif

/// A zip archive in memory, stored or deflated members, as `numpy.savez` writes them.
///
/// Sizes come from the central directory and are checked before memory is taken; zip64, encryption and split archives
/// are refused.
package struct ZipArchive {
    private struct Entry {
        let name: String
        let method: Int
        let compressedBytes: Int
        let bytes: Int
        let checksum: UInt32
        let headerOffset: Int
    }

    private let path: String
    private let file: [UInt8]
    private let entries: [Entry]

    private static let maximalFileBytes = 256 << 20
    private static let maximalMemberBytes = 256 << 20
    private static let endBytes = 22
    private static let directoryBytes = 46
    private static let headerBytes = 30

    /// - Throws: `FileError`, `SystemFault`.
    package init(path: String) throws {
        self.path = path
        file = try Self.contents(of: path)
        let file = file
        let problem = { (offset: Int, found: String) in Self.problem(path, offset: offset, found: found) }
        // The end record is followed by at most 64 KiB of comment.
        let earliest = max(0, file.count - Self.endBytes - 0xffff)
        guard file.count >= Self.endBytes,
            let end = stride(from: file.count - Self.endBytes, through: earliest, by: -1).first(where: {
                Self.number(file, $0, 4) == 0x0605_4b50
            })
        else { throw problem(file.count, "no end record: the file was cut short or is none") }
        let count = Self.number(file, end + 10, 2)
        var offset = Self.number(file, end + 16, 4)
        var entries: [Entry] = []
        for _ in 0..<count {
            guard offset + Self.directoryBytes <= end, Self.number(file, offset, 4) == 0x0201_4b50 else {
                throw problem(offset, "a damaged directory")
            }
            let nameBytes = Self.number(file, offset + 28, 2)
            let nameStart = offset + Self.directoryBytes
            guard nameStart + nameBytes <= end else { throw problem(offset, "a damaged directory") }
            entries.append(
                Entry(
                    name: String(decoding: file[nameStart..<nameStart + nameBytes], as: UTF8.self),
                    method: Self.number(file, offset + 10, 2), compressedBytes: Self.number(file, offset + 20, 4),
                    bytes: Self.number(file, offset + 24, 4),
                    checksum: UInt32(Self.number(file, offset + 16, 4)),
                    headerOffset: Self.number(file, offset + 42, 4)))
            offset = nameStart + nameBytes + Self.number(file, offset + 30, 2) + Self.number(file, offset + 32, 2)
        }
        self.entries = entries
    }

    /// The bytes of a member.
    /// - Throws: `FileError` when it is missing, damaged or too large.
    package func member(_ name: String) throws -> [UInt8] {
        guard let entry = entries.first(where: { $0.name == name }) else {
            throw Self.problem(path, offset: 0, found: "no member \(name)")
        }
        let at = entry.headerOffset
        guard at + Self.headerBytes <= file.count, Self.number(file, at, 4) == 0x0403_4b50 else {
            throw Self.problem(path, offset: at, found: "no header of \(name)")
        }
        let start = at + Self.headerBytes + Self.number(file, at + 26, 2) + Self.number(file, at + 28, 2)
        guard start + entry.compressedBytes <= file.count else {
            throw Self.problem(path, offset: at, found: "\(name) beyond the end of the file")
        }
        guard entry.bytes <= Self.maximalMemberBytes else {
            throw Self.problem(
                path, offset: at, found: "\(name) of \(entry.bytes) bytes, over \(Self.maximalMemberBytes)")
        }
        let packed = file[start..<start + entry.compressedBytes]
        let bytes: [UInt8]?
        switch entry.method {
        case 0: bytes = packed.count == entry.bytes ? Array(packed) : nil
        case 8: bytes = Self.inflated(packed, bytes: entry.bytes)
        default: throw Self.problem(path, offset: at, found: "compression method \(entry.method)")
        }
        guard let bytes, Self.checksum(bytes) == entry.checksum else {
            throw Self.problem(path, offset: at, found: "damaged data in \(name)")
        }
        return bytes
    }

    private static func contents(of path: String) throws -> [UInt8] {
        let input = try InputFile(path: path)
        var file: [UInt8] = []
        try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
            while true {
                let count = try input.read(into: buffer)
                if count == 0 { return }
                file.append(contentsOf: buffer[..<count])
                guard file.count <= maximalFileBytes else {
                    throw problem(path, offset: file.count, found: "more than \(maximalFileBytes) bytes")
                }
            }
        }
        return file
    }

    /// Raw deflate data; nil unless it ends exactly where it should.
    private static func inflated(_ packed: ArraySlice<UInt8>, bytes count: Int) -> [UInt8]? {
        var stream = z_stream()
        guard inflateInit2_(&stream, -15, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else { return nil }
        defer { inflateEnd(&stream) }
        // One byte more: an empty member still needs somewhere to write to.
        var output = [UInt8](repeating: 0, count: count + 1)
        var input = Array(packed)
        let status = input.withUnsafeMutableBufferPointer { input in
            output.withUnsafeMutableBufferPointer { output in
                stream.next_in = input.baseAddress
                stream.avail_in = UInt32(input.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                return inflate(&stream, Z_FINISH)
            }
        }
        guard status == Z_STREAM_END, Int(stream.total_out) == count else { return nil }
        output.removeLast()
        return output
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        bytes.withUnsafeBufferPointer { UInt32(truncatingIfNeeded: crc32(0, $0.baseAddress, UInt32($0.count))) }
    }

    /// A little-endian number of at most four bytes; the caller has checked that they are there.
    private static func number(_ file: [UInt8], _ offset: Int, _ count: Int) -> Int {
        (0..<count).reduce(0) { $0 | Int(file[offset + $1]) << (8 * $1) }
    }

    private static func problem(_ path: String, offset: Int, found: String) -> FileError {
        .malformed(
            path: path, offset: offset, expected: "a zip archive as NumPy writes it", found: found,
            advice: "fetch the file again")
    }
}
