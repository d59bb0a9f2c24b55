import Diagnostics
import Files
import Foundation
import Lexicon

#if canImport(Glibc)
import Glibc
#endif

/// The folder of a run.
///
///     OUT/               the best checkpoint (the last one without validation): a Hugging Face folder, training.json
///     OUT/last/          the last checkpoint, when it was validated
///     OUT/metrics.jsonl  OUT/tensorboard/
///     OUT/state/         what --resume goes on from; most of it is removed when the run is finished
final class RunFolder {
    let path: String
    private var lock: Int32 = -1

    var statePath: String { "\(path)/state/state.json" }
    var lastPath: String { "\(path)/last" }
    /// A complete checkpoint on its way to the top of the folder.
    private var incoming: String { "\(path)/state/checkpoint" }

    init(_ path: String) { self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path }

    deinit { if lock >= 0 { close(lock) } }

    /// Takes the folder: creates it, or finds the run in it.
    /// - Returns: the state of the run to go on with; nil to begin one.
    /// - Throws: `SpecializeError` (it holds something else, or a run and `resume` is false), `SystemFault` (also when
    ///   another process works in it).
    func open(resume: Bool) throws -> TrainingState? {
        try requireUsable(resume: resume)
        try FolderCreation.create("\(path)/state")
        // A run from somebody else may hold links: what is written, renamed and removed here must stay here.
        try ContainedFolder(path).requireFilesAndFolders()
        lock = Glibc.open("\(path)/state/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard lock >= 0 else { throw SystemFault(operation: "create", path: "\(path)/state/lock", code: errno) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw SystemFault(operation: "lock, another process trains in this folder", path: path, code: errno)
        }
        return try FolderCreation.exists(statePath) ? TrainingState.read(statePath) : nil
    }

    /// Refuses a folder that holds something else, or a run when none is to be resumed; creates nothing.
    func requireUsable(resume: Bool) throws {
        guard try FolderCreation.exists(path) else { return }
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemFault(operation: "examine", path: path, code: errno) }
        guard status.st_mode & S_IFMT == S_IFDIR else { throw SpecializeError.notAFolder(path: path) }
        let hasState = try FolderCreation.exists(statePath)
        if hasState && !resume { throw SpecializeError.folderInUse(folder: path, what: "a run") }
        let names = try names(in: path).filter { $0 != "state" && !Self.isPartial($0) }
        if !hasState, let name = names.first {
            throw SpecializeError.folderInUse(folder: path, what: "files that are no run (\(name))")
        }
    }

    func enginePath(_ name: String) -> String { "\(path)/state/\(name)" }

    /// Removes what a killed process left: engine states no saved state names, files and folders that were being
    /// written.
    func removeLeftovers(keeping state: TrainingState) throws {
        if try FolderCreation.exists(incoming) { try moveUp() }
        for name in try names(in: "\(path)/state") where !["state.json", "lock", state.engine ?? ""].contains(name) {
            try? FileManager.default.removeItem(atPath: "\(path)/state/\(name)")
        }
        for name in try names(in: path) where name.hasPrefix("last.") || name.hasPrefix(".last") {
            try? FileManager.default.removeItem(atPath: "\(path)/\(name)")
        }
        for name in try namesBelow(path) where Self.isPartial(name) { unlink("\(path)/\(name)") }
    }

    /// Whether a `DurableFile` bears this name while it is written. The folder is locked: none of ours is under way.
    private static func isPartial(_ name: String) -> Bool {
        let parts = name.split(separator: ".")
        return parts.count > 2 && parts.last == "partial" && parts[parts.count - 2].allSatisfy(\.isNumber)
    }

    /// Makes a checkpoint the one at the top of the folder.
    /// - Parameter write: writes it, whole and durable, to the folder it is given.
    func publish(_ write: (_ folder: String) throws -> Void) throws {
        try write(incoming)
        try moveUp()
    }

    /// File by file, each rename atomic, training.json last and when all others are durable. A process killed in
    /// between does the rest when it resumes.
    private func moveUp() throws {
        let names = try namesBelow(incoming).filter { name in
            var status = stat()
            guard stat("\(incoming)/\(name)", &status) == 0 else {
                throw SystemFault(operation: "examine", path: "\(incoming)/\(name)", code: errno)
            }
            return status.st_mode & S_IFMT != S_IFDIR && !Self.isPartial(name)
        }
        let others = names.filter { $0 != TrainingRecord.fileName }
        for name in others {
            if let slash = name.lastIndex(of: "/") { try FolderCreation.create("\(path)/\(name[..<slash])") }
            try moveUp(name)
        }
        for folder in Set(others.map { DurableFolder.parent(of: "\(path)/\($0)") }) { try DurableFolder.sync(folder) }
        if names.count > others.count { try moveUp(TrainingRecord.fileName) }
        try DurableFolder.sync(path)
        try asSystemFault("remove", incoming) { try FileManager.default.removeItem(atPath: incoming) }
    }

    private func moveUp(_ name: String) throws {
        guard rename("\(incoming)/\(name)", "\(path)/\(name)") == 0 else {
            throw SystemFault(operation: "write", path: "\(path)/\(name)", code: errno)
        }
    }

    /// Names in a folder, sorted.
    private func names(in folder: String) throws -> [String] {
        try asSystemFault("list the folder", folder) {
            try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
        }
    }

    /// Paths of everything below a folder, relative to it, sorted.
    private func namesBelow(_ folder: String) throws -> [String] {
        try asSystemFault("list the folder", folder) {
            try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
        }
    }

    /// What FileManager throws is a failed system call, and no defect of ours.
    private func asSystemFault<Result>(_ operation: String, _ path: String, _ body: () throws -> Result) throws
        -> Result
    {
        do { return try body() } catch let error as CocoaError {
            let code = (error.underlying as? POSIXError)?.code.rawValue
            throw SystemFault(operation: operation, path: error.filePath ?? path, code: code ?? EIO)
        }
    }

    /// Replaces one small file.
    func write(_ name: String, _ text: String, in folder: String) throws {
        let file = try OutputFile(path: "\(folder)/\(name)")
        try file.append(text)
        try file.finish()
    }
}

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

    /// - Throws: `SystemFault` when nobody may know: the folder above cannot be searched, or the device fails.
    static func exists(_ path: String) throws -> Bool {
        if access(path, F_OK) == 0 { return true }
        guard errno == ENOENT || errno == ENOTDIR else {
            throw SystemFault(operation: "examine", path: path, code: errno)
        }
        return false
    }
}
