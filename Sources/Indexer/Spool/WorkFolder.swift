import Console
import Diagnostics
import Files
import Fingerprinting
import Glibc
import Store

/// Unfinished work of one checkpoint in `<store>/work`: spools, and a note of whose they are.
///
/// The folder is named after what makes vectors reusable (checkpoint, layers kept, element), so a build that was
/// interrupted finds it again, also when vocabularies were added or changed meanwhile.
struct WorkFolder {
    /// Contents of `work.json`.
    struct Note: Codable, Sendable {
        var checkpoint: String
        var fingerprint: Fingerprint
        var layers: [Int]
        var element: Int
        var started: Double
    }

    /// Unfinished work as `indexer list` shows it.
    struct Leftover: Sendable {
        /// Relative to the store, and as a person finds it.
        let name: String
        let path: String
        let note: Note?
        let bytes: Int
    }

    private static let parent = "work"
    private static let noteName = "work.json"
    /// Larger than any note.
    private static let noteLimit = 1 << 16

    private let store: ContainedFolder
    /// "work/0123…"
    private let name: String
    private let folder: ContainedFolder
    private let shape: VectorShape
    /// Held as long as anything of the build refers to the folder.
    private let lock: WorkLock

    private static func name(checkpoint: Fingerprint, shape: VectorShape) -> String {
        let builder = FingerprintBuilder()
        builder.combine("spool")
        builder.combine(LayerFingerprint.encodingVersion)
        builder.combine(checkpoint)
        builder.combine(shape.layers.count)
        for layer in shape.layers { builder.combine(layer) }
        builder.combine(shape.dimension)
        builder.combine(shape.element.rawValue)
        LayerFingerprint.combine(.ofEngine, into: builder)
        return parent + "/" + builder.finish().hex
    }

    /// The folder of an interrupted run; nil when there is none.
    /// - Throws: `IndexerError.workInUse`.
    init?(existingIn store: Store, checkpoint: CheckpointRecord, shape: VectorShape) throws {
        name = Self.name(checkpoint: checkpoint.fingerprint, shape: shape)
        guard let found = try store.root.folderIfPresent(name) else { return nil }
        folder = found
        self.store = store.root
        self.shape = shape
        lock = try WorkLock(folder, isShared: store.isShared)
    }

    /// Finds or creates the folder, and removes those of other versions of the same checkpoint: their vectors can
    /// never be asked for again.
    /// - Throws: `IndexerError.workInUse`.
    init(store: Store, checkpoint: CheckpointRecord, shape: VectorShape) throws {
        self.store = store.root
        self.shape = shape
        name = Self.name(checkpoint: checkpoint.fingerprint, shape: shape)
        for leftover in try Self.leftovers(store: store.root) {
            guard let note = leftover.note, note.checkpoint == checkpoint.name,
                note.fingerprint != checkpoint.fingerprint, let folder = try store.root.folderIfPresent(leftover.name),
                try WorkLock.stranger(in: folder, isShared: store.isShared) == nil
            else { continue }
            try store.root.removeTree(leftover.name)
        }
        folder = try store.root.makeFolder(name)
        lock = try WorkLock(folder, isShared: store.isShared)
        let note = Note(
            checkpoint: checkpoint.name, fingerprint: checkpoint.fingerprint, layers: shape.layers,
            element: shape.element.rawValue, started: wallSeconds())
        if Self.note(in: folder) == nil {
            try folder.write(JSONCoding.bytes(of: note, isIndented: true), to: Self.noteName)
        }
    }

    /// Opens the spools of interrupted runs.
    /// - Parameters:
    ///   - spool: called for each before its sequences are visited; it is read from afterwards.
    ///   - visit: called for each sequence: digest, record, position in the record.
    func recover(
        spool: (VectorSpool) -> Void, visit: (Fingerprint, _ record: Int, _ position: Int) -> Void
    ) throws -> (bytesFound: Int, bytesCut: Int) {
        var bytesFound = 0
        var bytesCut = 0
        for name in try spoolNames() {
            let found = try VectorSpool.open(name, in: folder, shape: shape)
            spool(found)
            bytesCut += try found.recover(visit)
            bytesFound += found.bytes
        }
        return (bytesFound, bytesCut)
    }

    /// Spools have numbers of six digits.
    private static let mostSpools = 999_999

    private static func spoolName(_ number: Int) -> String {
        let digits = String(number)
        return "spool-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits + ".spool"
    }

    /// An empty spool under the first free number.
    func createSpool() throws -> VectorSpool {
        let used = Set(try spoolNames())
        guard let name = (1...Self.mostSpools).lazy.map(Self.spoolName).first(where: { !used.contains($0) }) else {
            throw SystemFault(operation: "create another spool in", path: folder.path, code: EEXIST)
        }
        return try VectorSpool.create(name, in: folder, shape: shape)
    }

    /// Removes the spools all of whose sequences are stored, and the folder when none is left. What another,
    /// interrupted build still needs stays.
    func sweep(_ store: Store, checkpoint: Fingerprint) throws {
        let names = try spoolNames()
        if !names.isEmpty {
            // What is unfinished is held, not what is stored: one collection's digests at a time pass by.
            var needed: [Set<Fingerprint>] = []
            for name in names {
                var digests = Set<Fingerprint>()
                try VectorSpool.look(into: name, in: folder, shape: shape) { digests.insert($0) }
                needed.append(digests)
            }
            for record in try store.checkpoints() {
                for collection in try store.collections(checkpoint: record.name)
                where collection.checkpointFingerprint == checkpoint && needed.contains(where: { !$0.isEmpty }) {
                    let digests = try store.sequenceDigests(checkpoint: record.name, collection: collection.collection)
                    for digest in digests ?? [] {
                        for place in needed.indices { needed[place].remove(digest) }
                    }
                }
            }
            for (name, digests) in zip(names, needed) where digests.isEmpty { try folder.remove(name) }
        }
        if try spoolNames().isEmpty {
            try self.store.removeTree(self.name)
            // Not empty while other work is unfinished: then it stays.
            try self.store.removeFolder(Self.parent)
        }
    }

    /// All unfinished work of a store, sorted by path.
    static func leftovers(store: ContainedFolder) throws -> [Leftover] {
        guard let parent = try store.folderIfPresent(Self.parent) else { return [] }
        return try parent.names().compactMap { name in
            guard try parent.status(of: name)?.kind == .folder, let folder = try parent.folderIfPresent(name) else {
                return nil
            }
            let bytes = try folder.names().map { try folder.status(of: $0)?.bytes ?? 0 }.saturatingSum()
            return Leftover(
                name: "\(Self.parent)/\(name)", path: parent.path(of: name), note: note(in: folder), bytes: bytes)
        }
    }

    private func spoolNames() throws -> [String] {
        try folder.names().filter { name in
            let number = name.utf8.dropFirst(6).dropLast(6)
            return name.hasPrefix("spool-") && name.hasSuffix(".spool") && number.count == 6
                && number.allSatisfy { (0x30...0x39).contains($0) }
        }
    }

    private static func note(in folder: ContainedFolder) -> Note? {
        guard let file = try? folder.open(noteName, for: .reading), let bytes = try? file.contents(limit: noteLimit)
        else {
            return nil
        }
        return try? JSONCoding.value(Note.self, from: bytes)
    }
}
