import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// One name in a folder that is open: no link is followed, and what is neither a file nor a folder is not opened.
///
/// Valid while its folder is open (`ContainedFolder.withEntry`).
struct FolderEntry {
    /// Descriptor of the folder.
    let parent: Int32
    /// One component.
    let name: String
    /// Path of the folder, for messages.
    let place: String

    var path: String { "\(place)/\(name)" }

    /// Of the entry itself, also when it is a link; nil, with the reason in `errno`, where there is none to be had.
    var status: FileStatus? {
        var found = stat()
        return fstatat(parent, name, &found, AT_SYMLINK_NOFOLLOW) == 0 ? FileStatus(found) : nil
    }

    /// - Returns: a descriptor the caller closes.
    /// - Throws: `SystemFault` (missing), `FileError` (a link, a file).
    func openFolder() throws -> Int32 {
        let opened = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if opened >= 0 { return opened }
        let code = errno
        if code == ELOOP || code == ENOTDIR { try status?.require(.folder, path) }
        throw SystemFault(operation: "open", path: path, code: code)
    }

    /// - Throws: `SystemFault` (missing), `FileError` (a link, a pipe, a device, a folder).
    func open(for access: ContainedFolder.Access) throws -> RegularFile {
        let path = path
        if access == .replacing {
            guard unlinkat(parent, name, 0) == 0 || errno == ENOENT else {
                throw SystemFault(operation: "replace", path: path, code: errno)
            }
        } else {
            // Looked at before it is opened: opening a device may do something.
            try status?.require(.file, path)
        }
        let opened = openat(parent, name, access.flags | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0o644)
        guard opened >= 0 else {
            let creates = access.flags & O_CREAT != 0
            throw SystemFault(operation: creates ? "create" : "open", path: path, code: errno)
        }
        return try RegularFile(adopting: opened, path: path)
    }
}

extension ContainedFolder {
    /// What a file in a folder is opened for.
    package enum Access: Sendable {
        case reading
        /// For reading and writing; one that is not there is an error (ENOENT).
        case changing
        /// For reading and writing; made when it is not there.
        case updating
        /// For reading and writing; one that is there is an error (EEXIST).
        case creating
        /// For reading and writing, made anew; what has the name goes first, a link rather than what it leads to.
        case replacing

        var flags: Int32 {
            switch self {
            case .reading: O_RDONLY
            case .changing: O_RDWR
            case .updating: O_RDWR | O_CREAT
            case .creating: O_RDWR | O_CREAT | O_EXCL
            case .replacing: O_RDWR | O_CREAT | O_EXCL
            }
        }
    }
}
