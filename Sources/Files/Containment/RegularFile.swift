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
            filled += try bytes.withUnsafeMutableBytes {
                let rest = UnsafeMutableRawBufferPointer(rebasing: $0[filled...])
                return try Transfer.read(descriptor, into: rest, at: filled, path: path)
            }
            guard filled <= limit else { throw FileError.tooLarge(path: path, bytes: filled, limit: limit) }
            if filled < bytes.count { break }
            bytes += [UInt8](repeating: 0, count: bytes.count)
        }
        bytes.removeLast(bytes.count - filled)
        return bytes
    }
}

/// Reads a regular file into memory.
package enum WholeFile {
    /// Larger than any published tokenizer or configuration file (the largest are below 40 MB).
    package static let sizeLimit = 1 << 29

    /// - Parameter expected: what the file should hold, for the error about an empty one.
    /// - Throws: `FileError` when it is no regular file, is empty, larger than `limit` or what nobody meant to give;
    ///   `SystemFault` when it cannot be read.
    package static func read(_ path: String, expected: String, limit: Int = sizeLimit) throws -> [UInt8] {
        let bytes = try RegularFile(reading: path).contents(limit: limit)
        guard !bytes.isEmpty else { throw FileError.empty(path: path, expected: expected) }
        try ContentKind.refuseForeign(bytes, path: path)
        return bytes
    }
}
