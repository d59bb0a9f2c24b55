import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Makes folders, and makes names in them durable.
enum FolderCreation {
    /// Creates a folder and those above it; one that exists is left as it is.
    /// - Throws: `SystemFault`, `SpecializeError.notAFolder`.
    static func create(_ path: String) throws {
        var status = stat()
        if stat(path, &status) == 0 {
            guard status.st_mode & S_IFMT == S_IFDIR else { throw SpecializeError.notAFolder(path: path) }
            return
        }
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try create(String(path[..<slash])) }
        guard mkdir(path, 0o755) == 0 || errno == EEXIST else {
            throw SystemFault(operation: "create", path: path, code: errno)
        }
    }

    /// Makes the names in a folder durable.
    static func flush(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault(operation: "open", path: path, code: errno) }
        defer { close(descriptor) }
        // Some file systems cannot sync folders and say EINVAL; there is nothing more to do on those.
        guard fsync(descriptor) == 0 || errno == EINVAL else {
            throw SystemFault(operation: "flush", path: path, code: errno)
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
