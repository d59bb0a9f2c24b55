import Encoder
import Fingerprinting
import Store

/// Turns a collection whose vectors all exist into layer files and makes them current. A part of one layer is in memory
/// at a time; only a codec whose graph is built over all vectors takes a whole layer.
struct CollectionPublication {
    let store: Store
    let checkpoint: CheckpointRecord
    let shape: VectorShape
    let codec: Codec
    /// Bytes of a part.
    var partBytes = LayerRows.usualPartBytes
    let shouldStop: @Sendable () -> Bool

    /// - Returns: bytes of the new files, and the number of the collection as a source for later ones (nil when its
    ///   codec cannot serve or it does not have all layers of the run).
    /// - Throws: `EncodingCrew.Stopped` between two parts; `IndexerError.vectorsLost`; errors of every room below.
    func publish(
        _ plan: CollectionPlan, pool: SequencePool, locations: UnsafeMutableBufferPointer<VectorLocation>,
        sources: VectorSources
    ) throws -> (bytesWritten: Int, source: Int?) {
        let readingOrder = ReadingOrder(plan.rowSequences, locations)
        var records: [LayerRecord] = []
        for layer in plan.missingLayers {
            if shouldStop() { throw EncodingCrew.Stopped() }
            guard let index = shape.layers.firstIndex(of: layer) else {
                preconditionFailure("layer \(layer) is missing and not among \(shape.layers)")
            }
            let rows = LayerRows(count: plan.rows, dimension: shape.dimension, codec: codec, partBytes: partBytes) {
                part, codes in
                if shouldStop() { throw EncodingCrew.Stopped() }
                try sources.gather(readingOrder.requests(part), layer: index, firstRow: part.lowerBound, into: codes)
                try requireVectors(codes, part, of: plan, layer: layer)
            }
            let fingerprint = LayerFingerprint.of(
                checkpoint: checkpoint.fingerprint, texts: plan.input.fingerprint, layer: layer, codec: codec,
                pooling: plan.pooling?.fields)
            records.append(
                try store.writeLayer(
                    checkpoint: checkpoint.name, collection: plan.input.name, layer: layer, codec: codec, rows: rows,
                    fingerprint: fingerprint, computation: .ofEngine))
        }
        try store.publish(
            checkpoint: checkpoint, collection: record(of: plan), layers: records,
            digests: plan.rowSequences.lazy.map { pool.digests[Int($0)] }, texts: plan)
        let bytes = records.reduce(0) { $0 + $1.bytes }
        guard VectorReuse.canServe(codec, shape.element), records.count == shape.layers.count else {
            return (bytes, nil)
        }
        return (bytes, sources.add(.stored(records)))
    }

    /// The order in which the rows of each part are read: as they lie in the sources. Sorted once for all
    /// layers, and kept in four bytes a row.
    private final class ReadingOrder {
        private let rowSequences: [UInt32]
        private let locations: UnsafeMutableBufferPointer<VectorLocation>
        /// By part.
        private var rows: [Range<Int>: [UInt32]] = [:]

        init(_ rowSequences: [UInt32], _ locations: UnsafeMutableBufferPointer<VectorLocation>) {
            (self.rowSequences, self.locations) = (rowSequences, locations)
        }

        /// - Parameter part: consecutive rows, the same ones in every layer.
        func requests(_ part: Range<Int>) -> [VectorSources.Request] {
            if let known = rows[part] { return known.map { request(Int($0)) } }
            var requests = part.map(request)
            requests.sort { ($0.location, $0.row) < ($1.location, $1.row) }
            rows[part] = requests.map(\.row)
            return requests
        }

        private func request(_ row: Int) -> VectorSources.Request {
            VectorSources.Request(location: locations[Int(rowSequences[row])], row: UInt32(row))
        }
    }

    /// A vector has length 1, so no row is all zeros. Where a spool was cut under a build, zeros are what is read.
    private func requireVectors(
        _ codes: UnsafeMutableRawBufferPointer, _ part: Range<Int>, of plan: CollectionPlan, layer: Int
    ) throws {
        for place in 0..<part.count {
            let vector = codes[place * shape.vectorBytes..<(place + 1) * shape.vectorBytes]
            guard vector.contains(where: { $0 != 0 }) else {
                throw IndexerError.vectorsLost(
                    collection: plan.input.name, layer: layer, row: part.lowerBound + place, rows: plan.rows)
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
