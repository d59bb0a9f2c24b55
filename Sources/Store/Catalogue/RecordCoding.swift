import Files

/// Records as JSON with sorted keys: the same record is the same bytes.
enum RecordCoding {
    static func encode(_ record: some Encodable) throws -> [UInt8] {
        try JSONCoding.bytes(of: record)
    }

    /// - Throws: `StoreError.damagedCatalogue` naming `key`.
    static func decode<Record: Decodable>(
        _ type: Record.Type, from bytes: UnsafeRawBufferPointer, folder: String, key: @autoclosure () -> String
    ) throws -> Record {
        do {
            return try JSONCoding.value(type, from: bytes)
        } catch {
            throw StoreError.damagedCatalogue(
                folder: folder, key: key(), expected: "a JSON \(Record.self)", found: JSONCoding.explanation(of: error))
        }
    }

    /// Decodes a value and asks the record whether it is what its key and its checksum promise.
    /// - Throws: `StoreError.damagedCatalogue` naming database and key; `.damagedResult` for an evaluation result.
    static func read<Record: StoredRecord>(
        _ type: Record.Type, from bytes: UnsafeRawBufferPointer, under key: [UInt8], of database: String, folder: String
    ) throws -> Record {
        let place = "\(database) '\(CatalogueKey.readable(key))'"
        do {
            let record = try decode(type, from: bytes, folder: folder, key: place)
            guard let problem = record.problem(inBytes: bytes) ?? record.problem(underKey: key) else { return record }
            throw StoreError.damagedCatalogue(
                folder: folder, key: place, expected: problem.expected, found: problem.found)
        } catch StoreError.damagedCatalogue(_, _, let expected, let found) where type == ResultRecord.self {
            throw StoreError.damagedResult(folder: folder, key: place, expected: expected, found: found)
        }
    }
}
