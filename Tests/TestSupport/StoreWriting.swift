import Fingerprinting
import Store

/// A test's vectors and texts, which are all in memory, as the store asks for them.
extension Store {
    /// - Parameter codes: rows × dimension in the codec's element type.
    package func writeLayer(
        checkpoint: String, collection: String, layer: Int, codec: Codec, dimension: Int, rows: Int,
        codes: UnsafeRawBufferPointer, fingerprint: Fingerprint, partBytes: Int = LayerRows.usualPartBytes
    ) throws -> LayerRecord {
        let rows = LayerRows(count: rows, dimension: dimension, codec: codec, codes: codes, partBytes: partBytes)
        return try writeLayer(
            checkpoint: checkpoint, collection: collection, layer: layer, codec: codec, rows: rows,
            fingerprint: fingerprint)
    }

    /// - Parameter rowTexts: calls its argument once per row in row order.
    package func publish(
        checkpoint: CheckpointRecord, collection: CollectionRecord, layers: [LayerRecord], digests: [Fingerprint],
        rowTexts: (_ append: (UnsafeBufferPointer<UInt8>, UInt32) throws -> Void) throws -> Void
    ) throws {
        var texts = HeldTexts()
        try rowTexts { texts.held.append((Array($0), $1)) }
        try publish(
            checkpoint: checkpoint, collection: collection, layers: layers, digests: digests, texts: texts)
    }
}

extension LayerRows {
    /// Rows that outlive the call.
    package init(
        count: Int, dimension: Int, codec: Codec, codes: UnsafeRawBufferPointer,
        partBytes: Int = LayerRows.usualPartBytes
    ) {
        let rowBytes = dimension * (codec == .fp16 ? 2 : 4)
        precondition(codes.count == count * rowBytes, "\(count) rows of \(rowBytes) bytes, got \(codes.count) bytes")
        self.init(count: count, dimension: dimension, codec: codec, partBytes: partBytes) { rows, output in
            output.copyMemory(
                from: UnsafeRawBufferPointer(
                    rebasing: codes[rows.lowerBound * rowBytes..<rows.upperBound * rowBytes]))
        }
    }
}

private struct HeldTexts: RowTexts {
    var held: [(utf8: [UInt8], rank: UInt32)] = []

    var rows: Int { held.count }

    func withRow<Result>(
        _ row: Int, _ body: (UnsafeBufferPointer<UInt8>, UInt32) throws -> Result
    ) rethrows -> Result {
        try held[row].utf8.withUnsafeBufferPointer { try body($0, held[row].rank) }
    }
}
