import Files
import Fingerprinting
import Glibc

/// How far `verify` is.
package struct VerifyProgress: Sendable {
    package let bytesDone: Int
    package let bytesTotal: Int
    /// What is being looked at.
    package let place: String
}

extension Store {
    /// Checks every byte: every record decodes and agrees with the others, text lists lead from row to text and back
    /// and bear the name of their content, every layer file exists with its size, checksum and header, and its rows are
    /// finite and of length 1. Files nothing points to are reported as information.
    /// - Parameter progress: called before each layer file and at the end.
    /// - Returns: what was found, damage first; empty for a sound store without garbage.
    package func verify(progress: (VerifyProgress) -> Void = { _ in }) throws -> [StoreFinding] {
        var verification = StoreVerification(store: self)
        // A catalogue whose pages are damaged cannot be asked anything.
        guard try verification.checkPages() else { return verification.findings }
        try verification.checkCatalogue()
        try verification.checkLists()
        try verification.checkFiles(progress: progress)
        try verification.reportGarbage()
        return verification.findings.filter { $0.severity == .damage }
            + verification.findings.filter { $0.severity == .information }
    }
}

/// A run of `verify`. Goes on after each finding.
private struct StoreVerification {
    let store: Store
    private(set) var findings: [StoreFinding] = []
    private var layers: [LayerRecord] = []
    private var lists: [Fingerprint: TextListRecord] = [:]
    private var listOrder: [Fingerprint] = []
    /// Digests that are what their name says, and of how many rows.
    private var checkedSequences: [Fingerprint: Int] = [:]

    init(store: Store) { self.store = store }

    private mutating func damage(
        _ place: String, _ expected: String, _ found: String, _ advice: String = StoreFinding.rebuild
    ) {
        findings.append(
            StoreFinding(severity: .damage, place: place, expected: expected, found: found, advice: advice))
    }

    private mutating func note(_ place: String, _ expected: String, _ found: String, _ advice: String) {
        findings.append(
            StoreFinding(severity: .information, place: place, expected: expected, found: found, advice: advice))
    }

    private mutating func damage(_ place: String, _ error: any Error) {
        findings.append(StoreFinding(at: place, error))
    }

    // MARK: Pages

    mutating func checkPages() throws -> Bool {
        do {
            try store.environment.checkPages()
            return true
        } catch StoreError.damagedCatalogue(_, let key, let expected, let found) {
            findings.append(.damagedPages(key: key, expected: expected, found: found))
            return false
        }
    }

    // MARK: Records

    /// All records of one state of the catalogue, against each other.
    mutating func checkCatalogue() throws {
        try store.environment.read { transaction in
            let databases = transaction.databases
            let checkpoints = try decodeAll(CheckpointRecord.self, in: databases.checkpoints, transaction)
            let collections = try decodeAll(CollectionRecord.self, in: databases.collections, transaction)
            let layerRecords = try decodeAll(LayerRecord.self, in: databases.layers, transaction)
            let listRecords = try decodeAll(TextListRecord.self, in: databases.lists, transaction)
            let results = try decodeAll(ResultRecord.self, in: databases.results, transaction)
            let unproved = results.count { $0.record.checksum == nil }
            if unproved > 0 {
                note(
                    "results", "a checksum in each", "\(unproved) without",
                    "an earlier version wrote them; they are not used, and computed again when asked for")
            }
            for outcomes in try transaction.unsoundOutcomes() {
                damage(
                    "outcomes '\(CatalogueKey.readable(outcomes.key))'", "what was written, of a result",
                    outcomes.problem,
                    "compute it again with --recompute, or let `indexer gc` remove it")
            }
            for (key, record) in listRecords where key.count == 16 {
                let list = key.withUnsafeBytes { Fingerprint(bigEndian: $0) }
                lists[list] = record
                listOrder.append(list)
            }
            let byName = Dictionary(checkpoints.map { ($0.record.name, $0.record) }, uniquingKeysWith: { a, _ in a })
            let byKey = Dictionary(collections.map { ($0.key, $0.record) }, uniquingKeysWith: { a, _ in a })
            func owners(_ isDropped: Bool) -> Set<[UInt8]> {
                Set(
                    layerRecords.map(\.record).filter { ($0.dropped != nil) == isDropped }
                        .map { CatalogueKey.collection($0.collection, checkpoint: $0.checkpoint) })
            }
            let (kept, dropped) = (owners(false), owners(true))
            for (key, collection) in collections {
                check(
                    collection, at: "collections '\(CatalogueKey.readable(key))'",
                    checkpoint: byName[collection.checkpoint])
                // Digests tell which rows of a file can be used again: they go with the last file.
                if !dropped.contains(key) || kept.contains(key) { try checkDigests(collection, key, transaction) }
            }
            for (key, layer) in layerRecords {
                let place = "layers '\(CatalogueKey.readable(key))'"
                let owner = byKey[CatalogueKey.collection(layer.collection, checkpoint: layer.checkpoint)]
                if let owner, owner.rows != layer.rows { damage(place, "\(owner.rows) rows", "\(layer.rows)") }
                if owner == nil { damage(place, "its collection in the catalogue", "none") }
                if let owner, let list = layer.list, list != owner.list {
                    damage(place, "a file for list \(owner.list.short)", "one for list \(list.short)")
                }
                if layer.dropped == nil { layers.append(layer) }
            }
            let used = Set(collections.map(\.record.list))
            for list in listOrder where !used.contains(list) {
                note("lists \(list.short)", "a collection that uses it", "none", "`indexer gc` removes it")
            }
            for name in try transaction.unusedSequences(among: collections.map(\.record)) {
                note("sequences \(name.short)", "a collection that uses them", "none", "`indexer gc` removes them")
            }
        }
    }

