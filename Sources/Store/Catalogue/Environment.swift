import CLMDB
import Diagnostics
import Files
import Glibc
import Synchronization

/// The LMDB environment of one store in this process.
///
/// Transactions are synchronous closure scopes; the closures get a borrowed `Transaction` and nothing of LMDB outlives
/// them. Unchecked Sendable: an `MDB_env` may be used from any thread, read transactions are not tied to threads
/// (MDB_NOTLS), and the mutable state below is touched only under `gate` held for writing.
final class Environment: @unchecked Sendable {
    /// Address space reserved for the catalogue. Only a reservation: pages are files on disk, mapped read-only, so
    /// neither memory nor swap nor disk is taken. A full vocabulary of 100K words takes about 20 MB, so this is some
    /// 3,000 of them; beyond it the map is doubled and the transaction run again. Where address space itself is limited
    /// (`ulimit -v`) less is reserved.
    static let usualMapBytes = 64 << 30
    static let smallestMapBytes = 16 << 20

    let folder: String
    private let root: ContainedFolder
    private let wantedMapBytes: Int
    private let memory: WalkMemory
    /// The first write of all had been cut short; nothing was ever stored, and the catalogue was begun anew.
    let beganAnew: Bool
    /// Whether a transaction of this process was committed; under `gate`.
    private let hasWritten = Atomic<Bool>(false)
    /// Device and inode of the data file: tells a store that was deleted and made anew from this one.
    private(set) var identity = FileIdentity(device: 0, inode: 0)

    private var handle: OpaquePointer
    private(set) var databases: Databases
    private(set) var writable: Bool
    /// True where the lock file could not be used; see `openHandle`.
    private var withoutLocks: Bool
    private var closed = false
    /// Held shared by transactions, exclusively while the map is resized or the environment reopened.
    private let gate: UnsafeMutablePointer<pthread_rwlock_t>

    /// Opens the store's `catalog.lmdb`, which is there; its files are made when they are not and `writable` is true.
    /// Its pages are walked before LMDB follows the first of them, unless `memory` knows them.
    init(
        _ root: ContainedFolder, writable: Bool, mapBytes: Int = usualMapBytes, memory: WalkMemory = .usual
    ) throws {
        folder = root.path
        self.root = root
        wantedMapBytes = mapBytes
        self.writable = writable
        self.memory = memory
        var file = try CatalogueFile(root)
        if let found = file, !found.isEmpty, try found.holdsNothingYet() {
            guard writable, try Self.hasNoLayers(root) else { throw StoreError.notAStore(folder: folder) }
            beganAnew = try Self.beginAnew(root)
            file = nil
        } else {
            beganAnew = false
        }
        if let file {
            if !file.isEmpty {
                try file.checkMetaPages()
            } else if !writable {
                throw StoreError.notAStore(folder: folder)
            }
        }
        (handle, withoutLocks) = try Self.openHandle(root, writable: writable, mapBytes: mapBytes)
        do {
            if let file, !file.isEmpty {
                try Self.walk(file, handle, memory: memory)
            } else {
                // Some file systems keep a new file's contents through a power cut, but not its name.
                try root.folder(StoreLayout.catalogue).sync()
            }
            databases = try Self.openDatabases(folder: folder, handle: handle, writable: writable)
            identity = try Self.requireOwnFile(root, handle)
        } catch {
            mdb_env_close(handle)
            throw error
        }
        gate = .allocate(capacity: 1)
        pthread_rwlock_init(gate, nil)
    }

    /// Closes the catalogue; nothing may use it any more.
    func close() {
        pthread_rwlock_wrlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if closed { return }
        closed = true
        // What LMDB made of pages that were walked needs no walk.
        if hasWritten.load(ordering: .relaxed), let mark = try? CatalogueFile(root)?.mark() { memory.remember(mark) }
        mdb_env_close(handle)
    }

    deinit {
        close()
        pthread_rwlock_destroy(gate)
        gate.deallocate()
    }

    // MARK: Transactions

