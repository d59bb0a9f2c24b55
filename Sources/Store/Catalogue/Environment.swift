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

    private var handle: EnvironmentHandle
    private(set) var databases: Databases
    private(set) var writable: Bool
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
            beganAnew = try CatalogueFile.beginAnew(root)
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
        handle = try EnvironmentHandle(opening: root, writable: writable, mapBytes: mapBytes)
        do {
            if let file, !file.isEmpty {
                try handle.walk(file, memory: memory)
            } else {
                // Some file systems keep a new file's contents through a power cut, but not its name.
                try root.folder(StoreLayout.catalogue).sync()
            }
            databases = try handle.openDatabases(folder: folder, create: writable)
            identity = try handle.requireOwnFile(root)
        } catch {
            handle.close()
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
        handle.close()
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
            let status = mdb_txn_begin(handle.pointer, nil, UInt32(MDB_RDONLY), &transaction)
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
            if handle.withoutLocks { try checkUndisturbed(since: mdb_txn_id(transaction)) }
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
                try resize(to: full.adopt ? 0 : handle.mapBytes * 2)
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
        let status = mdb_txn_begin(handle.pointer, nil, 0, &transaction)
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
        let status = mdb_env_copyfd(handle.pointer, file.descriptor)
        guard status == 0 else { throw SystemFault(operation: "write", path: file.path, code: status) }
    }

    // MARK: Opening

    /// Reopens for writing when it was opened for reading only; waits until no transaction runs.
    func makeWritable() throws {
        pthread_rwlock_wrlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if writable { return }
        // LMDB must not be open twice in a process, so the old handle goes first.
        if !closed { handle.close() }
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
        let opened = try EnvironmentHandle(opening: root, writable: writable, mapBytes: wantedMapBytes)
        do {
            identity = try opened.requireOwnFile(root)
            databases = try opened.openDatabases(folder: folder, create: writable)
        } catch {
            opened.close()
            throw error
        }
        handle = opened
        self.writable = writable
        closed = false
    }

    private static func hasNoLayers(_ root: ContainedFolder) throws -> Bool {
        try !StoreFiles.files(in: StoreLayout.data, of: root).contains { StoreLayout.isLayerFile($0.path) }
    }

    /// Walks every page of the data file in its current state, remembered or not.
    func checkPages() throws {
        guard let file = try CatalogueFile(root) else { throw StoreError.notAStore(folder: folder) }
        pthread_rwlock_rdlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if closed { throw closedFault }
        try handle.walk(file, memory: nil)
    }

    /// Number of the newest committed state.
    var lastTransaction: Int { handle.lastTransaction }

    // MARK: Map size

    private func resize(to bytes: Int) throws {
        pthread_rwlock_wrlock(gate)
        defer { pthread_rwlock_unlock(gate) }
        if closed { throw closedFault }
        let status = mdb_env_set_mapsize(handle.pointer, bytes)
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