    private mutating func decodeAll<Record: StoredRecord>(
        _ type: Record.Type, in database: Database, _ transaction: borrowing Transaction
    ) throws -> [(key: [UInt8], record: Record)] {
        var keys: [[UInt8]] = []
        try transaction.forEach(database) { key, _ in
            keys.append([UInt8](key))
            return true
        }
        var records: [(key: [UInt8], record: Record)] = []
        for key in keys {
            do {
                if let record = try transaction.record(type, in: database, key) { records.append((key, record)) }
            } catch let error as StoreError {
                damage("\(database.name) '\(CatalogueKey.readable(key))'", error)
            }
        }
        return records
    }

    private mutating func check(_ collection: CollectionRecord, at place: String, checkpoint: CheckpointRecord?) {
        if let checkpoint {
            if collection.checkpointFingerprint != checkpoint.fingerprint {
                note(
                    place, "checkpoint \(checkpoint.fingerprint.short)",
                    "encoded by \(collection.checkpointFingerprint?.short ?? "an unknown one")",
                    "stale: `indexer build` encodes it with the current weights")
            }
        } else {
            damage(place, "its checkpoint in the catalogue", "none")
        }
        if let list = lists[collection.list] {
            if list.rows != collection.rows { damage(place, "a list of \(collection.rows) rows", "\(list.rows)") }
        } else {
            damage(place, "its text list \(collection.list.short) in the catalogue", "none")
        }
    }

    private mutating func checkDigests(
        _ collection: CollectionRecord, _ key: [UInt8], _ transaction: borrowing Transaction
    ) throws {
        if let name = collection.sequences, checkedSequences[name] == collection.rows { return }
        let problem = try transaction.withDigests(of: collection) { bytes, place -> (String, String, String)? in
            if bytes.count != collection.rows * 16 {
                return (place, "\(collection.rows) × 16 bytes", "\(bytes.count)")
            }
            guard let name = collection.sequences, case let found = Fingerprint.of(bytes: bytes), found != name else {
                return nil
            }
            return (place, "digests of fingerprint \(name.short)", found.short)
        }
        guard let problem else {
            return damage("digests of '\(CatalogueKey.readable(key))'", "\(collection.rows) × 16 bytes", "none")
        }
        if let problem { return damage(problem.0, problem.1, problem.2) }
        if let name = collection.sequences { checkedSequences[name] = collection.rows }
    }

    // MARK: Lists

    /// Row to text and back, for every list; one transaction a list, so that a long check does not hold old pages.
    mutating func checkLists() throws {
        for list in listOrder {
            guard let record = lists[list] else { continue }
            do {
                let texts = TextList(fingerprint: list, record: record, store: store)
                try store.environment.read { transaction in
                    try texts.findProblems(record, transaction) { damage($0.place, $0.expected, $0.found) }
                }
            } catch StoreError.changedWhileReading {
                continue
            } catch let error as StoreError {
                damage("lists \(list.short)", error)
            }
        }
    }

    // MARK: Files

    mutating func checkFiles(progress: (VerifyProgress) -> Void) throws {
        let total = layers.lazy.map(\.bytes).saturatingSum()
        var done = 0
        for layer in layers {
            progress(VerifyProgress(bytesDone: done, bytesTotal: total, place: layer.file))
            let before = findings.count
            check(layer)
            if findings.count > before, try wasReplaced(layer) { findings.removeLast(findings.count - before) }
            done = [done, layer.bytes].saturatingSum()
        }
        progress(VerifyProgress(bytesDone: done, bytesTotal: total, place: "done"))
    }

    /// A build or removal during the check made the record another one: the old file may be gone, rightly.
    private func wasReplaced(_ layer: LayerRecord) throws -> Bool {
        let now = try? store.environment.read {
            try $0.layer(layer.layer, of: layer.collection, checkpoint: layer.checkpoint)
        }
        return now?.checksum != layer.checksum || now?.file != layer.file
    }

    private mutating func check(_ layer: LayerRecord) {
        do {
            let opened = try store.openLayer(layer)
            guard opened.status.bytes == layer.bytes else {
                return damage(layer.file, "\(layer.bytes) bytes", "\(opened.status.bytes)")
            }
            let checksum = try Fingerprint.of(opened)
            if checksum != layer.checksum { damage(layer.file, "checksum \(layer.checksum)", "\(checksum)") }
            let file = try VectorFile(opened)
            try file.check(against: layer)
            if let problem = try file.problem() { damage(layer.file, problem.expected, problem.found) }
        } catch StoreError.missingLayerFile {
            damage(layer.file, "\(layer.bytes) bytes", "no such file")
        } catch StoreError.changedWhileReading {
            // Another state's file by now.
        } catch {
            damage(layer.file, error)
        }
    }

    mutating func reportGarbage() throws {
        let current = Set(layers.map(\.file))
        for file in try StoreFiles.files(in: StoreLayout.data, of: store.root) where !current.contains(file.path) {
            if StoreLayout.isOurs(file.path) {
                note(
                    file.path, "an entry in the catalogue", "none (\(file.bytes) bytes)",
                    "`indexer gc` removes it when no build is at work")
            } else {
                note(file.path, "only layer files in this folder", "a file of another name", "it is left alone")
            }
        }
    }
}
