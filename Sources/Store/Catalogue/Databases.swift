import CLMDB
import Glibc

/// A named database of the catalogue.
struct Database: Sendable {
    let name: String
    let index: MDB_dbi
}

/// The named databases of the catalogue (docs/store.md). Opened once per environment; creating them and writing the
/// format version happen in one transaction, so a catalogue either has all of them or is not a store yet.
struct Databases: Sendable {
    static let formatVersion = 2

    /// "format" → format version; "created" → seconds since 1970; "created_by" → program.
    let meta: Database
    /// checkpoint → JSON `CheckpointRecord`
    let checkpoints: Database
    /// checkpoint NUL collection → JSON `CollectionRecord`
    let collections: Database
    /// checkpoint NUL collection NUL two-digit layer → JSON `LayerRecord`
    let layers: Database
    /// list id (16 bytes) → JSON `TextListRecord`
    let lists: Database
    /// list id, row (u32 big-endian) → rank (u32 little-endian), text
    let rows: Database
    /// list id, text or its stand-in → row (u32 little-endian)
    let texts: Database
    /// XXH3-128 of the value (16 bytes) → 16 bytes per row
    let sequences: Database?
    /// checkpoint NUL collection → 16 bytes per row, as format 1 kept them
    let digests: Database
    /// task NUL fingerprint (32 hexadecimal digits) → JSON `ResultRecord`
    let results: Database
    /// task NUL fingerprint → `ResultOutcomes`; nil in a store of an earlier version that is open for reading
    let outcomes: Database?

    /// - Throws: `LMDBStatus`; `StoreError.notAStore`, `.newerFormat`, `.damagedCatalogue`.
    init(folder: String, transaction: OpaquePointer, create: Bool) throws {
        func open(_ name: String) throws -> Database {
            var index: MDB_dbi = 0
            let status = mdb_dbi_open(transaction, name, create ? UInt32(MDB_CREATE) : 0, &index)
            if status == MDB_NOTFOUND { throw StoreError.notAStore(folder: folder) }
            guard status == 0 else { throw LMDBStatus(operation: "open database '\(name)'", code: status) }
            return Database(name: name, index: index)
        }
        // Before anything else is opened or created: a later format may have other databases.
        meta = try open("meta")
        try Self.checkFormat(folder: folder, transaction: transaction, meta: meta, create: create)
        checkpoints = try open("checkpoints")
        collections = try open("collections")
        layers = try open("layers")
        lists = try open("lists")
        rows = try open("rows")
        texts = try open("texts")
        digests = try open("digests")
        results = try open("results")
        // Later than the first stores; what is open for writing has them.
        do { outcomes = try open("outcomes") } catch StoreError.notAStore { outcomes = nil }
        do { sequences = try open("sequences") } catch StoreError.notAStore { sequences = nil }
    }

    private static func checkFormat(folder: String, transaction: OpaquePointer, meta: Database, create: Bool) throws {
        guard let found = try metaText("format", transaction: transaction, meta: meta) else {
            guard create else { throw StoreError.notAStore(folder: folder) }
            try putMeta("format", String(formatVersion), transaction: transaction, meta: meta)
            try putMeta("created", String(time(nil)), transaction: transaction, meta: meta)
            try putMeta("created_by", "polylex", transaction: transaction, meta: meta)
            return
        }
        guard let version = Int(found), version > 0 else {
            throw StoreError.damagedCatalogue(
                folder: folder, key: "meta 'format'", expected: "a version number", found: "'\(found)'")
        }
        if version > formatVersion {
            throw StoreError.newerFormat(folder: folder, found: String(version), supported: formatVersion)
        }
        // What is written from now on a program of an earlier format would take for damage.
        if create, version < formatVersion {
            try putMeta("format", String(formatVersion), transaction: transaction, meta: meta)
        }
    }

    private static func metaText(_ key: String, transaction: OpaquePointer, meta: Database) throws -> String? {
        var key = Array(key.utf8)
        return try key.withUnsafeMutableBytes { bytes in
            var keyValue = MDB_val(mv_size: bytes.count, mv_data: bytes.baseAddress)
            var value = MDB_val()
            let status = mdb_get(transaction, meta.index, &keyValue, &value)
            if status == MDB_NOTFOUND { return nil }
            guard status == 0 else { throw LMDBStatus(operation: "read from 'meta'", code: status) }
            return String(decoding: UnsafeRawBufferPointer(start: value.mv_data, count: value.mv_size), as: UTF8.self)
        }
    }

    private static func putMeta(_ key: String, _ value: String, transaction: OpaquePointer, meta: Database) throws {
        var key = Array(key.utf8)
        var value = Array(value.utf8)
        try key.withUnsafeMutableBytes { keyBytes in
            try value.withUnsafeMutableBytes { valueBytes in
                var keyValue = MDB_val(mv_size: keyBytes.count, mv_data: keyBytes.baseAddress)
                var value = MDB_val(mv_size: valueBytes.count, mv_data: valueBytes.baseAddress)
                let status = mdb_put(transaction, meta.index, &keyValue, &value, 0)
                guard status == 0 else { throw LMDBStatus(operation: "write to 'meta'", code: status) }
            }
        }
    }
}
