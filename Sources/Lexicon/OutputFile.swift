import CZlib
import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// A file written from start to end, gzip when its name ends in `.gz`; it appears under its name only when complete.
///
/// Written under a temporary name beside it, flushed to the disk and renamed by `finish`; removed when that is not
/// reached. The same bytes in give the same bytes out: a gzip member carries no name and no time.
package final class OutputFile {
    package let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    // zlib keeps a pointer back to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>?
    private static let capacity = 256 << 10

    /// - Throws: `SystemFault`.
    package init(path: String) throws {
        self.path = path
        temporaryPath = path + ".\(getpid()).partial"
        if path.hasSuffix(".gz") {
            let deflater = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
            deflater.initialize(to: z_stream())
            // 15 bits of window, +16: a gzip header, without time and name.
            let status = deflateInit2_(
                deflater, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
                Int32(MemoryLayout<z_stream>.size))
            guard status == Z_OK else {
                deflater.deallocate()
                throw SystemFault(operation: "compress", path: path, code: ENOMEM)
            }
            stream = deflater
        } else {
            stream = nil
        }
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            let code = errno
            Self.release(stream)
            throw SystemFault(operation: "create", path: path, code: code)
        }
        buffer.reserveCapacity(Self.capacity + (64 << 10))
    }

    deinit {
        Self.release(stream)
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    /// Hands the buffer out to append to, then writes what is due.
    package func append(_ body: (inout [UInt8]) -> Void) throws {
        body(&buffer)
        if buffer.count >= Self.capacity { try drain(finishing: false) }
    }

    package func append(_ text: String) throws { try append { $0.append(contentsOf: text.utf8) } }

    /// Makes the file durable and gives it its name.
    package func finish() throws {
        precondition(descriptor >= 0, "a file is finished once")
        try drain(finishing: true)
        guard fsync(descriptor) == 0 else { throw SystemFault(operation: "flush", path: path, code: errno) }
        let closed = close(descriptor)
        let code = errno
        descriptor = -1
        guard closed == 0, rename(temporaryPath, path) == 0 else {
            let reason = closed == 0 ? errno : code
            unlink(temporaryPath)
            throw SystemFault(operation: "write", path: path, code: reason)
        }
    }

    private func drain(finishing: Bool) throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard let stream else { return try buffer.withUnsafeBytes(write) }
        try withUnsafeTemporaryAllocation(byteCount: 128 << 10, alignment: 16) { output in
            try buffer.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(input.count)
                repeat {
                    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = UInt32(output.count)
                    deflate(stream, finishing ? Z_FINISH : Z_NO_FLUSH)
                    let produced = output.count - Int(stream.pointee.avail_out)
                    try write(UnsafeRawBufferPointer(rebasing: output[..<produced]))
                } while stream.pointee.avail_out == 0
            }
        }
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = Glibc.write(descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemFault(operation: "write", path: path, code: errno)
            }
            rest = rest.dropFirst(count)
        }
    }

    private static func release(_ stream: UnsafeMutablePointer<z_stream>?) {
        guard let stream else { return }
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }
}
