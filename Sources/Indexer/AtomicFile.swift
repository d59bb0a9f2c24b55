import Diagnostics
import Glibc

/// A file that appears under its name only when it is complete and on the disk.
///
/// Written under a temporary name in the same folder; removed again when it is not finished.
final class AtomicFile {
    let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    /// Where `append` goes on.
    private var end = 0

    init(path: String) throws {
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

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try write(bytes, at: end)
        end += bytes.count
    }

    /// Safe to call from several threads for places that do not overlap.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int) throws {
        var done = 0
        while done < bytes.count {
            let count = pwrite(descriptor, bytes.baseAddress! + done, bytes.count - done, off_t(offset + done))
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemFault(operation: "write", path: path, code: errno)
            }
            if count == 0 { throw SystemFault(operation: "write", path: path, code: ENOSPC) }
            done += count
        }
    }

    /// Makes the file durable and gives it its name.
    func finish() throws {
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
}
