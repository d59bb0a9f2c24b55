import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Reads a regular file into memory.
package enum WholeFile {
    /// Larger than any published tokenizer or configuration file (the largest are below 40 MB).
    package static let sizeLimit = 1 << 29

    /// - Parameter expected: what the file should hold, for the error about an empty one.
    /// - Throws: `FileError` when it is no regular file, is empty or larger than `limit`; `SystemFault` when it cannot be read.
    package static func read(_ path: String, expected: String, limit: Int = sizeLimit) throws -> [UInt8] {
        // Opening a named pipe would wait for somebody to write.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemFault(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemFault(operation: "read", path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError.wrongKind(path: path, expected: "a file", found: "a folder or a device")
        }
        guard status.st_size <= limit else {
            throw FileError.tooLarge(path: path, bytes: Int(status.st_size), limit: limit)
        }
        // One byte more than the size, so that a file that grows meanwhile is noticed at its end.
        let capacity = Int(status.st_size) + 1
        var failure: (any Error)?
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            do {
                while count < capacity {
                    let rest = UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
                    let got = try Transfer.read(descriptor, into: rest, path: path)
                    if got == 0 { break }
                    count += got
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        guard !bytes.isEmpty else { throw FileError.empty(path: path, expected: expected) }
        return bytes
    }
}
