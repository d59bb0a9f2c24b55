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
