import Fingerprinting

/// What a result was computed from, as the catalogue had it in one transaction: of each record what tells whether the
/// catalogue still says the same.
package struct ResultBasis: Codable, Equatable, Sendable {
    package struct Collection: Codable, Equatable, Sendable {
        package let collection: String
        package let list: Fingerprint
        /// Weights that encoded it.
        package let weights: Fingerprint?
    }

    package struct Layer: Codable, Equatable, Sendable {
        package let collection: String
        package let layer: Int
        package let fingerprint: Fingerprint
        package let checksum: Fingerprint
        package let file: String
    }

    /// Name of the checkpoint everything is of.
    package let checkpoint: String
    /// Fingerprint of its weights.
    package let weights: Fingerprint
    package let collections: [Collection]
    package let layers: [Layer]

    /// - Parameters:
    ///   - collections: of the checkpoint.
    ///   - layers: of these collections.
    package init(checkpoint: CheckpointRecord, collections: [CollectionRecord], layers: [LayerRecord]) {
        self.checkpoint = checkpoint.name
        weights = checkpoint.fingerprint
        self.collections = collections.map {
            Collection(collection: $0.collection, list: $0.list, weights: $0.checkpointFingerprint)
        }
        self.layers = layers.map {
            Layer(
                collection: $0.collection, layer: $0.layer, fingerprint: $0.fingerprint, checksum: $0.checksum,
                file: $0.file)
        }
    }

    /// Whether the catalogue still has the same weights, the same lists and the same files.
    func isCurrent(_ transaction: borrowing Transaction) throws -> Bool {
        guard try transaction.checkpoint(checkpoint)?.fingerprint == weights else { return false }
        for known in collections {
            let now = try transaction.collection(known.collection, checkpoint: checkpoint)
            guard let now, now.list == known.list, now.checkpointFingerprint == known.weights else { return false }
        }
        for known in layers {
            let now = try transaction.layer(known.layer, of: known.collection, checkpoint: checkpoint)
            guard let now, now.fingerprint == known.fingerprint, now.checksum == known.checksum, now.file == known.file
            else { return false }
        }
        return true
    }
}
