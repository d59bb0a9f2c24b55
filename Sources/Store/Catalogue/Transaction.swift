import CLMDB
import Glibc

/// A running LMDB transaction, lent by `Environment.read` or `.write` to a closure.
///
/// Bytes handed to closures belong to the map and die with the call; everything returned is copied.
struct Transaction: ~Copyable {
    let handle: OpaquePointer
    let databases: Databases
    let folder: String

    init(handle: OpaquePointer, databases: Databases, folder: String) {
        self.handle = handle
        self.databases = databases
        self.folder = folder
    }

    /// Number of the state it sees.
    var number: Int { mdb_txn_id(handle) }

    /// Copies the value of a key; nil when there is none.
    func value(_ database: Database, _ key: [UInt8]) throws -> [UInt8]? {
        try withValue(database, key) { [UInt8]($0) }
    }

    /// Lends the value of a key; nil when there is none.
    func withValue<Result>(
        _ database: Database, _ key: [UInt8], _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        try key.withUnsafeBytes { try withValue(database, $0, body) }
    }

    func withValue<Result>(
        _ database: Database, _ key: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        var keyValue = MDB_val(key)
        var value = MDB_val()
        let status = mdb_get(handle, database.index, &keyValue, &value)
        // A key no database can hold is in none.
        if status == MDB_NOTFOUND || status == MDB_BAD_VALSIZE { return nil }
        guard status == 0 else { throw LMDBStatus(operation: "read from '\(database.name)'", code: status) }
        return try body(UnsafeRawBufferPointer(value))
    }

    func put(_ database: Database, _ key: [UInt8], _ value: [UInt8]) throws {
        try key.withUnsafeBytes { key in
            try value.withUnsafeBytes { value in
                var key = MDB_val(key)
                var value = MDB_val(value)
                let status = mdb_put(handle, database.index, &key, &value, 0)
                guard status == 0 else { throw LMDBStatus(operation: "write to '\(database.name)'", code: status) }
            }
        }
    }

    /// Writes a value in its place in the catalogue, without a copy of it.
    /// - Parameter fill: writes all of its bytes.
    func put(
        _ database: Database, _ key: [UInt8], byteCount: Int, _ fill: (UnsafeMutableRawBufferPointer) -> Void
    ) throws {
        try key.withUnsafeBytes { key in
            var key = MDB_val(key)
            var value = MDB_val(mv_size: byteCount, mv_data: nil)
            let status = mdb_put(handle, database.index, &key, &value, UInt32(MDB_RESERVE))
            guard status == 0 else { throw LMDBStatus(operation: "write to '\(database.name)'", code: status) }
            fill(UnsafeMutableRawBufferPointer(start: value.mv_data, count: byteCount))
        }
    }

    /// - Returns: whether there was such a key.
    @discardableResult
    func remove(_ database: Database, _ key: [UInt8]) throws -> Bool {
        try key.withUnsafeBytes { key in
            var key = MDB_val(key)
            let status = mdb_del(handle, database.index, &key, nil)
            if status == MDB_NOTFOUND { return false }
            guard status == 0 else { throw LMDBStatus(operation: "write to '\(database.name)'", code: status) }
            return true
        }
    }

    /// Removes every key that begins with `prefix`.
    func removeAll(_ database: Database, prefix: [UInt8]) throws {
        try withCursor(database) { cursor in
            while try cursor.seek(prefix, body: { key, _ in key.starts(with: prefix) }) == true {
                try cursor.removeCurrent()
            }
        }
    }

    /// Visits keys that begin with `prefix`, in byte order, until `body` returns false.
    func forEach(
        _ database: Database, prefix: [UInt8] = [],
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Bool
    ) throws {
        try withCursor(database) { cursor in
            var going = try cursor.seek(prefix) { key, value in
                key.starts(with: prefix) ? try body(key, value) : false
            }
            while going == true {
                going = try cursor.next { key, value in key.starts(with: prefix) ? try body(key, value) : false }
            }
        }
    }

    func withCursor<Result>(_ database: Database, _ body: (Cursor) throws -> Result) throws -> Result {
        var cursor: OpaquePointer?
        let status = mdb_cursor_open(handle, database.index, &cursor)
        guard status == 0, let cursor else { throw LMDBStatus(operation: "read from '\(database.name)'", code: status) }
        defer { mdb_cursor_close(cursor) }
        return try body(Cursor(handle: cursor, name: database.name))
    }
}

/// A place in a database; lives inside `Transaction.withCursor` and must not leave it. Copyable only because the
/// optimiser of Swift 6.3.1 stops on specialising closures that borrow a noncopyable value built in the call.
struct Cursor {
    fileprivate let handle: OpaquePointer
    fileprivate let name: String

    /// Goes to the first key at or after `key` (the very first for an empty one) and lends it; nil past the end.
    func seek<Result>(
        _ key: [UInt8], body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        try key.withUnsafeBytes { bytes in
            var key = MDB_val(bytes)
            return try step(bytes.isEmpty ? MDB_FIRST : MDB_SET_RANGE, &key, body)
        }
    }

    func next<Result>(
        body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        var key = MDB_val()
        return try step(MDB_NEXT, &key, body)
    }

    /// Keys given in ascending order go in faster than through `Transaction.put`.
    /// - Returns: false, changing nothing, when the key is there already and `overwriting` is false.
    @discardableResult
    func put(key: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer, overwriting: Bool = true) throws -> Bool {
        var key = MDB_val(key)
        var value = MDB_val(value)
        let status = mdb_cursor_put(handle, &key, &value, overwriting ? 0 : UInt32(MDB_NOOVERWRITE))
        if status == MDB_KEYEXIST { return false }
        guard status == 0 else { throw LMDBStatus(operation: "write to '\(name)'", code: status) }
        return true
    }

    func removeCurrent() throws {
        let status = mdb_cursor_del(handle, 0)
        guard status == 0 else { throw LMDBStatus(operation: "write to '\(name)'", code: status) }
    }

    private func step<Result>(
        _ operation: MDB_cursor_op, _ key: inout MDB_val,
        _ body: (_ key: UnsafeRawBufferPointer, _ value: UnsafeRawBufferPointer) throws -> Result
    ) throws -> Result? {
        var value = MDB_val()
        let status = mdb_cursor_get(handle, &key, &value, operation)
        if status == MDB_NOTFOUND { return nil }
        guard status == 0 else { throw LMDBStatus(operation: "read from '\(name)'", code: status) }
        return try body(UnsafeRawBufferPointer(key), UnsafeRawBufferPointer(value))
    }
}

extension MDB_val {
    fileprivate init(_ bytes: UnsafeRawBufferPointer) {
        self.init(mv_size: bytes.count, mv_data: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
    }
}

extension UnsafeRawBufferPointer {
    fileprivate init(_ value: MDB_val) { self.init(start: value.mv_data, count: value.mv_size) }
}
