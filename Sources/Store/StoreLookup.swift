import Fingerprinting

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
