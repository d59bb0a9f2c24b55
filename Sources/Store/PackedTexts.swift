import Fingerprinting
import Glibc

/// Texts and ranks of a list in one buffer, on their way into the catalogue.
struct PackedTexts {
    /// Byte strings end to end.
    private struct Strings {
        var bytes: [UInt8] = []
        var ends: [Int] = []

        mutating func append(_ string: some Collection<UInt8>) {
            bytes.append(contentsOf: string)
            ends.append(bytes.count)
        }

        func range(_ place: Int) -> Range<Int> { (place == 0 ? 0 : ends[place - 1])..<ends[place] }
    }

    private var texts = Strings()
    /// What each text is found by in `texts`.
    private var keys = Strings()
    private var ranks: [UInt32] = []

    var count: Int { ranks.count }
    var record: TextListRecord { TextListRecord(rows: count, bytes: texts.bytes.count) }
    /// The first row whose bytes are not UTF-8.
    private(set) var malformedRow: Int?

    /// - Parameter rowTexts: calls its argument once per row.
    init(filledBy rowTexts: (_ append: (UnsafeBufferPointer<UInt8>, UInt32) throws -> Void) throws -> Void) throws {
        var packed = PackedTexts()
        try rowTexts { utf8, rank in packed.append(utf8, rank) }
        self = packed
    }

    private init() {}

    private mutating func append(_ utf8: UnsafeBufferPointer<UInt8>, _ rank: UInt32) {
        if malformedRow == nil, String(validating: utf8, as: UTF8.self) == nil { malformedRow = count }
        texts.append(utf8)
        if utf8.count <= CatalogueKey.longestPlainText {
            keys.append(utf8)
        } else {
            keys.append(CatalogueKey.text(utf8))
        }
        ranks.append(rank)
    }

    /// Rows sorted by their key, the smaller row first where a text is repeated. LMDB writes ascending keys several
    /// times faster than scattered ones.
    func rowsInKeyOrder() -> [UInt32] {
        let keys = keys
        return keys.bytes.withUnsafeBytes { all in
            (0..<UInt32(count)).sorted { a, b in
                let (x, y) = (keys.range(Int(a)), keys.range(Int(b)))
                let common = min(x.count, y.count)
                // Only an empty buffer has no address, and then nothing is compared.
                if common > 0, let base = all.baseAddress {
                    let order = memcmp(base + x.lowerBound, base + y.lowerBound, common)
                    if order != 0 { return order < 0 }
                }
                return x.count != y.count ? x.count < y.count : a < b
            }
        }
    }

    /// Writes the list under its name; where a text is repeated its first row is the one found.
    func write(as list: Fingerprint, keyOrder: [UInt32], _ transaction: borrowing Transaction) throws {
        let databases = transaction.databases
        try transaction.put(databases.lists, CatalogueKey.list(list), RecordCoding.encode(record))
        var value: [UInt8] = []
        try transaction.withCursor(databases.rows) { cursor in
            for row in 0..<count {
                value.removeAll(keepingCapacity: true)
                withUnsafeBytes(of: ranks[row].littleEndian) { value.append(contentsOf: $0) }
                value.append(contentsOf: texts.bytes[texts.range(row)])
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
                key.append(contentsOf: keys.bytes[keys.range(Int(row))])
                try key.withUnsafeBytes { key in
                    _ = try withUnsafeBytes(of: row.littleEndian) {
                        try cursor.put(key: key, value: $0, overwriting: false)
                    }
                }
            }
        }
    }
}
