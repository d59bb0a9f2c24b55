import Fingerprinting

/// One collection as a reader needs it, all from one state of the catalogue.
package struct CollectionSnapshot: Sendable {
    package let checkpoint: CheckpointRecord
    package let collection: CollectionRecord
    /// Ascending by layer; each has the rows of the collection's list.
    package let layers: [LayerRecord]
    /// What its rows stand for.
    package let texts: TextList

    /// True when the collection was encoded by other weights than the checkpoint of this name has now: its vectors must
    /// not be compared with those of other collections.
    package var isStale: Bool { collection.checkpointFingerprint != checkpoint.fingerprint }

    /// - Throws: `StoreError.unknownLayer` with the known ones.
    package func requireLayer(_ layer: Int) throws -> LayerRecord {
        if let found = layers.first(where: { $0.layer == layer }) { return found }
        throw StoreError.unknownLayer(
            folder: texts.folder, checkpoint: checkpoint.name, collection: collection.collection, layer: layer,
            known: layers.map(\.layer))
    }
}

/// Everything a question may ask about a checkpoint, from one state of the catalogue: whatever is published while the
/// question is answered, words and vectors belong together.
///
/// Layer records are taken as bytes and decoded when asked for: a question needs those of two collections, and a store
/// may hold thousands. Files are opened later, under the names the records give: they are never changed in place, and
/// one that `gc` has removed meanwhile is `StoreError.changedWhileReading`. Text lists are named by their content, so
/// that what a later transaction finds under the name is the same list or an error.
package struct CheckpointSnapshot: Sendable {
    package let store: Store
    /// Number of the catalogue's state, as `Store.transactionNumber` gives it.
    package let state: Int
    package let checkpoint: CheckpointRecord
    /// Sorted by name; stale ones, too.
    package let collections: [CollectionRecord]
    private let contents: [Contents]

    private struct Contents: Sendable {
        let layers: [(key: [UInt8], value: [UInt8])]
        let list: TextListRecord
    }

    fileprivate init(_ checkpoint: CheckpointRecord, store: Store, _ transaction: borrowing Transaction) throws {
        self.store = store
        state = transaction.number
        self.checkpoint = checkpoint
        collections = try transaction.collections(of: checkpoint.name)
        contents = try collections.map { collection in
            var layers: [(key: [UInt8], value: [UInt8])] = []
            let prefix = CatalogueKey.layers(of: collection.collection, checkpoint: checkpoint.name)
            try transaction.forEach(transaction.databases.layers, prefix: prefix) { key, value in
                layers.append(([UInt8](key), [UInt8](value)))
                return true
            }
            return Contents(layers: layers, list: try transaction.list(of: collection))
        }
    }

    /// The layers of one of `collections`, ascending; each has the rows of the collection's list.
    /// - Throws: `StoreError.damagedCatalogue` for one that does not belong to the collection.
    package func layers(of collection: CollectionRecord) throws -> [LayerRecord] {
        try contents[position(of: collection)].layers.map { key, value in
            try value.withUnsafeBytes { bytes in
                let layer = try RecordCoding.read(
                    LayerRecord.self, from: bytes, under: key, of: "layers", folder: store.folder)
                return try layer.checked(against: collection, folder: store.folder)
            }
        }
    }

    /// The texts of one of `collections`.
    package func texts(of collection: CollectionRecord) -> TextList {
        TextList(fingerprint: collection.list, record: contents[position(of: collection)].list, store: store)
    }

    private func position(of collection: CollectionRecord) -> Int {
        guard
            let found = collections.firstIndex(where: {
                $0.collection == collection.collection && $0.list == collection.list
            })
        else { preconditionFailure("\(collection.collection) is not of this snapshot") }
        return found
    }
}

/// What a question reads of a store, from one state of the catalogue.
package struct StoreSnapshot: Sendable {
    /// All of the store, sorted by name.
    package let checkpoints: [CheckpointRecord]
    /// Those chosen, in the order chosen.
    package let chosen: [CheckpointSnapshot]
    /// Evaluation results, sorted by task, then fingerprint; empty unless asked for.
    package let results: [ResultRecord]
}

