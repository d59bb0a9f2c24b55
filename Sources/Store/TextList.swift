import Fingerprinting
import Glibc

/// Texts of a collection's rows, both ways. Lists are named by their content and shared by checkpoints.
///
/// Every call is a read transaction of its own; a list that `gc` collected meanwhile is an error, never an empty
/// answer.
package final class TextList: Sendable {
    package let fingerprint: Fingerprint
    package let count: Int
    private let store: Store

    init(fingerprint: Fingerprint, record: TextListRecord, store: Store) {
        self.fingerprint = fingerprint
        count = record.rows
        self.store = store
    }

    /// Of the store, for messages.
    var folder: String { store.folder }

    /// Row of a text, compared by bytes; the first one where a text occurs more than once.
    package func row(of utf8: UnsafeBufferPointer<UInt8>) throws -> Int? {
        try store.environment.read { transaction in try row(of: utf8, transaction) }
    }

    package func row(of text: String) throws -> Int? {
        var text = text
        return try text.withUTF8 { try row(of: $0) }
    }

    /// Rows of many texts, in one transaction.
    package func rows(of texts: [String]) throws -> [Int?] {
        try store.environment.read { transaction in
            try texts.map { text in
                var text = text
                return try text.withUTF8 { try row(of: $0, transaction) }
            }
        }
    }

    /// Text and frequency rank (position in the source file, from 1) of a row.
    package func entry(at row: Int) throws -> (text: String, rank: UInt32) {
        guard row >= 0, row < count, let index = UInt32(exactly: row) else {
            throw StoreError.unknownRow(list: fingerprint.short, row: row, count: count)
        }
        return try store.environment.read { transaction in
            let key = CatalogueKey.row(index, list: fingerprint)
            let entry = try transaction.withValue(transaction.databases.rows, key) { value in
                let (rank, utf8) = try self.split(value, row: row)
                return (String(decoding: utf8, as: UTF8.self), rank)
            }
            guard let entry else { throw try missingRow(row, transaction) }
            return entry
        }
    }

    /// All texts in row order, in one pass.
    package func forEach(_ body: (_ row: Int, _ utf8: UnsafeBufferPointer<UInt8>, _ rank: UInt32) throws -> Void) throws
    {
        try store.environment.read { transaction in try forEach(transaction, body) }
    }

    func forEach(
        _ transaction: borrowing Transaction,
        _ body: (_ row: Int, _ utf8: UnsafeBufferPointer<UInt8>, _ rank: UInt32) throws -> Void
    ) throws {
        var next = 0
        try transaction.forEach(transaction.databases.rows, prefix: CatalogueKey.list(fingerprint)) { key, value in
            guard key.count == 20, UInt32(bigEndian: key.loadUnaligned(fromByteOffset: 16, as: UInt32.self)) == next
            else {
                throw damaged(row: next, expected: "the next row", found: "key of \(key.count) bytes for another row")
            }
            let (rank, utf8) = try split(value, row: next)
            try body(next, utf8, rank)
            next += 1
            return true
        }
        if next != count { throw try missingRow(next, transaction) }
    }

    // MARK: Values

    func row(of utf8: UnsafeBufferPointer<UInt8>, _ transaction: borrowing Transaction) throws -> Int? {
        let key = CatalogueKey.list(fingerprint) + CatalogueKey.text(utf8)
        let found = try transaction.withValue(transaction.databases.texts, key) { value -> UInt32 in
            guard value.count == 4 else {
                throw StoreError.damagedCatalogue(
                    folder: store.folder, key: "texts \(fingerprint.short)", expected: "a row of 4 bytes",
                    found: "\(value.count) bytes")
            }
            return UInt32(littleEndian: value.loadUnaligned(as: UInt32.self))
        }
        guard let found else {
            try requireList(transaction)
            return nil
        }
        guard Int(found) < count else {
            throw damaged(row: Int(found), expected: "a row below \(count)", found: "\(found)")
        }
        if utf8.count <= CatalogueKey.longestPlainText { return Int(found) }
        // A stand-in is a hash: only the text itself tells.
        let same = try transaction.withValue(
            transaction.databases.rows, CatalogueKey.row(found, list: fingerprint)
        ) { try split($0, row: Int(found)).utf8.elementsEqual(utf8) }
        return same == true ? Int(found) : nil
    }

    private func split(_ value: UnsafeRawBufferPointer, row: Int) throws -> (
        rank: UInt32, utf8: UnsafeBufferPointer<UInt8>
    ) {
        guard value.count >= 4 else {
            throw damaged(row: row, expected: "a rank of 4 bytes and a text", found: "\(value.count) bytes")
        }
        let rank = UInt32(littleEndian: value.loadUnaligned(as: UInt32.self))
        return (rank, UnsafeRawBufferPointer(rebasing: value[4...]).assumingMemoryBound(to: UInt8.self))
    }

    private func requireList(_ transaction: borrowing Transaction) throws {
        let key = CatalogueKey.list(fingerprint)
        if try transaction.withValue(transaction.databases.lists, key, { _ in true }) == nil {
            throw StoreError.changedWhileReading(folder: store.folder, what: "text list \(fingerprint.short)")
        }
    }

    private func missingRow(_ row: Int, _ transaction: borrowing Transaction) throws -> any Error {
        try requireList(transaction)
        return damaged(row: row, expected: "\(count) rows", found: "no row \(row)")
    }

    private func damaged(row: Int, expected: String, found: String) -> StoreError {
        .damagedCatalogue(
            folder: store.folder, key: "rows \(fingerprint.short) \(row)", expected: expected, found: found)
    }
}

/// What the catalogue says about a list of texts.
struct TextListRecord: Codable, Equatable {
    var rows: Int
    /// Of all texts together.
    var bytes: Int
}

/// Names a list of texts by its content: the same texts with the same ranks in the same order have the same name.
///
/// XXH3-128 over the length of "text list 1" (u64) and these bytes, the number of rows (u64) and, for each row, the
/// length of the text (u64), its bytes and its rank (u64); numbers little-endian.
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
