import Diagnostics
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
    /// - Parameter folder: as `realpath` gives it.
    static func acquire(_ folder: String, writable: Bool) throws -> Environment {
        try entries.withLock { entries in
            if var entry = entries[folder] {
                // A store deleted and made anew under the same path is another one; its holders keep the old.
                let found = try? FileIdentity(of: entry.environment.catalogue + "/data.mdb")
                if found == entry.environment.identity {
                    if writable { try entry.environment.makeWritable() }
                    entry.users += 1
                    entries[folder] = entry
                    return entry.environment
                }
                entries[folder] = nil
            }
            let environment = try Environment(folder: folder, writable: writable)
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
