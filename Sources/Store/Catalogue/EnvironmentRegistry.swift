import Files
import Glibc
import Synchronization

/// The environments open in this process, one per folder: LMDB's locks break when a path is opened twice in a process.
enum EnvironmentRegistry {
    private struct Entry {
        let environment: Environment
        var users: Int
    }

    private static let entries = Mutex<[String: Entry]>([:])

    /// Hands out the environment of a folder, opening it when it is not open yet; give it back with `release`.
    /// - Parameter root: opened by the path `realpath` gives.
    static func acquire(_ root: ContainedFolder, writable: Bool) throws -> Environment {
        let folder = root.path
        return try entries.withLock { entries in
            if var entry = entries[folder] {
                // A store deleted and made anew under the same path is another one; its holders keep the old.
                let found = try root.status(of: StoreLayout.catalogueData)
                if found.map(FileIdentity.init) == entry.environment.identity {
                    if writable { try entry.environment.makeWritable() }
                    entry.users += 1
                    entries[folder] = entry
                    return entry.environment
                }
                entries[folder] = nil
            }
            let environment = try Environment(root, writable: writable)
            entries[folder] = Entry(environment: environment, users: 1)
            return environment
        }
    }

    static func release(_ environment: Environment) {
        entries.withLock { entries in
            guard var entry = entries[environment.folder], entry.environment === environment else { return }
            entry.users -= 1
            entries[environment.folder] = entry.users == 0 ? nil : entry
            // Under the lock, so that nobody opens it again before it is closed.
            if entry.users == 0 { environment.close() }
        }
    }
}

/// Which file a path leads to, whatever the path is called.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    init(_ status: FileStatus) { self.init(device: status.device, inode: status.inode) }
}