    /// Runs `body` in a read transaction: it sees one state of the catalogue, whatever is published meanwhile.
    func read<Result>(_ body: (borrowing Transaction) throws -> Result) throws -> Result {
        while true {
            pthread_rwlock_rdlock(gate)
            if closed {
                pthread_rwlock_unlock(gate)
                throw closedFault
            }
            var transaction: OpaquePointer?
            let status = mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
            if status == MDB_MAP_RESIZED {
                // Another process has grown the file beyond what is mapped here.
                pthread_rwlock_unlock(gate)
                try resize(to: 0)
                continue
            }
            defer { pthread_rwlock_unlock(gate) }
            guard status == 0, let transaction else { throw fault("begin a read transaction", status) }
            defer { mdb_txn_abort(transaction) }
            let result: Result
            do {
                result = try body(Transaction(handle: transaction, databases: databases, folder: folder))
            } catch let status as LMDBStatus {
                throw fault(status.operation, status.code)
            }
            if withoutLocks { try checkUndisturbed(since: mdb_txn_id(transaction)) }
            return result
        }
    }

    /// Runs `body` in the one write transaction and commits it; an error leaves the catalogue as it was.
    /// `body` runs again from the start when the map had to grow.
    func write<Result>(_ body: (borrowing Transaction) throws -> Result) throws -> Result {
        guard writable else { throw StoreError.readOnly(folder: folder) }
        while true {
            do {
                return try writeOnce(body)
            } catch let full as MapTooSmall {
                try resize(to: full.adopt ? 0 : try mapBytes() * 2)
            }
        }
    }

    private struct MapTooSmall: Error {
        /// Another process has grown it already.
        let adopt: Bool
    }

    private func writeOnce<Result>(_ body: (borrowing Transaction) throws -> Result) throws -> Result {
        pthread_rwlock_rdlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if closed { throw closedFault }
        var transaction: OpaquePointer?
        let status = mdb_txn_begin(handle, nil, 0, &transaction)
        if status == MDB_MAP_RESIZED { throw MapTooSmall(adopt: true) }
        guard status == 0, let transaction else { throw fault("begin a write transaction", status) }
        let result: Result
        do {
            result = try body(Transaction(handle: transaction, databases: databases, folder: folder))
        } catch {
            mdb_txn_abort(transaction)
            if let full = error as? LMDBStatus, full.code == MDB_MAP_FULL { throw MapTooSmall(adopt: false) }
            if let status = error as? LMDBStatus { throw fault(status.operation, status.code) }
            throw error
        }
        let committed = mdb_txn_commit(transaction)
        if committed == MDB_MAP_FULL { throw MapTooSmall(adopt: false) }
        guard committed == 0 else { throw fault("write", committed) }
        hasWritten.store(true, ordering: .relaxed)
        return result
    }

    /// Writes the newest committed state as one data file of LMDB.
    /// - Parameter file: empty; flushed by whoever made it.
    func copy(to file: RegularFile) throws {
        pthread_rwlock_rdlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if closed { throw closedFault }
        let status = mdb_env_copyfd(handle, file.descriptor)
        guard status == 0 else { throw SystemFault(operation: "write", path: file.path, code: status) }
    }

    // MARK: Opening

    /// Reopens for writing when it was opened for reading only; waits until no transaction runs.
    func makeWritable() throws {
        pthread_rwlock_wrlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if writable { return }
        // LMDB must not be open twice in a process, so the old handle goes first.
        if !closed { mdb_env_close(handle) }
        closed = true
        do {
            try reopen(writable: true)
        } catch {
            // Who only reads goes on as before; where that fails too, readers are told and a later call tries again.
            try? reopen(writable: false)
            throw error
        }
    }

    /// - Precondition: closed.
    private func reopen(writable: Bool) throws {
        let opened = try Self.openHandle(root, writable: writable, mapBytes: wantedMapBytes)
        do {
            identity = try Self.requireOwnFile(root, opened.0)
            databases = try Self.openDatabases(folder: folder, handle: opened.0, writable: writable)
        } catch {
            mdb_env_close(opened.0)
            throw error
        }
        (handle, withoutLocks) = opened
        self.writable = writable
        closed = false
    }

    private static func hasNoLayers(_ root: ContainedFolder) throws -> Bool {
        try !StoreFiles.files(in: StoreLayout.data, of: root).contains { StoreLayout.isLayerFile($0.path) }
    }

