import Fingerprinting

/// One collection as a reader needs it, all from one state of the catalogue.
package struct CollectionSnapshot: Sendable {
    package let checkpoint: CheckpointRecord
    package let collection: CollectionRecord
    /// Ascending by layer.
    package let layers: [LayerRecord]

    /// True when the collection was encoded by other weights than the checkpoint of this name has now: its vectors must not
    /// be compared with those of other collections.
    package var isStale: Bool { collection.checkpointFingerprint != checkpoint.fingerprint }
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
        let layers = try snapshot(collection: collection, checkpoint: checkpoint).layers
        guard let found = layers.first(where: { $0.layer == layer }) else {
            throw StoreError.unknownLayer(
                folder: folder, checkpoint: checkpoint, collection: collection, layer: layer, known: layers.map(\.layer))
        }
        return found
    }

    /// A collection, its checkpoint and its layers in one read transaction: a build in between is seen whole or not at all.
    /// - Throws: `StoreError.unknownCheckpoint`, `.unknownCollection` with the known ones.
    package func snapshot(collection: String, checkpoint: String) throws -> CollectionSnapshot {
        try environment.read { transaction in
            CollectionSnapshot(
                checkpoint: try requireCheckpoint(checkpoint, transaction),
                collection: try requireCollection(collection, checkpoint: checkpoint, transaction),
                layers: try transaction.layers(of: collection, checkpoint: checkpoint))
        }
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