extension Store {
    /// Checkpoints with their collections, layers and lists, and evaluation results, in one read transaction.
    /// - Parameter choose: picks among all checkpoints, which are sorted by name; an error it throws ends the reading.
    /// - Throws: `StoreError.damagedCatalogue` for a list that does not belong to its collection, `.damagedResult`.
    package func snapshot(
        results: Bool = false, choosing choose: ([CheckpointRecord]) throws -> [CheckpointRecord]
    ) throws -> StoreSnapshot {
        try environment.read { transaction in
            let all = try transaction.records(CheckpointRecord.self, in: transaction.databases.checkpoints)
            return StoreSnapshot(
                checkpoints: all,
                chosen: try choose(all).map { try CheckpointSnapshot($0, store: self, transaction) },
                results: results ? try transaction.results(task: nil, checkpoint: nil) : [])
        }
    }

    /// A collection, its checkpoint, its layers and its list in one read transaction: a build in between is seen whole
    /// or not at all.
    /// - Throws: `StoreError.unknownCheckpoint`, `.unknownCollection` with the known ones; `.damagedCatalogue` for a
    ///   layer or a list that does not belong to the collection.
    package func snapshot(collection: String, checkpoint: String) throws -> CollectionSnapshot {
        try environment.read { transaction in
            let checkpoint = try requireCheckpoint(checkpoint, transaction)
            let collection = try requireCollection(collection, checkpoint: checkpoint.name, transaction)
            return CollectionSnapshot(
                checkpoint: checkpoint, collection: collection,
                layers: try transaction.layers(of: collection.collection, checkpoint: checkpoint.name).map {
                    try $0.checked(against: collection, folder: folder)
                },
                texts: TextList(fingerprint: collection.list, record: try transaction.list(of: collection), store: self)
            )
        }
    }

    /// Asks again from a fresh snapshot when `gc` has taken away what the last one named.
    ///
    /// A builder needs minutes between two publications, so a second attempt meets a store at rest; five allow for
    /// several builders and a loop of `gc`.
    /// - Throws: what `body` throws; `StoreError.changedWhileReading` after the last attempt.
    package static func onFreshSnapshot<Result>(attempts: Int = 5, _ body: () throws -> Result) throws -> Result {
        for _ in 1..<attempts {
            do { return try body() } catch StoreError.changedWhileReading { continue }
        }
        return try body()
    }
}

extension LayerRecord {
    /// - Throws: `StoreError.damagedCatalogue` unless the file has a row for each text of the collection's list.
    fileprivate func checked(against collection: CollectionRecord, folder: String) throws -> LayerRecord {
        func refuse(_ expected: String, _ found: String) -> StoreError {
            .damagedCatalogue(
                folder: folder, key: "layers '\(checkpoint) \(self.collection) \(CatalogueKey.twoDigits(layer))'",
                expected: expected, found: found)
        }
        guard rows == collection.rows else { throw refuse("\(collection.rows) rows, as its collection has", "\(rows)") }
        if let list, list != collection.list {
            throw refuse("a file for text list \(collection.list.short)", "one for text list \(list.short)")
        }
        return self
    }
}

extension Transaction {
    /// The list of a collection.
    /// - Throws: `StoreError.damagedCatalogue` when it is not there, or has other rows.
    fileprivate func list(of collection: CollectionRecord) throws -> TextListRecord {
        let found = try list(collection.list)
        guard let found, found.rows == collection.rows else {
            throw StoreError.damagedCatalogue(
                folder: folder, key: "collections '\(collection.checkpoint) \(collection.collection)'",
                expected: "text list \(collection.list.short) of \(collection.rows) rows",
                found: found.map { "one of \($0.rows) rows" } ?? "no such list")
        }
        return found
    }
}
