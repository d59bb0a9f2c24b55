import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// The names in a folder, in byte order, without hidden ones.
package enum FolderListing {
    /// A pipe or a device in a folder of texts is refused: reading it could wait for ever or never end. (One that a
    /// person names as a text is read.)
    /// - Throws: `FileError.missing`, `.wrongKind` (a file; a pipe in it), else `SystemFault`.
    package static func names(of folder: String) throws -> [String] {
        guard let stream = opendir(folder) else {
            switch errno {
            case ENOENT: throw FileError.missing(path: folder)
            case ENOTDIR: throw FileError.wrongKind(path: folder, expected: "a folder", found: "a file")
            case let code: throw SystemFault(operation: "open", path: folder, code: code)
            }
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                if errno != 0 { throw SystemFault(operation: "list", path: folder, code: errno) }
                break
            }
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name.hasPrefix(".") { continue }
            try requireFileOrFolder(name, in: dirfd(stream), folder)
            names.append(name)
        }
        // Swift orders strings by Unicode canonical order; bytes are what other tools sort by.
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func requireFileOrFolder(_ name: String, in descriptor: Int32, _ folder: String) throws {
        var found = stat()
        // A link that leads nowhere is found when it is opened, if it is.
        guard fstatat(descriptor, name, &found, 0) == 0 else { return }
        let kind = FileStatus(found).kind
        guard kind == .file || kind == .folder else {
            throw FileError.wrongKind(path: "\(folder)/\(name)", expected: "a file or a folder", found: kind.rawValue)
        }
    }

    package static func isFolder(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
    }
}
