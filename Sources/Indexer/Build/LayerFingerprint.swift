import Encoder
import Fingerprinting
import Store

extension Computation {
    /// That of the vectors a build makes.
    static var ofEngine: Computation {
        let engine = Checkpoint.engineArithmetic
        return Computation(arithmetic: engine.name, precision: engine.precision)
    }
}

/// Decides whether a layer file is what a build would make again.
enum LayerFingerprint {
    /// Raised when the same inputs no longer give the same vectors: how sequences are built, pooled or stored.
    static let encodingVersion = 1

    /// Of everything a layer file is computed from. The usual computation and the paper's pooling are not spelled
    /// out, so that stores from before they were noted are what they were.
    /// - Parameter pooling: `SentenceConvention.fields`; nil for the paper's.
    static func of(
        checkpoint: Fingerprint, texts: Fingerprint, layer: Int, codec: Codec, pooling: [String: String]? = nil,
        computation: Computation = .ofEngine
    ) -> Fingerprint {
        let builder = FingerprintBuilder()
        builder.combine("layer")
        builder.combine(encodingVersion)
        builder.combine(checkpoint)
        builder.combine(texts)
        builder.combine(layer)
        builder.combine(codec.rawValue)
        if let pooling { builder.combine(pooling: pooling) }
        combine(computation, into: builder)
        return builder.finish()
    }

    static func combine(_ computation: Computation, into builder: FingerprintBuilder) {
        if computation == .usual { return }
        builder.combine("computation")
        builder.combine(computation.arithmetic)
        builder.combine(computation.precision)
    }

    /// Layers of a collection the store does not have as asked for, ascending.
    ///
    /// A file of the same precision and another arithmetic will do: it says what it is, so that it passes for no other,
    /// and hours of encoding for the last bits of its vectors help nobody.
    /// - Parameter withoutDropped: whether layers count as there whose vectors were dropped after their evaluation.
    static func missing(
        _ layers: [Int], of input: CollectionInput, codec: Codec, model: EncodingModel, in store: Store,
        withoutDropped: Bool = false
    ) throws -> [Int] {
        let checkpoint = model.record, pooling = model.pooling.convention(input.kind)?.fields
        guard let stored = try store.checkpoint(checkpoint.name), stored.fingerprint == checkpoint.fingerprint,
            try store.collection(input.name, checkpoint: checkpoint.name) != nil
        else { return layers }
        let present = Set(
            try store.layers(checkpoint: checkpoint.name, collection: input.name).filter { record in
                (record.dropped == nil || withoutDropped)
                    && record.computation.precision == Computation.ofEngine.precision
                    && record.fingerprint
                        == of(
                            checkpoint: checkpoint.fingerprint, texts: input.fingerprint, layer: record.layer,
                            codec: codec, pooling: pooling,
                            computation: record.computation)
            }.map(\.layer))
        return layers.filter { !present.contains($0) }
    }
}
