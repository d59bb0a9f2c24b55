import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Reads a tokenizer's file into memory.
enum TokenizerFile {
    /// Larger than any published tokenizer file (the largest are below 40 MB).
    static let sizeLimit = 1 << 29

    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// - Throws: `SystemFault` when it cannot be opened or read, `TokenizerError` when it is no regular file, is empty
    ///   or larger than `sizeLimit`.
    static func read(_ path: String) throws -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw SystemFault(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw SystemFault(operation: "read", path: path, code: errno)
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw TokenizerError.malformed(
                file: path, place: "the path", expected: "a file", found: "a folder or a device")
        }
        guard status.st_size <= sizeLimit else {
            throw TokenizerError.tooLarge(
                file: path, what: "the size in bytes", size: UInt64(status.st_size), limit: UInt64(sizeLimit))
        }
        // One byte more than the size, so that a file that grows meanwhile is noticed at its end.
        let capacity = Int(status.st_size) + 1
        var failure: SystemFault?
        let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, count in
            while count < capacity, let base = buffer.baseAddress {
                let got = Glibc.read(descriptor, base + count, capacity - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = SystemFault(operation: "read", path: path, code: errno) }
                if got <= 0 { break }
                count += got
            }
        }
        if let failure { throw failure }
        guard !bytes.isEmpty else {
            throw TokenizerError.malformed(file: path, place: "byte 0", expected: "a tokenizer", found: "an empty file")
        }
        return bytes
    }
}
