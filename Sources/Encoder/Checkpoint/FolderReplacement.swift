import Diagnostics
import Files
import Foundation

/// A folder that is written beside its final place and takes it when it is complete.
///
/// The folder that stood there is moved to `FOLDER.replaced` first and removed last; after a crash in between, the next
/// replacement (or `recover`) moves it back.
struct FolderReplacement {
    let folder: String
    /// Where the new files are written.
    let temporary: String
    private var aside: String { folder + ".replaced" }

    /// - Throws: `SystemFault`.
    init(_ folder: String) throws {
        self.folder = folder
        temporary = folder + ".partial"
        try Self.recover(folder)
        try? FileManager.default.removeItem(atPath: temporary)
        guard mkdir(temporary, 0o755) == 0 else {
            throw SystemFault(operation: "create the folder", path: temporary, code: errno)
        }
    }

    /// Finishes or undoes what a crash left half done.
    static func recover(_ folder: String) throws {
        let aside = folder + ".replaced"
        guard FileManager.default.fileExists(atPath: aside) else { return }
        if FileManager.default.fileExists(atPath: folder) {
            try? FileManager.default.removeItem(atPath: aside)
        } else if rename(aside, folder) != 0 {
            throw SystemFault(operation: "move back", path: aside, code: errno)
        }
    }

    func write(_ name: String, _ contents: Data) throws {
        let file = try DurableFile(path: temporary + "/" + name)
        try contents.withUnsafeBytes { try file.append($0) }
        try file.finish()
    }

    /// Gives the new folder its name. - Throws: `SystemFault`, with what was there in its place again.
    func finish() throws {
        try DurableFolder.sync(temporary)
        let hadOld = FileManager.default.fileExists(atPath: folder)
        if hadOld, rename(folder, aside) != 0 {
            throw SystemFault(operation: "move aside", path: folder, code: errno)
        }
        guard rename(temporary, folder) == 0 else {
            let code = errno
            if hadOld { _ = rename(aside, folder) }
            throw SystemFault(operation: "rename", path: temporary, code: code)
        }
        try DurableFolder.sync(DurableFolder.parent(of: folder))
        if hadOld { try? FileManager.default.removeItem(atPath: aside) }
    }

    func abandon() { try? FileManager.default.removeItem(atPath: temporary) }
}
