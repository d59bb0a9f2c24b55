import Fingerprinting

/// Names a list of texts by its content: the same texts with the same ranks in the same order have the same name.
///
/// XXH3-128 over the length of "text list 1" (u64) and these bytes, the number of rows (u64) and, for each row, the length
/// of the text (u64), its bytes and its rank (u64); numbers little-endian.
package final class TextListFingerprint {
    private let builder = FingerprintBuilder()

    package init(rows: Int) {
        builder.combine("text list 1")
        builder.combine(rows)
    }

    package func append(_ utf8: UnsafeBufferPointer<UInt8>, rank: UInt32) {
        builder.combine(utf8.count)
        builder.combine(bytes: UnsafeRawBufferPointer(utf8))
        builder.combine(UInt64(rank))
    }

    package func finish() -> Fingerprint { builder.finish() }
}
