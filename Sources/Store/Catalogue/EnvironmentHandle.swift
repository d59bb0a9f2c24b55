import CLMDB
import Files
import Glibc

/// LMDB's handle of a catalogue that is open: how it is opened and checked, and what it tells.
///
/// The handle is LMDB's own and this type knows no turns: `Environment` sees to it that nobody uses it after `close`,
/// or while the map is resized.
struct EnvironmentHandle {
    /// Where less address space than this is left, opening fails.
    private static let smallestMapBytes = 16 << 20

    let pointer: OpaquePointer
    /// True where the lock file could not be used; see `init`.
    let withoutLocks: Bool

    /// Opens a store's `catalog.lmdb`.
    /// - Parameter mapBytes: address space to reserve; less is reserved where it is limited.
    /// - Throws: `StoreError`, `SystemFault`; `FileError` where a file of the catalogue is a link.
    init(opening root: ContainedFolder, writable: Bool, mapBytes: Int) throws {
        let folder = root.path
        let catalogue = root.path(of: StoreLayout.catalogue)
        try Self.requireNoLinks(root)
        var mapBytes = min(mapBytes, max(Self.smallestMapBytes, Self.addressSpaceBytes() / 4))
        var flags = UInt32(MDB_NOTLS) | (writable ? 0 : UInt32(MDB_RDONLY))
        // Locks there mean nothing to other hosts: read without them, as where they cannot be written.
        if !writable, SharedFileSystem.name(of: folder) != nil { flags |= UInt32(MDB_NOLOCK) }
        while true {
            var created: OpaquePointer?
            let status = mdb_env_create(&created)
            guard status == 0, let handle = created else {
                throw lmdbFault(folder: folder, operation: "open", code: status)
            }
            mdb_env_set_mapsize(handle, mapBytes)
            mdb_env_set_maxdbs(handle, 32)
            mdb_env_set_maxreaders(handle, 1_024)
            let opened = mdb_env_open(handle, catalogue, flags, 0o644)
            if opened == 0 {
                // Slots of readers that died keep old pages from being reused.
                var dead: Int32 = 0
                if flags & UInt32(MDB_NOLOCK) == 0 { mdb_reader_check(handle, &dead) }
                pointer = handle
                withoutLocks = flags & UInt32(MDB_NOLOCK) != 0
                return
            }
            mdb_env_close(handle)
            switch opened {
            case ENOMEM where mapBytes > Self.smallestMapBytes:
                mapBytes /= 2
            case EACCES where !writable && flags & UInt32(MDB_NOLOCK) == 0,
                EROFS where !writable && flags & UInt32(MDB_NOLOCK) == 0,
                EPERM where !writable && flags & UInt32(MDB_NOLOCK) == 0:
                // Readable but the lock file is not ours to write: read without registering as a reader. A builder then
                // does not know of us and may reuse pages we look at, from the second commit after our snapshot on;
                // `Environment` finds out and the read fails with "run again" instead of returning a mixture.
                flags |= UInt32(MDB_NOLOCK)
            default:
                throw lmdbFault(folder: folder, operation: writable ? "open for writing" : "open", code: opened)
            }
        }
    }

    /// The limit of `ulimit -v`; the catalogue takes a part of it and leaves the rest to whoever else needs some.
    private static func addressSpaceBytes() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0 else { return Int.max }
        return Int(exactly: limit.rlim_cur) ?? Int.max
    }

    /// LMDB opens its two files by path and would follow a link to anywhere: the lock file is overwritten by a mere
    /// reader.
    private static func requireNoLinks(_ root: ContainedFolder) throws {
        for name in [StoreLayout.catalogueData, StoreLayout.catalogueLock] { _ = try root.requireFileIfPresent(name) }
    }

    func close() { mdb_env_close(pointer) }

    // MARK: Checks

    /// That the file LMDB has open is the one that was looked at.
    /// - Returns: which one it is.
    /// - Throws: `StoreError.changedWhileReading`, `SystemFault`.
    func requireOwnFile(_ root: ContainedFolder) throws -> FileIdentity {
        var descriptor: Int32 = -1
        mdb_env_get_fd(pointer, &descriptor)
        let opened = try FileStatus(descriptor: descriptor, path: root.path(of: StoreLayout.catalogueData))
        let named = try root.requireFileIfPresent(StoreLayout.catalogueData)
        guard named.map(FileIdentity.init) == FileIdentity(opened) else {
            throw StoreError.changedWhileReading(folder: root.path, what: "the catalogue")
        }
        return FileIdentity(opened)
    }

    /// Opens the named databases, which a transaction of their own keeps open.
    /// - Parameter create: whether those that are missing are made.
    /// - Throws: `StoreError`, `SystemFault`.
    func openDatabases(folder: String, create: Bool) throws -> Databases {
        var transaction: OpaquePointer?
        let status = mdb_txn_begin(pointer, nil, create ? 0 : UInt32(MDB_RDONLY), &transaction)
        guard status == 0, let transaction else { throw lmdbFault(folder: folder, operation: "begin", code: status) }
        let databases: Databases
        do {
            databases = try Databases(folder: folder, transaction: transaction, create: create)
        } catch {
            mdb_txn_abort(transaction)
            if let status = error as? LMDBStatus {
                throw lmdbFault(folder: folder, operation: status.operation, code: status.code)
            }
            throw error
        }
        // Committing is what keeps the handles, in a read transaction too.
        let committed = mdb_txn_commit(transaction)
        guard committed == 0 else { throw lmdbFault(folder: folder, operation: "write", code: committed) }
        return databases
    }

    /// Walks the newest state in a read transaction, which keeps its pages from being used again meanwhile.
    /// - Parameter memory: asked first and told afterwards; nil to walk in any case.
    /// - Throws: `StoreError`, `SystemFault`.
    func walk(_ file: CatalogueFile, memory: WalkMemory?) throws {
        let before = try file.mark()
        if let memory, memory.knows(before) { return }
        // A state that builders replace again and again is tried again: each commit is one of theirs.
        for _ in 0..<1_000 {
            var transaction: OpaquePointer?
            let status = mdb_txn_begin(pointer, nil, UInt32(MDB_RDONLY), &transaction)
            // Grown by another process in the meantime. Only an environment nobody uses yet may be mapped again here.
            if status == MDB_MAP_RESIZED, memory != nil, mdb_env_set_mapsize(pointer, 0) == 0 { continue }
            guard status == 0, let transaction else {
                throw lmdbFault(folder: file.folder, operation: "begin a read transaction", code: status)
            }
            defer { mdb_txn_abort(transaction) }
            let number = mdb_txn_id(transaction)
            guard let meta = try file.meta(of: UInt64(number)) else { continue }
            do {
                try CatalogueWalk.check(file, meta)
            } catch let error as StoreError {
                // Where the reader cannot register, its pages may have been used again.
                if lastTransaction > number + 1 { continue }
                throw error
            }
            if let after = try? file.mark(), after == before { memory?.remember(after) }
            return
        }
        throw StoreError.changedWhileReading(folder: file.folder, what: "the catalogue")
    }

    // MARK: What it tells

    /// Number of the newest committed state.
    var lastTransaction: Int { information.me_last_txnid }

    /// Address space that is reserved.
    var mapBytes: Int { information.me_mapsize }

    private var information: MDB_envinfo {
        var information = MDB_envinfo()
        mdb_env_info(pointer, &information)
        return information
    }
}
