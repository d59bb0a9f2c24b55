import Fingerprinting

/// What a store holds and what it takes, for `indexer list`.
package struct StoreUsage: Codable, Sendable {
    package struct Collection: Codable, Sendable {
        package let record: CollectionRecord
        /// Ascending by layer.
        package let layers: [LayerRecord]
        /// Of the layer files there are; those that were dropped count nothing.
        package let bytes: Int
        /// Creation of the oldest and the newest layer, seconds since 1970; nil without layers.
        package let oldest: Double?
        package let newest: Double?
        /// Encoded by other weights than the checkpoint of this name has now.
        package let isStale: Bool
    }

    package struct Checkpoint: Codable, Sendable {
        package let record: CheckpointRecord
        /// Sorted by name.
        package let collections: [Collection]
        package let results: Int
        package var bytes: Int { collections.lazy.map(\.bytes).saturatingSum() }
    }

    /// Sorted by name.
    package let checkpoints: [Checkpoint]
    package let catalogueBytes: Int
    /// Files nothing points to, which `collectGarbage` would remove.
    package let garbageBytes: Int
    package let garbageFiles: Int
    /// Of unfinished builds.
    package let workBytes: Int
}

extension Store {
    /// Sizes, ages and staleness of everything stored; the catalogue is read in one transaction.
    package func usage() throws -> StoreUsage {
        let checkpoints = try environment.read { transaction in
            let results = try transaction.soundResults().records
            return try transaction.records(CheckpointRecord.self, in: transaction.databases.checkpoints).map {
                checkpoint in
                StoreUsage.Checkpoint(
                    record: checkpoint,
                    collections: try transaction.collections(of: checkpoint.name).map { collection in
                        let layers = try transaction.layers(of: collection.collection, checkpoint: checkpoint.name)
                        return StoreUsage.Collection(
                            record: collection, layers: layers,
                            bytes: layers.filter { $0.dropped == nil }.map(\.bytes).saturatingSum(),
                            oldest: layers.map(\.created).min(), newest: layers.map(\.created).max(),
                            isStale: collection.checkpointFingerprint != checkpoint.fingerprint)
                    },
                    results: results.count { $0.checkpoint == checkpoint.name })
            }
        }
        let current = Set(
            checkpoints.flatMap { $0.collections.flatMap { $0.layers.filter { $0.dropped == nil }.map(\.file) } })
        let garbage = try StoreFiles.files(in: StoreLayout.data, of: root).filter {
            !current.contains($0.path) && StoreLayout.isOurs($0.path)
        }
        return StoreUsage(
            checkpoints: checkpoints,
            catalogueBytes: try StoreFiles.files(in: StoreLayout.catalogue, of: root).map(\.bytes).saturatingSum(),
            garbageBytes: garbage.map(\.bytes).saturatingSum(), garbageFiles: garbage.count,
            workBytes: try StoreFiles.files(in: StoreLayout.work, of: root).map(\.bytes).saturatingSum())
    }
}
