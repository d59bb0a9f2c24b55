import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Folders whose entries survive a power cut: creating or renaming inside one is durable only after its own fsync.
package enum DurableFolder {
    /// Creates a folder and those above it; each new entry is synced into its parent. One that exists is left as it is.
    /// - Throws: `SystemFault`, with ENOTDIR and its path when something else has the name.
    package static func create(_ path: String) throws {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else {
                throw SystemFault(operation: "create the folder", path: path, code: ENOTDIR)
            }
            return
        }
        let parent = Self.parent(of: path)
        if parent != path { try create(parent) }
        // Another process may have made it between the look and now.
        if mkdir(path, 0o755) != 0 && errno != EEXIST {
            throw SystemFault(operation: "create the folder", path: path, code: errno)
        }
        try sync(parent)
    }

    /// Makes created, renamed and removed entries of a folder durable.
    /// - Throws: `SystemFault`.
    package static func sync(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        // Some file systems cannot sync folders and say EINVAL; there is nothing more to do on those.
        if fsync(descriptor) != 0 && errno != EINVAL {
            throw SystemFault(operation: "sync", path: path, code: errno)
        }
    }

    /// What stands nearest above a path that may not exist; the path itself if it does.
    package static func nearest(_ path: String) -> String {
        var path = path
        while access(path, F_OK) != 0, path != "/", path != "." { path = parent(of: path) }
        return path
    }

    /// The folder a path stands in.
    package static func parent(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }
}
