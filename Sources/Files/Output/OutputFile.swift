import CZlib
import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// A file written from start to end, gzip when its name ends in `.gz`; it appears under its name only when complete.
///
/// A `DurableFile`: removed when `finish` is not reached. The same bytes in give the same bytes out: a gzip member
/// carries no name and no time.
package final class OutputFile {
    package var path: String { file.path }
    private let file: DurableFile
    private var buffer: [UInt8] = []
    // zlib keeps a pointer back to its stream, so the stream must not move.
    private let stream: UnsafeMutablePointer<z_stream>?
    private static let capacity = 256 << 10

    /// - Throws: `SystemFault`.
    package init(path: String) throws {
        file = try DurableFile(path: path)
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
        buffer.reserveCapacity(Self.capacity + (64 << 10))
    }

    deinit {
        guard let stream else { return }
        deflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    /// Hands the buffer out to append to, then writes what is due.
    package func append(_ body: (inout [UInt8]) -> Void) throws {
        body(&buffer)
        if buffer.count >= Self.capacity { try drain(finishing: false) }
    }

    package func append(_ text: String) throws { try append { $0.append(contentsOf: text.utf8) } }

    /// Makes the file durable and gives it its name.
    package func finish() throws {
        try drain(finishing: true)
        try file.finish()
    }

    private func drain(finishing: Bool) throws {
        defer { buffer.removeAll(keepingCapacity: true) }
        guard let stream else { return try buffer.withUnsafeBytes(file.append) }
        try withUnsafeTemporaryAllocation(byteCount: 128 << 10, alignment: 16) { output in
            try buffer.withUnsafeMutableBufferPointer { input in
                stream.pointee.next_in = input.baseAddress
                stream.pointee.avail_in = UInt32(input.count)
                repeat {
                    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
                    stream.pointee.avail_out = UInt32(output.count)
                    deflate(stream, finishing ? Z_FINISH : Z_NO_FLUSH)
                    let produced = output.count - Int(stream.pointee.avail_out)
                    try file.append(UnsafeRawBufferPointer(rebasing: output[..<produced]))
                } while stream.pointee.avail_out == 0
            }
        }
    }
}
