import Fingerprinting
import Store

/// Decides whether a layer file is what a build would make again.
enum LayerFingerprint {
    /// Raised when the same inputs no longer give the same vectors: how sequences are built, pooled or stored.
    static let encodingVersion = 1

    /// Of everything a layer file is computed from.
    static func of(checkpoint: Fingerprint, texts: Fingerprint, layer: Int, codec: Codec) -> Fingerprint {
        let builder = FingerprintBuilder()
        builder.combine("layer")
        builder.combine(encodingVersion)
        builder.combine(checkpoint)
        builder.combine(texts)
        builder.combine(layer)
        builder.combine(codec.rawValue)
        return builder.finish()
    }

    /// Layers of a collection the store does not have as asked for, ascending.
    static func missing(
        _ layers: [Int], of input: CollectionInput, codec: Codec, checkpoint: CheckpointRecord, in store: Store
    ) throws -> [Int] {
        guard let stored = try store.checkpoint(checkpoint.name), stored.fingerprint == checkpoint.fingerprint,
            try store.collection(input.name, checkpoint: checkpoint.name) != nil
        else { return layers }
        let present = Set(try store.layers(checkpoint: checkpoint.name, collection: input.name).map(\.fingerprint))
        return layers.filter { layer in
            !present.contains(
                of(checkpoint: checkpoint.fingerprint, texts: input.fingerprint, layer: layer, codec: codec))
        }
    }
}
