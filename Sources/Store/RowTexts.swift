import Fingerprinting
import Glibc

/// Texts and ranks of a collection's rows, as whoever publishes them has them. Rows are asked for again and again, to
/// be checked, sorted and written, so that no second copy of millions of texts is made.
package protocol RowTexts {
    var rows: Int { get }

    /// Lends the UTF-8 bytes of a row and its rank: position in the source file, from 1.
    func withRow<Result>(
        _ row: Int, _ body: (UnsafeBufferPointer<UInt8>, UInt32) throws -> Result
    ) rethrows -> Result
}

/// A list of texts on its way into the catalogue, gone through once.
struct CheckedRows<Texts: RowTexts> {
    private let texts: Texts
    let record: TextListRecord
    /// The first row whose bytes are not UTF-8.
    let malformedRow: Int?

    init(_ texts: Texts) {
        self.texts = texts
        var bytes = 0
        var malformed: Int?
        for row in 0..<texts.rows {
            texts.withRow(row) { utf8, _ in
                bytes += utf8.count
                if malformed == nil, String(validating: utf8, as: UTF8.self) == nil { malformed = row }
            }
        }
        record = TextListRecord(rows: texts.rows, bytes: bytes)
        malformedRow = malformed
    }

    /// Rows sorted by the key their text is found by, the smaller row first where a text is repeated. LMDB writes
    /// ascending keys several times faster than scattered ones.
    func inKeyOrder() -> [UInt32] {
        var plain: [UInt32] = []
        plain.reserveCapacity(texts.rows)
        // Long texts go by a stand-in, whose first byte is larger than that of any text.
        var long: [(digest: Fingerprint, row: UInt32)] = []
        for row in 0..<UInt32(texts.rows) {
            texts.withRow(Int(row)) { utf8, _ in
                if utf8.count <= CatalogueKey.longestPlainText {
                    plain.append(row)
                } else {
                    long.append((Fingerprint.of(bytes: UnsafeRawBufferPointer(utf8)), row))
                }
            }
        }
        plain.sort { a, b in
            texts.withRow(Int(a)) { x, _ in
                texts.withRow(Int(b)) { y, _ in
                    let common = min(x.count, y.count)
                    // Only an empty text has no address, and then nothing is compared.
                    if common > 0, let first = x.baseAddress, let second = y.baseAddress {
                        let order = memcmp(first, second, common)
                        if order != 0 { return order < 0 }
                    }
                    return x.count != y.count ? x.count < y.count : a < b
                }
            }
        }
        long.sort { ($0.digest, $0.row) < ($1.digest, $1.row) }
        plain += long.lazy.map(\.row)
        return plain
    }

    /// Writes the list under its name; where a text is repeated its first row is the one found.
    func write(as list: Fingerprint, keyOrder: [UInt32], _ transaction: borrowing Transaction) throws {
        let databases = transaction.databases
        try transaction.put(databases.lists, CatalogueKey.list(list), RecordCoding.encode(record))
        var value: [UInt8] = []
        try transaction.withCursor(databases.rows) { cursor in
            for row in 0..<texts.rows {
                value.removeAll(keepingCapacity: true)
                texts.withRow(row) { utf8, rank in
                    withUnsafeBytes(of: rank.littleEndian) { value.append(contentsOf: $0) }
                    value.append(contentsOf: utf8)
                }
                let key = CatalogueKey.row(UInt32(row), list: list)
                _ = try key.withUnsafeBytes { key in
                    try value.withUnsafeBytes { try cursor.put(key: key, value: $0) }
                }
            }
        }
        var key = CatalogueKey.list(list)
        try transaction.withCursor(databases.texts) { cursor in
            for row in keyOrder {
                key.removeSubrange(16...)
                texts.withRow(Int(row)) { utf8, _ in
                    if utf8.count <= CatalogueKey.longestPlainText {
                        key.append(contentsOf: utf8)
                    } else {
                        key.append(contentsOf: CatalogueKey.text(utf8))
                    }
                }
                try key.withUnsafeBytes { key in
                    _ = try withUnsafeBytes(of: row.littleEndian) {
                        try cursor.put(key: key, value: $0, overwriting: false)
                    }
                }
            }
        }
    }
}
