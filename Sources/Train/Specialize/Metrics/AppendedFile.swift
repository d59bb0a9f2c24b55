import Diagnostics
import Files

#if canImport(Glibc)
import Glibc
#endif

/// A file that grows by whole records and can be cut back to where a resumed run goes on.
final class AppendedFile {
    let path: String
    private let descriptor: Int32
    /// Bytes written so far.
    private(set) var length: Int

    /// - Parameter length: bytes to keep of a file that exists; what follows them is cut off.
    /// - Throws: `SystemFault`, `SpecializeError.unreadableState` when the file is shorter than that.
    init(path: String, keeping length: Int) throws {
        let opened = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw SystemFault(operation: "create", path: path, code: errno) }
        self.path = path
        self.length = length
        // From here on deinit closes it: it runs for an object whose init throws once every property is set.
        descriptor = opened
        let end = lseek(descriptor, 0, SEEK_END)
        guard end >= length else {
            throw SpecializeError.unreadableState(path: path, found: "\(end) bytes where \(length) were written")
        }
        guard ftruncate(descriptor, off_t(length)) == 0, lseek(descriptor, off_t(length), SEEK_SET) == length else {
            throw SystemFault(operation: "cut back", path: path, code: errno)
        }
    }

    deinit { close(descriptor) }

    /// - Throws: `SystemFault`; then nothing of the record stays behind.
    func append(_ record: [UInt8]) throws {
        do {
            try record.withUnsafeBytes { try Transfer.write(descriptor, $0, path: path) }
        } catch {
            if ftruncate(descriptor, off_t(length)) == 0 { lseek(descriptor, off_t(length), SEEK_SET) }
            throw error
        }
        length += record.count
    }

    /// Makes what was written durable; state that names `length` is written after this.
    func flush() throws {
        guard fsync(descriptor) == 0 else { throw SystemFault(operation: "flush", path: path, code: errno) }
    }
}
