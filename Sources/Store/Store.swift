import Diagnostics
import Files
import Fingerprinting
import Glibc

/// A folder of FAISS files with an LMDB catalogue that alone says what is current (docs/store.md).
///
/// A folder may be opened several times in a process; the catalogue behind is opened once and shared.
package final class Store: Sendable {
    package enum Mode: Sendable { case read, write }

    /// As `realpath` gives it.
    package let folder: String
    package let mode: Mode
    /// The way to everything in the store: no name and no link in it leads out.
    package let root: ContainedFolder
    let environment: Environment
    /// Whether several hosts may reach the folder: NFS, Lustre and their like, also where the user has promised that
    /// one does.
    package let isShared: Bool

    /// What happened at opening that a person should know; nil when nothing did.
    package var openingRemark: String? {
        environment.beganAnew
            ? "\(folder): the first write to this store had been cut short; nothing was ever stored in it, so it was "
                + "begun anew"
            : nil
    }

    /// Opens a store; `.write` creates the folder when it is missing.
    /// - Throws: `StoreError` (missing, damaged, newer format), `FileError` (a link or a device in it), `SystemFault`
    ///   (permissions, full disk).
    package static func open(_ folder: String, mode: Mode) throws -> Store {
        switch mode {
        case .write:
            // Before the folder is made: what stands nearest above it is on the same file system.
            if let kind = SharedFileSystem.name(of: DurableFolder.nearest(folder)) {
                throw StoreError.sharedFileSystem(folder: folder, kind: kind)
            }
            try DurableFolder.create(folder)
        case .read: guard access(folder, F_OK) == 0 else { throw StoreError.missing(folder: folder) }
        }
        let root: ContainedFolder
        do {
            root = try ContainedFolder(canonicalPath(folder))
        } catch let fault as SystemFault where fault.code == ENOTDIR && mode == .read {
            throw StoreError.notAStore(folder: folder)
        }
        switch mode {
        case .write: _ = try root.makeFolder(StoreLayout.catalogue)
        case .read:
            guard try root.status(of: StoreLayout.catalogueData) != nil else {
                throw StoreError.notAStore(folder: folder)
            }
        }
        return Store(
            root: root, mode: mode, environment: try EnvironmentRegistry.acquire(root, writable: mode == .write))
    }

    private init(root: ContainedFolder, mode: Mode, environment: Environment) {
        folder = root.path
        isShared = SharedFileSystem.isShared(root.path)
        self.root = root
        self.mode = mode
        self.environment = environment
    }

    deinit { EnvironmentRegistry.release(environment) }

    /// The kind of file system a folder is on when several hosts can reach it, so that a store there is only read; else
    /// nil.
    package static func sharedFileSystem(of folder: String) -> String? { SharedFileSystem.name(of: folder) }

    private static func canonicalPath(_ path: String) throws -> String {
        guard let resolved = realpath(path, nil) else { throw SystemFault(operation: "open", path: path, code: errno) }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    // MARK: Reading (each call is one LMDB read transaction)

    /// Number of the newest transaction that changed the catalogue: while it stays, everything does. What finds nothing
    /// to change makes no new one.
    package var transactionNumber: Int {
        get throws { try environment.read { $0.number } }
    }

    /// Sorted by name.
    package func checkpoints() throws -> [CheckpointRecord] {
        try environment.read { try $0.records(CheckpointRecord.self, in: $0.databases.checkpoints) }
    }

    package func checkpoint(_ name: String) throws -> CheckpointRecord? {
        try environment.read { try $0.checkpoint(name) }
    }

    /// Sorted by collection name.
    package func collections(checkpoint: String) throws -> [CollectionRecord] {
        try environment.read { try $0.collections(of: checkpoint) }
    }

    package func collection(_ collection: String, checkpoint: String) throws -> CollectionRecord? {
        try environment.read { try $0.collection(collection, checkpoint: checkpoint) }
    }

    /// Ascending by layer.
    package func layers(checkpoint: String, collection: String) throws -> [LayerRecord] {
        try environment.read { try $0.layers(of: collection, checkpoint: checkpoint) }
    }

    /// A handle to look texts up in a list; safe to use from several threads.
    package func texts(list: Fingerprint) throws -> TextList {
        let record = try environment.read { try $0.list(list) }
        guard let record else {
            throw StoreError.changedWhileReading(folder: folder, what: "text list \(list.short)")
        }
        return TextList(fingerprint: list, record: record, store: self)
    }

    /// Opens a layer file for reading; its header is checked against the record, its checksum is not (see `verify`).
    /// - Throws: what `openLayer` throws, `StoreError.damagedLayerFile`.
    package func vectors(_ record: LayerRecord) throws -> VectorFile {
        let file = try VectorFile(openLayer(record))
        try file.check(against: record)
        return file
    }

    /// Whether the file's bytes are those the record was made with; reads all of them.
    package func isUndamaged(_ record: LayerRecord) -> Bool {
        (try? Fingerprint.of(openLayer(record))) == record.checksum
    }

    /// A file that is not there is missing only if the catalogue names it and did so all the time it was looked for:
    /// two builders and `gc` can take a state away and bring it back between two looks.
    /// - Parameter afterFirstLook: called when the file was not there at first; for tests.
    /// - Throws: `StoreError.missingLayerFile`, `.droppedVectors`, `.changedWhileReading`, `FileError`, `SystemFault`.
    func openLayer(_ record: LayerRecord, afterFirstLook: () throws -> Void = {}) throws -> RegularFile {
        if let file = try openIfThere(record) { return file }
        try afterFirstLook()
        let (state, isNamed, isDropped) = try environment.read { transaction in
            let current = try transaction.layer(record.layer, of: record.collection, checkpoint: record.checkpoint)
            let isNamed = current?.file == record.file
            return (transaction.number, isNamed, isNamed && current?.dropped != nil)
        }
        if isDropped {
            throw StoreError.droppedVectors(
                folder: folder, checkpoint: record.checkpoint, collection: record.collection, layer: record.layer)
        }
        if isNamed {
            // Files are published before the record that names them, so it is there now unless it is lost.
            if let file = try openIfThere(record) { return file }
            if try environment.read({ $0.number }) == state {
                throw StoreError.missingLayerFile(path: root.path(of: record.file))
            }
        }
        throw StoreError.changedWhileReading(
            folder: folder, what: "layer \(record.layer) of \(record.checkpoint) \(record.collection)")
    }

    private func openIfThere(_ record: LayerRecord) throws -> RegularFile? {
        do {
            return try root.open(record.file, for: .reading)
        } catch let fault as SystemFault where fault.code == ENOENT {
            return nil
        }
    }

    /// 16-byte digests of the token sequences behind each row, row order; nil when the collection is unknown, and when
    /// it was encoded by other weights than the checkpoint of this name has now (its vectors must not be reused then).
    package func sequenceDigests(checkpoint: String, collection: String) throws -> [Fingerprint]? {
        try environment.read { transaction in
            guard let record = try transaction.collection(collection, checkpoint: checkpoint),
                record.checkpointFingerprint == (try transaction.checkpoint(checkpoint))?.fingerprint
            else { return nil }
            return try transaction.digests(of: record)
        }
    }

    /// Takes the builder's lock (an `flock` on `<folder>/build.lock` that names its holder).
    /// - Parameter wait: block until it is free; otherwise throw an error saying who holds it (exit status 75).
    package func lockForBuilding(wait: Bool, onWait: (String) -> Void) throws -> BuildLock {
        guard mode == .write else { throw StoreError.readOnly(folder: folder) }
        return try BuildLock(root, wait: wait, onWait: onWait)
    }
}

extension Store {
    /// - Throws: `StoreError.unknownCheckpoint` with the known ones.
    package func requireCheckpoint(_ name: String) throws -> CheckpointRecord {
        try environment.read { try requireCheckpoint(name, $0) }
    }

    /// - Throws: `StoreError.unknownCheckpoint`, `.unknownCollection` with the known ones.
    package func requireCollection(_ collection: String, checkpoint: String) throws -> CollectionRecord {
        try environment.read { transaction in
            _ = try requireCheckpoint(checkpoint, transaction)
            return try requireCollection(collection, checkpoint: checkpoint, transaction)
        }
    }

    /// - Throws: `StoreError.unknownCheckpoint`, `.unknownCollection`, `.unknownLayer` with the known ones.
    package func requireLayer(_ layer: Int, collection: String, checkpoint: String) throws -> LayerRecord {
        try snapshot(collection: collection, checkpoint: checkpoint).requireLayer(layer)
    }

    func requireCheckpoint(_ name: String, _ transaction: borrowing Transaction) throws -> CheckpointRecord {
        if let found = try transaction.checkpoint(name) { return found }
        let known = try transaction.records(CheckpointRecord.self, in: transaction.databases.checkpoints)
        throw StoreError.unknownCheckpoint(folder: folder, name: name, known: known.map(\.name))
    }

    func requireCollection(
        _ collection: String, checkpoint: String, _ transaction: borrowing Transaction
    ) throws -> CollectionRecord {
        if let found = try transaction.collection(collection, checkpoint: checkpoint) { return found }
        throw StoreError.unknownCollection(
            folder: folder, checkpoint: checkpoint, name: collection,
            known: try transaction.collections(of: checkpoint).map(\.collection))
    }
}
