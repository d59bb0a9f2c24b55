#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Records as JSON with sorted keys: the same record is the same bytes.
enum RecordCoding {
    static func encode(_ record: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return [UInt8](try encoder.encode(record))
    }

    /// - Throws: `StoreError.damagedCatalogue` naming `key`.
    static func decode<Record: Decodable>(
        _ type: Record.Type, from bytes: UnsafeRawBufferPointer, folder: String, key: @autoclosure () -> String
    ) throws -> Record {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        do {
            return try decoder.decode(type, from: Data(bytes))
        } catch {
            throw StoreError.damagedCatalogue(
                folder: folder, key: key(), expected: "a JSON \(Record.self)", found: Self.explain(error))
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

    private static func explain(_ error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : " at \(context.codingPath.map(\.stringValue).joined(separator: "."))"
        }
        return switch error {
        case DecodingError.keyNotFound(let key, _): "no field '\(key.stringValue)'"
        case DecodingError.typeMismatch(_, let context): "a value of another type\(path(context))"
        case DecodingError.valueNotFound(_, let context): "null\(path(context))"
        case DecodingError.dataCorrupted(let context): "\(context.debugDescription)\(path(context))"
        default: "\(error)"
        }
    }
}
