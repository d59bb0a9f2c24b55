import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// A regular file that is open, and closed with its last reference.
///
/// Everything that is read at offsets, mapped, or found in a folder somebody else made is opened this way: a pipe in
/// its place would wait for ever, a device would never end. Both are refused before a byte is read.
package final class RegularFile: Sendable {
    package let path: String
    package let descriptor: Int32
    /// As it was at opening.
    package let status: FileStatus

    /// Opens for reading; links are followed to whatever regular file they lead to.
    /// - Throws: `SystemFault`; `FileError.wrongKind`.
    package convenience init(reading path: String) throws {
        // Without O_NONBLOCK the open itself waits where a pipe has no writer.
        let opened = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY)
        guard opened >= 0 else { throw SystemFault(operation: "open", path: path, code: errno) }
        try self.init(adopting: opened, path: path)
    }

    /// Takes an open descriptor over; it is closed here also when this throws.
    /// - Throws: `SystemFault`; `FileError.wrongKind`.
    init(adopting descriptor: Int32, path: String) throws {
        do {
            status = try FileStatus(descriptor: descriptor, path: path)
            guard status.kind == .file else {
                throw FileError.wrongKind(path: path, expected: "a regular file", found: status.kind.rawValue)
            }
        } catch {
            // Not every property is set yet, so `deinit` does not run.
            close(descriptor)
            throw error
        }
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// Reads the whole file.
    /// - Throws: `FileError.tooLarge`, also for a file that grows beyond the limit meanwhile; `SystemFault`.
    package func contents(limit: Int) throws -> [UInt8] {
        guard status.bytes <= limit else { throw FileError.tooLarge(path: path, bytes: status.bytes, limit: limit) }
        // One byte more than the size, so that the end is seen without another round. Files of /proc say 0.
        var bytes = [UInt8](repeating: 0, count: max(status.bytes, 4_095) + 1)
        var filled = 0
        while true {
            if filled == bytes.count {
                guard filled <= limit else { throw FileError.tooLarge(path: path, bytes: filled, limit: limit) }
                bytes += [UInt8](repeating: 0, count: bytes.count)
            }
            let count = bytes.withUnsafeMutableBytes { buffer in
                pread(descriptor, buffer.baseAddress.map { $0 + filled }, buffer.count - filled, off_t(filled))
            }
            if count < 0 && errno == EINTR { continue }
            guard count >= 0 else { throw SystemFault(operation: "read", path: path, code: errno) }
            if count == 0 { break }
            filled += count
        }
        guard filled <= limit else { throw FileError.tooLarge(path: path, bytes: filled, limit: limit) }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }
}
