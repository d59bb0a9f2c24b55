import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Where bytes come from, from a file's start to its end: the file itself, or what is unpacked from it.
package protocol ByteSource: AnyObject {
    /// Fills the start of `buffer`; 0 means the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int
}

/// A file opened for reading from its start to its end.
package final class InputFile: ByteSource {
    package let path: String
    private let descriptor: Int32
    private let ownsDescriptor: Bool
    /// A file on a disk, which can be gone through again; no pipe, no terminal.
    let isRegular: Bool

    /// - Throws: `FileError.missing` and `.wrongKind` (a folder), else `SystemFault`.
    package init(path: String) throws {
        // deinit runs as soon as every property is set, so the descriptor is set last.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let code = errno
            throw code == ENOENT || code == ENOTDIR
                ? FileError.missing(path: path) : SystemFault(operation: "open", path: path, code: code)
        }
        var information = stat()
        let isKnown = fstat(descriptor, &information) == 0
        if isKnown, information.st_mode & S_IFMT == S_IFDIR {
            close(descriptor)
            throw FileError.wrongKind(path: path, expected: "a file", found: "a folder")
        }
        _ = posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
        self.path = path
        isRegular = isKnown && information.st_mode & S_IFMT == S_IFREG
        ownsDescriptor = true
        self.descriptor = descriptor
    }

    /// Reads what is open already and stays open: standard input.
    /// - Parameter name: what errors call it.
    package init(descriptor: Int32, name: String) {
        path = name
        isRegular = false
        ownsDescriptor = false
        self.descriptor = descriptor
    }

    deinit { if ownsDescriptor { close(descriptor) } }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        try Transfer.read(descriptor, into: buffer, path: path)
    }

    /// - Parameter whence: as lseek has it.
    /// - Returns: the new offset; nil where that is no place.
    func seek(to offset: Int, whence: Int32) -> Int? {
        let place = lseek(descriptor, off_t(offset), whence)
        return place < 0 ? nil : Int(place)
    }
}
