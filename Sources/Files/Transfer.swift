import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Reads and writes on descriptors that go on after a signal and after a transfer of less than was asked for.
package enum Transfer {
    /// One read; 0 means the end.
    /// - Throws: `SystemFault`.
    package static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, path: String) throws
        -> Int
    {
        try retrying("read", path) { Glibc.read(descriptor, buffer.baseAddress, buffer.count) }
    }

    /// Reads at an offset until the buffer is full or the file ends.
    /// - Returns: how many bytes were read.
    /// - Throws: `SystemFault`.
    package static func read(
        _ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer, at offset: Int, path: String
    ) throws -> Int {
        var done = 0
        while done < buffer.count {
            let count = try retrying("read", path) {
                pread(descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            }
            if count == 0 { break }
            done += count
        }
        return done
    }

    /// Writes all bytes where the descriptor stands.
    /// - Throws: `SystemFault`.
    package static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, path: String) throws {
        try writeAll(bytes, path) { base, count, _ in Glibc.write(descriptor, base, count) }
    }

    /// Writes all bytes at an offset.
    /// - Throws: `SystemFault`.
    package static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer, at offset: Int, path: String) throws
    {
        try writeAll(bytes, path) { base, count, done in pwrite(descriptor, base, count, off_t(offset + done)) }
    }

    private static func writeAll(
        _ bytes: UnsafeRawBufferPointer, _ path: String, _ call: (UnsafeRawPointer, Int, Int) -> Int
    ) throws {
        guard let base = bytes.baseAddress else { return }
        var done = 0
        while done < bytes.count {
            let count = try retrying("write", path) { call(base + done, bytes.count - done, done) }
            // A write that takes nothing would loop for ever.
            if count == 0 { throw SystemFault(operation: "write", path: path, code: ENOSPC) }
            done += count
        }
    }

    private static func retrying(_ operation: String, _ path: String, _ call: () -> Int) throws -> Int {
        while true {
            let count = call()
            if count >= 0 { return count }
            if errno != EINTR { throw SystemFault(operation: operation, path: path, code: errno) }
        }
    }
}
