#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Records of our own as JSON and back, by Swift's `Codable`: their fields are listed once, in their type.
///
/// Foundation has the only coders for `Codable`, so they are used here, and here alone; what others wrote is read key
/// by key with `JSONReader`.
package enum JSONCoding {
    /// Keys sorted: the same value gives the same bytes.
    /// - Parameter isIndented: a line for each key, for files that people read too.
    package static func bytes(of value: some Encodable, isIndented: Bool = false) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if isIndented { encoder.outputFormatting.insert(.prettyPrinted) }
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return [UInt8](try encoder.encode(value))
    }

    /// - Throws: what `explanation` explains.
    package static func value<Value: Decodable>(_ type: Value.Type, from bytes: some Sequence<UInt8>) throws -> Value {
        let decoder = JSONDecoder()
        decoder.nonConformingFloatDecodingStrategy = .convertFromString(
            positiveInfinity: "Infinity", negativeInfinity: "-Infinity", nan: "NaN")
        return try decoder.decode(type, from: Data(bytes))
    }

    /// What was found in the place of a value, for messages.
    package static func explanation(of error: any Error) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.isEmpty ? "" : " at \(context.codingPath.map(\.stringValue).joined(separator: "."))"
        }
        return switch error {
        case DecodingError.keyNotFound(let key, let context): "no key '\(key.stringValue)'\(path(context))"
        case DecodingError.typeMismatch(_, let context): "a value of another type\(path(context))"
        case DecodingError.valueNotFound(_, let context): "null\(path(context))"
        case DecodingError.dataCorrupted(let context): "\(context.debugDescription)\(path(context))"
        default: "\(error)"
        }
    }
}
