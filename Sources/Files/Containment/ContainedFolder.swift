import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// A folder whose contents are reached below its descriptor alone: no name and no link in it leads out of it.
///
/// Folders that come from somebody else (a store, work left in it, a run) may hold links to anything, and files that
/// name things in them may name `../..`. So every name is checked, every component is opened with `O_NOFOLLOW`, and
/// what is not a regular file or a folder is refused. Links on the way to the folder itself belong to whoever named it
/// and are followed.
///
/// Names are relative, components joined by "/".
package final class ContainedFolder: Sendable {
    /// For messages.
    package let path: String
    private let descriptor: Int32

    /// Opens a folder a person named. - Throws: `SystemFault`.
    package init(_ path: String) throws {
        let opened = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard opened >= 0 else { throw SystemFault(operation: "open", path: path, code: errno) }
        self.path = path
        descriptor = opened
    }

    private init(adopting descriptor: Int32, path: String) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    package func path(of name: String) -> String { name.isEmpty ? path : "\(path)/\(name)" }

    /// The device the folder is on and its inode.
    package func status() throws -> FileStatus { try FileStatus(descriptor: descriptor, path: path) }

    // MARK: Folders

    /// - Throws: `SystemFault` (missing), `FileError`.
    package func folder(_ name: String) throws -> ContainedFolder {
        try withEntry(name) { ContainedFolder(adopting: try $0.openFolder(), path: path(of: name)) }
    }

    /// Nil when there is none.
    package func folderIfPresent(_ name: String) throws -> ContainedFolder? {
        do { return try folder(name) } catch let fault as SystemFault where fault.code == ENOENT { return nil }
    }

    /// Finds or makes a folder and those above it; each new entry is durable.
    package func makeFolder(_ name: String) throws -> ContainedFolder {
        var current = self
        for part in try Self.components(name, in: path) {
            if let next = try current.folderIfPresent(part) {
                current = next
                continue
            }
            // Another process may have made it between the look and now.
            guard mkdirat(current.descriptor, part, 0o755) == 0 || errno == EEXIST else {
                throw SystemFault(operation: "create the folder", path: current.path(of: part), code: errno)
            }
            try current.sync()
            current = try current.folder(part)
        }
        return current
    }

    /// Removes a folder that is empty. - Returns: false when it is not, or not there.
    @discardableResult
    package func removeFolder(_ name: String) throws -> Bool {
        do {
            return try withEntry(name) { unlinkat($0.parent, $0.name, AT_REMOVEDIR) == 0 }
        } catch let fault as SystemFault where fault.code == ENOENT {
            return false
        }
    }

    /// Names of the entries, in byte order; without "." and "..".
    package func names() throws -> [String] {
        let opened = openat(descriptor, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        // A folder that was removed while it was open has no entries.
        if opened < 0 && errno == ENOENT { return [] }
        guard opened >= 0, let stream = fdopendir(opened) else {
            let code = errno
            if opened >= 0 { close(opened) }
            throw SystemFault(operation: "list the folder", path: path, code: code)
        }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 || errno == ENOENT else {
                    throw SystemFault(operation: "list the folder", path: path, code: errno)
                }
                break
            }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) {
                String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// Makes created, renamed and removed entries durable. - Throws: `SystemFault`.
    package func sync() throws {
        // Some file systems cannot sync folders and say EINVAL; there is nothing more to do on those.
        if fsync(descriptor) != 0 && errno != EINVAL { throw SystemFault(operation: "sync", path: path, code: errno) }
    }

    /// That everything below, at any depth, is a file or a folder: then plain paths cannot lead out either.
    /// - Throws: `FileError` naming the first that is not.
    package func requireFilesAndFolders() throws {
        for name in try names() {
            guard let found = try status(of: name), found.kind != .file else { continue }
            if found.kind == .link { throw FileError.link(path: path(of: name)) }
            guard found.kind == .folder else {
                throw FileError.wrongKind(
                    path: path(of: name), expected: "a file or a folder", found: found.kind.rawValue)
            }
            try folderIfPresent(name)?.requireFilesAndFolders()
        }
    }

    // MARK: Files

    /// - Throws: `SystemFault` (missing), `FileError` (a link, a pipe, a device, a folder).
    package func open(_ name: String, for access: Access) throws -> RegularFile {
        try withEntry(name) { try $0.open(for: access) }
    }

    /// Of the entry itself, also when it is a link; nil when there is none.
    package func status(of name: String) throws -> FileStatus? {
        do {
            return try withEntry(name) { entry in
                if let found = entry.status { return found }
                if errno == ENOENT { return nil }
                throw SystemFault(operation: "examine", path: entry.path, code: errno)
            }
        } catch let fault as SystemFault where fault.code == ENOENT {
            return nil
        }
    }

    /// Nil when there is no entry of this name. - Throws: `FileError` when it is no regular file.
    package func requireFileIfPresent(_ name: String) throws -> FileStatus? {
        guard let found = try status(of: name) else { return nil }
        try found.require(.file, path(of: name))
        return found
    }

    /// Gives a file another name; one that has it is replaced.
    package func rename(_ name: String, to other: String) throws {
        try withEntry(name) { old in
            try withEntry(other) { new in
                guard renameat(old.parent, old.name, new.parent, new.name) == 0 else {
                    throw SystemFault(operation: "rename the finished file to", path: new.path, code: errno)
                }
            }
        }
    }

    /// Moves a file or a folder to another folder of the same file system; a file that has the name there is replaced,
    /// a folder only when it is empty.
    /// - Throws: `SystemFault`: EXDEV between file systems, ENOTEMPTY or EEXIST for a folder that is not empty.
    package func move(_ name: String, to other: String, in folder: ContainedFolder) throws {
        try withEntry(name) { old in
            try folder.withEntry(other) { new in
                guard renameat(old.parent, old.name, new.parent, new.name) == 0 else {
                    throw SystemFault(operation: "move to", path: new.path, code: errno)
                }
            }
        }
    }

    /// Gives a file a second name (a hard link) in a folder of the same file system.
    /// - Throws: `SystemFault`: EXDEV between file systems, EEXIST when the name is taken, EPERM and others where the
    ///   file system has no such links.
    package func link(_ name: String, to other: String, in folder: ContainedFolder) throws {
        try withEntry(name) { old in
            try old.status?.require(.file, old.path)
            try folder.withEntry(other) { new in
                guard linkat(old.parent, old.name, new.parent, new.name, 0) == 0 else {
                    throw SystemFault(operation: "link to", path: new.path, code: errno)
                }
            }
        }
    }

    /// Removes the entry, a link rather than what it leads to; one that is not there is no error.
    package func remove(_ name: String) throws {
        do {
            try withEntry(name) { entry in
                guard unlinkat(entry.parent, entry.name, 0) == 0 || errno == ENOENT else {
                    throw SystemFault(operation: "remove", path: entry.path, code: errno)
                }
            }
        } catch let fault as SystemFault where fault.code == ENOENT {
            return
        }
    }

    /// Replaces a small file: the old contents or the new ones, also after a power cut.
    package func write(_ contents: [UInt8], to name: String) throws {
        let temporary = ".\(name).\(getpid()).partial"
        do {
            let file = try open(temporary, for: .replacing)
            try contents.withUnsafeBytes { try Transfer.write(file.descriptor, $0, at: 0, path: path(of: name)) }
            guard fsync(file.descriptor) == 0 else {
                throw SystemFault(operation: "sync", path: path(of: name), code: errno)
            }
            try rename(temporary, to: name)
        } catch {
            try? remove(temporary)
            throw error
        }
        try sync()
    }

    /// Removes a folder with everything in it; links go, what they lead to stays. One that is not there is no error.
    package func removeTree(_ name: String) throws {
        guard let folder = try folderIfPresent(name) else { return }
        for inner in try folder.names() {
            if try folder.status(of: inner)?.kind == .folder {
                try folder.removeTree(inner)
            } else {
                try folder.remove(inner)
            }
        }
        guard try removeFolder(name) || status(of: name) == nil else {
            throw SystemFault(operation: "remove", path: path(of: name), code: ENOTEMPTY)
        }
    }

    // MARK: Walking

    /// Opens the folders above an entry, one after another; they are open while the body runs.
    private func withEntry<Result>(_ name: String, _ body: (FolderEntry) throws -> Result) throws -> Result {
        let parts = try Self.components(name, in: path)
        var current = descriptor
        var place = path
        defer { if current != descriptor { close(current) } }
        for part in parts.dropLast() {
            let next = try FolderEntry(parent: current, name: part, place: place).openFolder()
            if current != descriptor { close(current) }
            current = next
            place += "/\(part)"
        }
        return try body(FolderEntry(parent: current, name: parts[parts.count - 1], place: place))
    }

    /// - Throws: `FileError.leavesFolder` for anything but plain names.
    private static func components(_ name: String, in folder: String) throws -> [String] {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.allSatisfy({ !$0.isEmpty && $0 != "." && $0 != ".." && !$0.utf8.contains(0) }) else {
            throw FileError.leavesFolder(folder: folder, name: name)
        }
        return parts
    }
}
