import Encoder
import Fingerprinting
import Store

/// Turns a collection whose vectors all exist into layer files and makes them current.
struct CollectionPublication {
    let store: Store
    let checkpoint: CheckpointRecord
    let shape: VectorShape
    let codec: Codec
    let shouldStop: @Sendable () -> Bool

    /// - Returns: bytes of the new files, and the number of the collection as a source for later ones (nil when its
    ///   codec cannot serve or it does not have all layers of the run).
    /// - Throws: `EncodingCrew.Stopped` between two layers.
    func publish(
        _ plan: CollectionPlan, pool: SequencePool, locations: UnsafeMutableBufferPointer<VectorLocation>,
        sources: VectorSources
    ) throws -> (bytesWritten: Int, source: Int?) {
        var requests = plan.rowSequences.enumerated().map { row, sequence in
            VectorSources.Request(location: locations[Int(sequence)], row: UInt32(row))
        }
        requests.sort { ($0.location, $0.row) < ($1.location, $1.row) }
        let codes = UnsafeMutableRawBufferPointer.allocate(byteCount: plan.rows * shape.vectorBytes, alignment: 64)
        defer { codes.deallocate() }
        var records: [LayerRecord] = []
        for layer in plan.missingLayers {
            if shouldStop() { throw EncodingCrew.Stopped() }
            guard let index = shape.layers.firstIndex(of: layer) else {
                preconditionFailure("layer \(layer) is missing and not among \(shape.layers)")
            }
            try sources.gather(requests, layer: index, into: codes)
            try requireVectors(codes, plan, layer: layer)
            let fingerprint = LayerFingerprint.of(
                checkpoint: checkpoint.fingerprint, texts: plan.input.fingerprint, layer: layer, codec: codec,
                pooling: plan.pooling?.fields)
            records.append(
                try store.writeLayer(
                    checkpoint: checkpoint.name, collection: plan.input.name, layer: layer, codec: codec,
                    dimension: shape.dimension, rows: plan.rows, codes: UnsafeRawBufferPointer(codes),
                    fingerprint: fingerprint))
        }
        try store.publish(
            checkpoint: checkpoint, collection: record(of: plan), layers: records,
            digests: plan.rowSequences.map { pool.digests[Int($0)] }
        ) { append in
            for text in plan.rowTexts {
                try plan.input.texts.withBytes(at: Int(text)) { try append($0, plan.input.rank(at: Int(text))) }
            }
        }
        let bytes = records.reduce(0) { $0 + $1.bytes }
        guard VectorReuse.canServe(codec, shape.element), records.count == shape.layers.count else {
            return (bytes, nil)
        }
        return (bytes, sources.add(.stored(records)))
    }

    /// A vector has length 1, so no row is all zeros. Where a spool was cut under a build, zeros are what is read.
    private func requireVectors(_ codes: UnsafeMutableRawBufferPointer, _ plan: CollectionPlan, layer: Int) throws {
        for row in 0..<plan.rows {
            let vector = codes[row * shape.vectorBytes..<(row + 1) * shape.vectorBytes]
            guard vector.contains(where: { $0 != 0 }) else {
                throw IndexerError.vectorsLost(
                    collection: plan.input.name, layer: layer, row: row, rows: plan.rows)
            }
        }
    }

    private func record(of plan: CollectionPlan) -> CollectionRecord {
        var record = CollectionRecord(
            checkpoint: checkpoint.name, collection: plan.input.name, list: plan.list, rows: plan.rows,
            source: plan.input.source, sourceFingerprint: plan.input.fingerprint,
            skipped: plan.skipped, truncated: plan.truncated)
        record.top = plan.input.top
        record.pooling = plan.pooling?.fields
        return record
    }
}
