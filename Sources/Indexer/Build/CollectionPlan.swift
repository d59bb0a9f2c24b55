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
        for text in rowTexts {
            input.texts.withBytes(at: Int(text)) { list.append($0, rank: input.rank(at: Int(text))) }
        }
        return list.finish()
    }
}
