import Diagnostics
import Files

#if canImport(Glibc)
import Glibc
#endif

/// What stands for a checkpoint's folder on a command line: the folder, or the folder the hub's own cache keeps it in.
package enum HubFolder {
    /// The folder with the checkpoint's files.
    ///
    /// A folder of the Hugging Face cache, `models--org--name`, holds them in `snapshots/<revision>`: the revision of
    /// `refs/main` is taken, or the only one.
    /// - Throws: `CheckpointError.hubName` for the name of a model that is no folder here, `.ambiguousSnapshot`;
    ///   `SystemFault`.
    package static func resolved(_ folder: String) throws -> String {
        var status = stat()
        guard stat(folder, &status) == 0 else {
            let code = errno
            guard code == ENOENT, looksLikeModelName(folder) else { return folder }
            throw CheckpointError.hubName(name: folder, cached: cached(folder))
        }
        let snapshots = folder + "/snapshots"
        guard FolderListing.isFolder(snapshots), stat(folder + "/config.json", &status) != 0,
            stat(folder + "/adapter_config.json", &status) != 0
        else { return folder }
        let revisions = try FolderListing.names(of: snapshots).filter { FolderListing.isFolder("\(snapshots)/\($0)") }
        if let bytes = try? WholeFile.read(folder + "/refs/main", expected: "a revision", limit: 1000) {
            let main = String(decoding: bytes.filter { $0 > 0x20 }, as: UTF8.self)
            if revisions.contains(main) { return "\(snapshots)/\(main)" }
        }
        guard revisions.count == 1 else {
            throw CheckpointError.ambiguousSnapshot(folder: folder, revisions: revisions)
        }
        return "\(snapshots)/\(revisions[0])"
    }

    /// "bert-base-multilingual-cased", "google-bert/bert-base-multilingual-cased": one slash at most, no path's first
    /// signs.
    static func looksLikeModelName(_ text: String) -> Bool {
        let parts = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard parts.count <= 2, text.utf8.count <= 200 else { return false }
        let isName = { (part: Substring.UTF8View) in
            !part.isEmpty && part.first != UInt8(ascii: ".")
                && part.allSatisfy { byte in
                    (0x61...0x7a).contains(byte) || (0x41...0x5a).contains(byte) || (0x30...0x39).contains(byte)
                        || byte == 0x2d
                        || byte == 0x5f || byte == 0x2e
                }
        }
        return parts.allSatisfy { isName($0) }
    }

    /// The model's folder in the hub's cache, when it is there.
    private static func cached(_ name: String) -> String? {
        func variable(_ name: String) -> String? {
            getenv(name).map { String(cString: $0) }.flatMap { $0.isEmpty ? nil : $0 }
        }
        let cache =
            variable("HF_HUB_CACHE") ?? variable("HF_HOME").map { $0 + "/hub" }
            ?? variable("HOME").map { $0 + "/.cache/huggingface/hub" }
        let folder = "models--" + name.split(separator: "/").joined(separator: "--")
        return cache.map { "\($0)/\(folder)" }.flatMap { FolderListing.isFolder($0) ? $0 : nil }
    }
}
