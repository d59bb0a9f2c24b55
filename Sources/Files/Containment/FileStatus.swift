import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// What a folder's entry is, as `lstat` and `fstat` tell.
package struct FileStatus: Equatable, Sendable {
    package enum Kind: String, Sendable {
        case file = "a file"
        case folder = "a folder"
        case link = "a symbolic link"
        case pipe = "a named pipe"
        case socket = "a socket"
        case device = "a device"
    }

    package let kind: Kind
    package let bytes: Int
    /// Last modification, nanoseconds since 1970.
    package let modified: Int
    /// Last change of contents, name count, owner or permissions, nanoseconds since 1970.
    package let changed: Int
    package let device: UInt64
    package let inode: UInt64

    /// Last modification, seconds since 1970.
    package var modifiedSeconds: Double { Double(modified / 1_000_000_000) }

    package init(_ status: stat) {
        kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            case S_IFIFO: .pipe
            case S_IFSOCK: .socket
            default: .device
            }
        bytes = Int(status.st_size)
        modified = Self.nanoseconds(status.st_mtim)
        changed = Self.nanoseconds(status.st_ctim)
        device = UInt64(status.st_dev)
        inode = UInt64(status.st_ino)
    }

    private static func nanoseconds(_ time: timespec) -> Int {
        Int(time.tv_sec) &* 1_000_000_000 &+ Int(time.tv_nsec)
    }

    /// Of an open file. - Throws: `SystemFault`.
    package init(descriptor: Int32, path: String) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw SystemFault(operation: "examine", path: path, code: errno) }
        self.init(status)
    }

    /// That it is what it should be.
    /// - Parameters:
    ///   - expected: a file or a folder.
    ///   - path: names it in errors.
    /// - Throws: `FileError.link`, `.wrongKind`.
    func require(_ expected: Kind, _ path: String) throws {
        if kind == .link { throw FileError.link(path: path) }
        guard kind == expected else {
            throw FileError.wrongKind(
                path: path, expected: expected == .file ? "a regular file" : expected.rawValue, found: kind.rawValue)
        }
    }
}
