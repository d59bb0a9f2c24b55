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
    /// Bytes the file had when it was found to be shorter than `init` was told; nil when it was not.
    let found: Int?

    /// - Parameters:
    ///   - length: bytes to keep of a file that exists; what follows them is cut off.
    ///   - wholeRecords: how many of the bytes it is given are whole records, from the first on. Asked when the file is
    ///     shorter than `length`: what follows the last whole record is cut off.
    /// - Throws: `SystemFault`.
    init(path: String, keeping length: Int, wholeRecords: ([UInt8]) -> Int) throws {
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw SystemFault(operation: "create", path: path, code: errno) }
        do {
            let end = Int(lseek(opened, 0, SEEK_END))
            guard end >= 0 else { throw SystemFault(operation: "examine", path: path, code: errno) }
            let kept = end >= length ? length : wholeRecords(try Self.read(opened, count: end, path: path))
            guard ftruncate(opened, off_t(kept)) == 0, lseek(opened, off_t(kept), SEEK_SET) == kept else {
                throw SystemFault(operation: "cut back", path: path, code: errno)
            }
            // State that names a length is durable; so must the file's own entry be.
            try DurableFolder.sync(DurableFolder.parent(of: path))
            self.length = kept
            found = end >= length ? nil : end
        } catch {
            // Not every property is set yet: only then does deinit not run for an object whose init throws.
            close(opened)
            throw error
        }
        self.path = path
        descriptor = opened
    }

    private static func read(_ descriptor: Int32, count: Int, path: String) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: count)
        let filled = try bytes.withUnsafeMutableBytes { try Transfer.read(descriptor, into: $0, at: 0, path: path) }
        bytes.removeLast(count - filled)
        return bytes
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
