import Diagnostics
import Files

#if canImport(Glibc)
import Glibc
#endif

/// Makes the folders of a run.
enum FolderCreation {
    /// Creates a folder and those above it, durably; one that exists is left as it is.
    /// - Throws: `SystemFault`, `SpecializeError.notAFolder`.
    static func create(_ path: String) throws {
        do {
            try DurableFolder.create(path)
        } catch let fault as SystemFault where fault.code == ENOTDIR {
            throw SpecializeError.notAFolder(path: fault.path)
        }
    }

    static func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }
}
