import Fingerprinting

/// An immutable list of byte strings stored flat: 100,000 words cost their bytes plus eight each.
///
/// Texts are compared by bytes, never by Swift's canonical equivalence: a composed and a decomposed "é" are two
/// entries.
package struct TextTable: Sendable {
    private var storage: [UInt8] = []
    private var ends: [Int] = []

    package init() {}

    package init(_ texts: some Sequence<String>) {
        for text in texts { append(text.utf8) }
    }

    package var count: Int { ends.count }
    package var isEmpty: Bool { ends.isEmpty }
    /// Sum of the lengths of all texts, bytes.
    package var byteCount: Int { storage.count }

    package mutating func append(_ text: some Sequence<UInt8>) {
        storage.append(contentsOf: text)
        ends.append(storage.count)
    }

    /// As above, for bytes lent by a reader or another table.
    package mutating func append(_ text: UnsafeBufferPointer<UInt8>) {
        storage.append(contentsOf: text)
        ends.append(storage.count)
    }

    package mutating func reserve(rows: Int, bytes: Int) {
        ends.reserveCapacity(rows)
        storage.reserveCapacity(bytes)
    }

    /// The bytes of a row, lent without a copy.
    package func withBytes<R>(at row: Int, _ body: (UnsafeBufferPointer<UInt8>) throws -> R) rethrows -> R {
        let range = range(of: row)
        return try storage.withUnsafeBufferPointer { try body(UnsafeBufferPointer(rebasing: $0[range])) }
    }

    package func bytes(at row: Int) -> ArraySlice<UInt8> { storage[range(of: row)] }

    package func string(at row: Int) -> String { String(decoding: storage[range(of: row)], as: UTF8.self) }

    /// Feeds the texts and where each ends to a hash; two tables agree exactly when all their texts do.
    package func combine(into builder: FingerprintBuilder) {
        builder.combine(ends.count)
        for end in ends { builder.combine(end) }
        storage.withUnsafeBytes { builder.combine(bytes: $0) }
    }

    private func range(of row: Int) -> Range<Int> { (row == 0 ? 0 : ends[row - 1])..<ends[row] }
}

extension TextTable: Equatable {}
