import Diagnostics
import Glibc

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Files of a folder and the folders below it; symbolic links are reported, not followed.
enum FolderListing {
    struct File: Sendable {
        /// Relative to the store folder.
        let path: String
        let bytes: Int
        /// Seconds since 1970.
        let modified: Double
    }

    /// Sorted by path. A folder that does not exist has no files.
    /// - Parameters:
    ///   - folder: relative to `root`.
    static func files(in folder: String, of root: String) throws -> [File] {
        var files: [File] = []
        try visit(folder, of: root) { files.append($0) }
        return files.sorted { $0.path < $1.path }
    }

    /// Names in a folder, sorted; none when it does not exist.
    static func names(in path: String) throws -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
        } catch {
            if access(path, F_OK) != 0 && errno == ENOENT { return [] }
            throw SystemFault(operation: "list the folder", path: path, code: access(path, R_OK | X_OK) == 0 ? EIO : errno)
        }
    }

    private static func visit(_ folder: String, of root: String, _ body: (File) -> Void) throws {
        for name in try names(in: "\(root)/\(folder)") {
            let path = "\(folder)/\(name)"
            var status = stat()
            // What is gone between the listing and the look is not there.
            guard lstat("\(root)/\(path)", &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR {
                try visit(path, of: root, body)
            } else {
                body(File(path: path, bytes: Int(status.st_size), modified: Double(status.st_mtim.tv_sec)))
            }
        }
    }

    /// Removes a folder and the folders below it that hold nothing. Folders in use stay.
    static func removeEmptyFolders(_ path: String) throws {
        for name in try names(in: path) {
            var status = stat()
            let inner = "\(path)/\(name)"
            if lstat(inner, &status) == 0, status.st_mode & S_IFMT == S_IFDIR { try removeEmptyFolders(inner) }
        }
        // Not empty is the usual case and no fault.
        rmdir(path)
    }
}
