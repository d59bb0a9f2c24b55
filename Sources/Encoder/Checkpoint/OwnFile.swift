import Diagnostics
import Files

#if canImport(Glibc)
import Glibc
#endif

/// Files of a checkpoint folder whose bytes are kept as they are: a tokenizer's, copied into what is trained from it,
/// and `training.json`, which goes into a store.
///
/// They must be the folder's own. A folder from somebody else may hold a link to a private file, which would then be
/// handed on with the result. Hugging Face's cache is made of links (`snapshots/REVISION/vocab.txt` leads to
/// `../../blobs/HASH`), so what stays inside the model's own cache folder (`models--…`) is followed.
enum OwnFile {
    /// - Returns: nil when there is no such file.
    /// - Throws: `CheckpointError.foreignFile`, `FileError` (a device, a pipe), `SystemFault`.
    static func openIfPresent(_ name: String, of folder: String) throws -> RegularFile? {
        let path = "\(folder)/\(name)"
        guard let target = resolved(path) else {
            if errno == ENOENT { return nil }
            throw SystemFault(operation: "open", path: path, code: errno)
        }
        guard let root = resolved(folder) else { throw SystemFault(operation: "open", path: folder, code: errno) }
        guard target.utf8.starts(with: "\(home(of: root))/".utf8) else {
            throw CheckpointError.foreignFile(path: path, target: target)
        }
        return try RegularFile(reading: target)
    }

    /// That a folder in a checkpoint's folder is no link to somewhere else: its files are taken for the checkpoint's
    /// own.
    /// - Throws: `CheckpointError.foreignFile`, `SystemFault`.
    static func requireOwnFolder(_ name: String, of folder: String) throws {
        let path = "\(folder)/\(name)"
        guard let target = resolved(path), let root = resolved(folder) else {
            throw SystemFault(operation: "open", path: path, code: errno)
        }
        guard target.utf8.starts(with: "\(home(of: root))/".utf8) else {
            throw CheckpointError.foreignFile(path: path, target: target)
        }
    }

    /// The folder itself; of a snapshot in Hugging Face's cache the model's folder there.
    private static func home(of folder: String) -> String {
        let parts = folder.split(separator: "/", omittingEmptySubsequences: false)
        guard let model = parts.lastIndex(where: { $0.hasPrefix("models--") }), model + 2 < parts.count,
            parts[model + 1] == "snapshots"
        else { return folder }
        return parts[...model].joined(separator: "/")
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}
