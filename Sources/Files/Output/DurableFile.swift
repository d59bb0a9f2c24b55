import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// A file that appears under its name only when it is complete and on the disk.
///
/// Written under a temporary name in the same folder; removed again when it is not finished. Either `append` or
/// `write(_:at:)` is used on one file, not both.
package final class DurableFile {
    package let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    /// What `append` has not written yet, and where it goes.
    private var buffer: [UInt8] = []
    private var end = 0
    private static let capacity = 1 << 20

    /// - Throws: `SystemFault`.
    package init(path: String) throws {
        self.path = path
        temporaryPath = path + ".\(getpid()).partial"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemFault(operation: "create", path: path, code: errno) }
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    /// Writes at the end; small pieces are gathered.
    package func append(_ bytes: UnsafeRawBufferPointer) throws {
        if buffer.count + bytes.count > Self.capacity { try drain() }
        guard bytes.count < Self.capacity else {
            try write(bytes, at: end)
            end += bytes.count
            return
        }
        buffer.append(contentsOf: bytes)
    }

    /// Safe to call from several threads for places that do not overlap.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        try Transfer.write(descriptor, bytes, at: offset, path: path)
    }

    private func drain() throws {
        try buffer.withUnsafeBytes { try write($0, at: end) }
        end += buffer.count
        buffer.removeAll(keepingCapacity: true)
    }

    /// Makes the file durable and gives it its name; one that was there is replaced.
    /// - Throws: `SystemFault`; what stood under the name is left alone, unless syncing the folder is what failed.
    package func finish() throws {
        precondition(descriptor >= 0, "a file is finished once")
        try drain()
        guard fsync(descriptor) == 0 else { throw SystemFault(operation: "flush", path: path, code: errno) }
        let closed = close(descriptor), code = errno
        descriptor = -1
        guard closed == 0, rename(temporaryPath, path) == 0 else {
            let reason = closed == 0 ? errno : code
            unlink(temporaryPath)
            throw SystemFault(operation: "write", path: path, code: reason)
        }
        try DurableFolder.sync(DurableFolder.parent(of: path))
    }
}