    /// Empties a data file in which nothing was ever stored, unless somebody is writing it at this moment.
    private static func beginAnew(_ root: ContainedFolder) throws -> Bool {
        let lock = try root.open(StoreLayout.catalogueLock, for: .updating)
        // Whoever has the catalogue open holds this byte, and whoever makes it holds it alone.
        var region = flock()
        region.l_type = Int16(F_WRLCK)
        region.l_whence = Int16(SEEK_SET)
        region.l_len = 1
        guard fcntl(lock.descriptor, F_SETLK, &region) == 0 else { return false }
        return try withExtendedLifetime(lock) {
            guard try CatalogueFile(root)?.holdsNothingYet() == true else { return false }
            let data = try root.open(StoreLayout.catalogueData, for: .changing)
            guard ftruncate(data.descriptor, 0) == 0, fsync(data.descriptor) == 0 else {
                throw SystemFault(operation: "empty", path: data.path, code: errno)
            }
            return true
        }
    }

    /// LMDB opens its two files by path and would follow a link to anywhere: the lock file is overwritten by a mere
    /// reader.
    private static func requireNoLinks(_ root: ContainedFolder) throws {
        for name in [StoreLayout.catalogueData, StoreLayout.catalogueLock] { _ = try root.requireFileIfPresent(name) }
    }

    /// That the file LMDB has open is the one that was looked at.
    private static func requireOwnFile(_ root: ContainedFolder, _ handle: OpaquePointer) throws -> FileIdentity {
        var descriptor: Int32 = -1
        mdb_env_get_fd(handle, &descriptor)
        let opened = try FileStatus(descriptor: descriptor, path: root.path(of: StoreLayout.catalogueData))
        let named = try root.requireFileIfPresent(StoreLayout.catalogueData)
        guard named.map(FileIdentity.init) == FileIdentity(opened) else {
            throw StoreError.changedWhileReading(folder: root.path, what: "the catalogue")
        }
        return FileIdentity(opened)
    }

