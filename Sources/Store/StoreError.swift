import Diagnostics

/// What can be wrong with a store. Failed system calls are `SystemFault`.
package enum StoreError: Diagnosable {
    /// The folder does not exist.
    case missing(folder: String)
    /// The folder exists and holds no catalogue.
    case notAStore(folder: String)
    /// Written by a later version of Polylex.
    case newerFormat(folder: String, found: String, supported: Int)
    /// A value of the catalogue does not say what it should.
    case damagedCatalogue(folder: String, key: String, expected: String, found: String)
    /// A stored evaluation result that is not what was written.
    case damagedResult(folder: String, key: String, expected: String, found: String)
    /// LMDB refused.
    case catalogueFault(folder: String, operation: String, reason: String)
    /// The catalogue needs more room than the address space allows.
    case catalogueFull(folder: String, mapBytes: Int)
    /// A write through a store that was opened for reading.
    case readOnly(folder: String)
    /// Locks do not hold between the hosts that may reach this folder.
    case sharedFileSystem(folder: String, kind: String)
    case unknownCheckpoint(folder: String, name: String, known: [String])
    case unknownCollection(folder: String, checkpoint: String, name: String, known: [String])
    case unknownLayer(folder: String, checkpoint: String, collection: String, layer: Int, known: [Int])
    case unknownRow(list: String, row: Int, count: Int)
    case nameNotAllowed(kind: String, name: String, reason: String)
    case missingLayerFile(path: String)
    /// Vectors that were given up after their evaluation.
    case droppedVectors(folder: String, checkpoint: String, collection: String, layer: Int)
    /// A layer file that is not what its record or its own header says.
    case damagedLayerFile(path: String, expected: String, found: String)
    /// Something a reader was using has been replaced and collected.
    case changedWhileReading(folder: String, what: String)
    /// Another builder holds the lock; `holder` says who.
    case locked(folder: String, holder: String)
    /// What the builder handed over contradicts itself.
    case inconsistentPublication(checkpoint: String, collection: String, expected: String, found: String)
    /// FAISS threw.
    case indexLibrary(path: String, reason: String)

    package var exitStatus: ExitStatus {
        switch self {
        case .missing, .notAStore, .unknownCheckpoint, .unknownCollection, .unknownLayer, .missingLayerFile,
            .droppedVectors:
            .missingInput
        case .newerFormat, .damagedCatalogue, .damagedResult, .unknownRow, .damagedLayerFile: .badInput
        case .nameNotAllowed, .sharedFileSystem: .usage
        case .catalogueFault, .catalogueFull, .readOnly, .indexLibrary: .inputOutput
        case .changedWhileReading, .locked: .tryAgain
        case .inconsistentPublication: .internalError
        }
    }

    package var description: String {
        switch self {
        case .missing(let folder):
            "\(folder): no such store; build one with `indexer build --store \(folder) …` or name another with --store"
        case .notAStore(let folder):
            "\(folder): not a store: expected catalog.lmdb/data.mdb with a catalogue in it, found none; "
                + "build one with `indexer build --store \(folder) …` or name another with --store"
        case .newerFormat(let folder, let found, let supported):
            "\(folder): catalogue format is \(found), expected at most \(supported); "
                + "it was written by a later version of Polylex, use that one"
        case .damagedCatalogue(let folder, let key, let expected, let found) where key.hasPrefix("data.mdb"):
            "\(folder)/catalog.lmdb: \(key): expected \(expected), found \(found); the catalogue is damaged and cannot "
                + "be trusted: restore a copy of catalog.lmdb, or move the store away and build it again"
        case .damagedCatalogue(let folder, let key, let expected, let found):
            "\(folder)/catalog.lmdb: \(key): expected \(expected), found \(found); "
                + "the catalogue is damaged, run `indexer verify`, then remove and build again what it names"
        case .damagedResult(let folder, let key, let expected, let found):
            "\(folder)/catalog.lmdb: \(key): expected \(expected), found \(found); this stored result is damaged: "
                + "`query bli`, `xlsim` or `tatoeba` with --recompute computes it again, `indexer gc` removes it"
        case .catalogueFault(let folder, let operation, let reason):
            "\(folder)/catalog.lmdb: cannot \(operation): \(reason)"
        case .catalogueFull(let folder, let mapBytes):
            "\(folder)/catalog.lmdb: the catalogue needs more than the \(mapBytes) bytes of address space it could "
                + "reserve; raise the limit (`ulimit -v unlimited`) and run the same command again"
        case .readOnly(let folder):
            "\(folder): the store is open for reading only; nothing was written"
        case .sharedFileSystem(let folder, let kind):
            "\(folder): this folder is on \(kind), which several hosts can write to at once without knowing of each "
                + "other; a store is not written there. Build on a disk of this machine (--store) and copy the "
                + "finished store here, where it can be read; if one host alone ever uses it, set "
                + "\(SharedFileSystem.oneHostVariable)=1"
        case .unknownCheckpoint(let folder, let name, let known):
            "\(folder): no checkpoint '\(name)'\(Self.hint(for: name, among: known))"
        case .unknownCollection(let folder, let checkpoint, let name, let known):
            "\(folder): checkpoint '\(checkpoint)' has no collection '\(name)'\(Self.hint(for: name, among: known))"
        case .unknownLayer(let folder, let checkpoint, let collection, let layer, let known):
            "\(folder): \(checkpoint) \(collection) has no layer \(layer); stored: "
                + (known.isEmpty ? "none" : known.map(String.init).joined(separator: ", "))
                + "; add it with `indexer build --layers \(layer) …`"
        case .unknownRow(let list, let row, let count):
            "text list \(list): no row \(row), it has \(count)"
        case .nameNotAllowed(let kind, let name, let reason):
            "\(kind) name '\(name)' cannot be used: \(reason)"
        case .missingLayerFile(let path):
            "\(path): the catalogue names this file and it does not exist; run `indexer verify`, "
                + "then remove and build the collection again"
        case .droppedVectors(let folder, let checkpoint, let collection, let layer):
            "\(folder): the vectors of \(checkpoint) \(collection) at layer \(layer) were dropped after their "
                + "evaluation; results that are stored need none of them, for anything else run the same "
                + "`indexer build` again"
        case .damagedLayerFile(let path, let expected, let found):
            "\(path): expected \(expected), found \(found); the file is damaged, remove and build the collection again"
        case .changedWhileReading(let folder, let what):
            "\(folder): \(what) was replaced while it was being read; run the same command again"
        case .locked(let folder, let holder):
            "\(folder): another builder is at work: \(holder); wait for it, or stop it, and run the same command again"
        case .inconsistentPublication(let checkpoint, let collection, let expected, let found):
            "\(checkpoint) \(collection): not published: expected \(expected), found \(found); this is a defect in "
                + "Polylex"
        case .indexLibrary(let path, let reason):
            "\(path): FAISS cannot write the index: \(reason)"
        }
    }

    private static func hint(for name: String, among known: [String]) -> String {
        if known.isEmpty { return "; nothing is stored yet" }
        let near = NearestName.of(name, among: known).map { "; did you mean '\($0)'?" } ?? ""
        let shown = known.prefix(40).joined(separator: ", ")
        return "\(near); stored: \(shown)\(known.count > 40 ? " and \(known.count - 40) more" : "")"
    }
}
