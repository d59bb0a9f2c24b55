import CZlib
import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Inflates a gzip file of one or more members (RFC 1952), in memory that does not depend on the file's size.
///
/// Members may be followed by zero bytes, as tapes and block devices pad them (gzip(1) ignores them too); anything else
/// after the last member is an error.
final class GzipSource: ByteSource {
    private let file: InputFile
    // zlib keeps a pointer back to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>
    private let input: UnsafeMutableBufferPointer<UInt8>
    /// Bytes taken from the file so far.
    private var bytesRead = 0
    private var memberStart = 0
    private var position = Position.betweenMembers

    private enum Position {
        case betweenMembers, inMember, finished
    }

    /// - Parameter prefix: bytes already read from the file's start, at most 64 KiB.
    init(file: InputFile, prefix: UnsafeRawBufferPointer) throws {
        self.file = file
        input = .allocate(capacity: 64 << 10)
        precondition(prefix.count <= input.count)
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        UnsafeMutableRawBufferPointer(input).copyMemory(from: prefix)
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(prefix.count)
        bytesRead = prefix.count
        // 15 bits of window, +16: expect a gzip header and check its checksum.
        let status = inflateInit2_(stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard status == Z_OK else {
            throw SystemFault(operation: "inflate", path: file.path, code: ENOMEM)
        }
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
        input.deallocate()
    }

    /// Offset of the next compressed byte.
    private var offset: Int { bytesRead - Int(stream.pointee.avail_in) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        let capacity = min(buffer.count, Int(UInt32.max))
        guard capacity > 0 else { return 0 }
        stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(capacity)
        while true {
            if position == .finished { return 0 }
            if stream.pointee.avail_in == 0, try !refill() {
                guard position == .betweenMembers, memberStart > 0 else {
                    throw FileError.truncatedGzip(path: file.path, offset: bytesRead)
                }
                position = .finished
                return 0
            }
            if position == .betweenMembers, try !startMember() { continue }
            let status = inflate(stream, Z_NO_FLUSH)
            let produced = capacity - Int(stream.pointee.avail_out)
            switch status {
            case Z_OK, Z_BUF_ERROR:
                break
            case Z_STREAM_END:
                position = .betweenMembers
                memberStart = offset
                inflateReset(stream)
            case Z_MEM_ERROR:
                throw SystemFault(operation: "inflate", path: file.path, code: ENOMEM)
            default:
                throw failure(produced: produced)
            }
            if produced > 0 { return produced }
        }
    }

    /// Begins another member, or ends the file when only zero bytes are left. False when no member was begun.
    private func startMember() throws -> Bool {
        guard let next = stream.pointee.next_in else { return false }
        if next.pointee == 0, memberStart > 0 {
            while try stream.pointee.avail_in > 0 || refill() {
                guard let byte = stream.pointee.next_in, byte.pointee == 0 else {
                    throw FileError.trailingGarbage(path: file.path, offset: memberStart)
                }
                stream.pointee.next_in = byte + 1
                stream.pointee.avail_in -= 1
            }
            position = .finished
            return false
        }
        guard next.pointee == 0x1f else {
            throw FileError.trailingGarbage(path: file.path, offset: memberStart)
        }
        position = .inMember
        return true
    }

    private func failure(produced: Int) -> FileError {
        // A second "member" whose header is no gzip header is garbage after the first.
        if memberStart > 0, produced == 0, stream.pointee.total_out == 0, offset - memberStart <= 10 {
            return .trailingGarbage(path: file.path, offset: memberStart)
        }
        let reason = stream.pointee.msg.map { String(cString: $0) } ?? "unknown compression"
        return .damagedGzip(path: file.path, offset: offset, reason: reason)
    }

    private func refill() throws -> Bool {
        let count = try file.read(into: UnsafeMutableRawBufferPointer(input))
        guard count > 0 else { return false }
        stream.pointee.next_in = input.baseAddress
        stream.pointee.avail_in = UInt32(count)
        bytesRead += count
        return true
    }
}
