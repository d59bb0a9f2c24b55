import Encoder
import Fingerprinting
import Store

/// One collection that has to be (partly) built: which row stands for which text and token sequence.
struct CollectionPlan: Sendable {
    let input: CollectionInput
    /// nil for the paper's.
    let pooling: SentenceConvention?
    /// Layers the store lacks, ascending.
    let missingLayers: [Int]
    /// Text of each row, ascending.
    let rowTexts: [UInt32]
    /// Sequence of each row, a position in the `SequencePool`.
    let rowSequences: [UInt32]
    /// Texts without a vector, by reason.
    let skipped: [String: Int]
    let truncated: Int

    var rows: Int { rowTexts.count }

    /// Fingerprint of the rows' texts and ranks, in order.
    var list: Fingerprint {
        let list = TextListFingerprint(rows: rows)
        for row in 0..<rows { withRow(row) { list.append($0, rank: $1) } }
        return list.finish()
    }
}

extension CollectionPlan: RowTexts {
    func withRow<Result>(
        _ row: Int, _ body: (UnsafeBufferPointer<UInt8>, UInt32) throws -> Result
    ) rethrows -> Result {
        let text = Int(rowTexts[row])
        return try input.texts.withBytes(at: text) { try body($0, input.rank(at: text)) }
    }
}
