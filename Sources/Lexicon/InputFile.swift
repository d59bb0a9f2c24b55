import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Where bytes of a text come from: a plain file, or a gzip file being inflated.
protocol ByteSource: AnyObject {
    /// Fills the start of `buffer`; 0 means the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A file opened for reading from its start to its end.
final class InputFile: ByteSource {
    let path: String
    private let descriptor: Int32

    /// - Throws: `LexiconError.missing` and `.wrongKind` (a folder), else `SystemFault`.
    init(path: String) throws {
        // deinit runs as soon as every property is set, so the descriptor is set last.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw code == ENOENT || code == ENOTDIR
                ? LexiconError.missing(path: path) : SystemFault(operation: "open", path: path, code: code)
        }
        var information = stat()
        if fstat(descriptor, &information) == 0, information.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw LexiconError.wrongKind(path: path, expected: "a file", found: "a folder")
        }
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            let count = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if errno != EINTR { throw SystemFault(operation: "read", path: path, code: errno) }
        }
    }
}