    private static func openHandle(
        _ root: ContainedFolder, writable: Bool, mapBytes: Int
    ) throws -> (OpaquePointer, withoutLocks: Bool) {
        let folder = root.path
        let catalogue = root.path(of: StoreLayout.catalogue)
        try requireNoLinks(root)
        var mapBytes = min(mapBytes, max(smallestMapBytes, addressSpaceBytes() / 4))
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
                return (handle, flags & UInt32(MDB_NOLOCK) != 0)
            }
            mdb_env_close(handle)
            switch opened {
            case ENOMEM where mapBytes > smallestMapBytes:
                mapBytes /= 2
            case EACCES where !writable && flags & UInt32(MDB_NOLOCK) == 0,
                EROFS where !writable && flags & UInt32(MDB_NOLOCK) == 0,
                EPERM where !writable && flags & UInt32(MDB_NOLOCK) == 0:
                // Readable but the lock file is not ours to write: read without registering as a reader. A builder then
                // does not know of us and may reuse pages we look at, from the second commit after our snapshot on;
                // `checkUndisturbed` finds out and the read fails with "run again" instead of returning a mixture.
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

    private static func openDatabases(folder: String, handle: OpaquePointer, writable: Bool) throws -> Databases {
        var transaction: OpaquePointer?
        let status = mdb_txn_begin(handle, nil, writable ? 0 : UInt32(MDB_RDONLY), &transaction)
        guard status == 0, let transaction else { throw lmdbFault(folder: folder, operation: "begin", code: status) }
        let databases: Databases
        do {
            databases = try Databases(folder: folder, transaction: transaction, create: writable)
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

    /// Walks every page of the data file in its current state, remembered or not.
    func checkPages() throws {
        guard let file = try CatalogueFile(root) else { throw StoreError.notAStore(folder: folder) }
        pthread_rwlock_rdlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if closed { throw closedFault }
        try Self.walk(file, handle, memory: nil)
    }

    /// Walks the newest state in a read transaction, which keeps its pages from being used again meanwhile.
    /// - Parameter memory: asked first and told afterwards; nil to walk in any case.
    private static func walk(_ file: CatalogueFile, _ handle: OpaquePointer, memory: WalkMemory?) throws {
        let before = try file.mark()
        if let memory, memory.knows(before) { return }
        // A state that builders replace again and again is tried again: each commit is one of theirs.
        for _ in 0..<1_000 {
            var transaction: OpaquePointer?
            let status = mdb_txn_begin(handle, nil, UInt32(MDB_RDONLY), &transaction)
            // Grown by another process in the meantime. Only an environment nobody uses yet may be mapped again here.
            if status == MDB_MAP_RESIZED, memory != nil, mdb_env_set_mapsize(handle, 0) == 0 { continue }
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
                if lastTransaction(handle) > number + 1 { continue }
                throw error
            }
            if let after = try? file.mark(), after == before { memory?.remember(after) }
            return
        }
        throw StoreError.changedWhileReading(folder: file.folder, what: "the catalogue")
    }

    /// Number of the newest committed state.
    var lastTransaction: Int { Self.lastTransaction(handle) }

    private static func lastTransaction(_ handle: OpaquePointer) -> Int {
        var information = MDB_envinfo()
        mdb_env_info(handle, &information)
        return information.me_last_txnid
    }

    // MARK: Map size

    private func mapBytes() throws -> Int {
        var information = MDB_envinfo()
        mdb_env_info(handle, &information)
        return information.me_mapsize
    }

    private func resize(to bytes: Int) throws {
        pthread_rwlock_wrlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if closed { throw closedFault }
        let status = mdb_env_set_mapsize(handle, bytes)
        if status == ENOMEM { throw StoreError.catalogueFull(folder: folder, mapBytes: bytes / 2) }
        guard status == 0 else { throw fault("resize the map", status) }
    }

    /// Throws when commits since the snapshot may have reused its pages.
    private func checkUndisturbed(since snapshot: Int) throws {
        if lastTransaction > snapshot + 1 {
            throw StoreError.changedWhileReading(folder: folder, what: "the catalogue")
        }
    }

    // MARK: Errors

    /// The catalogue was open and could not be opened again.
    private var closedFault: StoreError {
        .catalogueFault(
            folder: folder, operation: "read or write", reason: "it is no longer open; run the same command again")
    }

    func fault(_ operation: String, _ code: Int32) -> any Error {
        lmdbFault(folder: folder, operation: operation, code: code)
    }
}

/// A status code of LMDB on its way to becoming an error with a place.
struct LMDBStatus: Error {
    let operation: String
    let code: Int32
}

/// The one way a status code of LMDB becomes an error: `errno` values are system faults, the rest LMDB's own.
func lmdbFault(folder: String, operation: String, code: Int32) -> any Error {
    if code == EIO {
        // A write that a filling disk cut short is EIO in LMDB.
        var disk = statvfs()
        if statvfs(folder, &disk) == 0, UInt64(disk.f_bavail) * UInt64(disk.f_frsize) < 1 << 20 {
            return SystemFault(operation: operation, path: folder + "/catalog.lmdb", code: ENOSPC)
        }
        return StoreError.catalogueFault(
            folder: folder, operation: operation,
            reason:
                "a page was written or read only in part: a quota or a limit of file sizes is reached, or the device "
                + "fails; the store is as it was before")
    }
    if code > 0 { return SystemFault(operation: operation, path: folder + "/catalog.lmdb", code: code) }
    let reason = String(cString: mdb_strerror(code))
    switch code {
    case MDB_PANIC:
        // LMDB's word for "a write of mine failed": it takes nothing more from this process, and the file is sound.
        return StoreError.catalogueFault(
            folder: folder, operation: operation,
            reason:
                "an earlier write to it failed: the disk is full, a quota or a limit of file sizes is reached, or the "
                + "device fails; the store is as it was before: make room and run the same command again")
    case MDB_INVALID, MDB_CORRUPTED, MDB_PAGE_NOTFOUND:
        return StoreError.damagedCatalogue(
            folder: folder, key: "data.mdb", expected: "an LMDB file", found: "\(reason) (while trying to \(operation))"
        )
    case MDB_VERSION_MISMATCH:
        return StoreError.catalogueFault(
            folder: folder, operation: operation, reason: "\(reason): it was written by another version of LMDB")
    case MDB_READERS_FULL:
        return StoreError.catalogueFault(
            folder: folder, operation: operation,
            reason: "\(reason): more than 1,024 readers are at work, try again later")
    default:
        return StoreError.catalogueFault(folder: folder, operation: operation, reason: reason)
    }
}
