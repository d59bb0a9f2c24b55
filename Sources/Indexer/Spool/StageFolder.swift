import Diagnostics
import Files
import Glibc
import Store

/// A folder under a name of this process beside the one it will become: what is not whole is never taken for it.
struct StageFolder {
    let name: String
    private let parent: ContainedFolder

    /// Removes what earlier tries on this host left whose processes are gone.
    /// - Parameter target: the name the folder will have.
    /// - Throws: `FileError`, `SystemFault`.
    init(for target: String, in parent: ContainedFolder) throws {
        let own = ".\(target).\(WorkLock.Holder.own.host)."
        for left in try parent.names() where left.hasPrefix(own) {
            guard let process = Int32(left.dropFirst(own.count)), kill(process, 0) != 0, errno == ESRCH else {
                continue
            }
            try parent.removeTree(left)
        }
        name = own + String(getpid())
        self.parent = parent
    }

    /// Empty.
    func make() throws -> ContainedFolder {
        try remove()
        return try parent.makeFolder(name)
    }

    func move(to target: String) throws { try parent.move(name, to: target, in: parent) }

    func remove() throws { try parent.removeTree(name) }
}

extension Store {
    /// Writes the catalogue's newest state into a folder that will be a store, flushed with its name.
    /// - Returns: the file, open.
    /// - Throws: `StoreError`, `SystemFault`.
    func copyCatalogue(into stage: ContainedFolder) throws -> RegularFile {
        let folder = DurableFolder.parent(of: Store.catalogueFile)
        _ = try stage.makeFolder(folder)
        let file = try stage.open(Store.catalogueFile, for: .creating)
        try copyCatalogue(to: file)
        guard fsync(file.descriptor) == 0 else {
            throw SystemFault(operation: "flush", path: file.path, code: errno)
        }
        try stage.folder(folder).sync()
        return file
    }
}
