import Foundation

/// The keys of a `config.json`, each read with its bounds.
struct ConfigurationTable {
    /// No checkpoint in use comes near it; a larger number is damage or malice.
    private static let maximumExtent = 10_000_000

    let path: String
    let table: [String: Any]

    func fault(_ key: String, expected: String) -> CheckpointError {
        let found = table[key].map { $0 is String ? "\"\($0)\"" : $0 is NSNull ? "null" : "\($0)" } ?? "missing"
        return .configurationKey(path: path, key: key, expected: expected, found: found)
    }

    func string(_ key: String, expected: String) throws -> String {
        guard let value = table[key] as? String else { throw fault(key, expected: expected) }
        return value
    }

    func extent(
        _ key: String, minimum: Int = 1, maximum: Int = Self.maximumExtent, absent: Int? = nil
    ) throws -> Int {
        if table[key] == nil, let absent { return absent }
        guard let number = table[key] as? NSNumber, let value = Int(exactly: number.doubleValue),
            (minimum...maximum).contains(value)
        else {
            throw fault(key, expected: minimum == maximum ? "\(minimum)" : "an integer from \(minimum) to \(maximum)")
        }
        return value
    }

    func fraction(_ key: String, absent: Float) throws -> Float {
        guard let found = table[key] else { return absent }
        guard let number = found as? NSNumber, (0..<1).contains(number.doubleValue) else {
            throw fault(key, expected: "a number from 0 to below 1")
        }
        return number.floatValue
    }

    func flag(_ key: String, absent: Bool = false) throws -> Bool {
        guard let found = table[key] else { return absent }
        guard let value = found as? Bool else { throw fault(key, expected: "true or false") }
        return value
    }

    /// Null is as good as missing.
    func requireDefault(_ key: String, _ value: String) throws {
        guard let found = table[key], !(found is NSNull) else { return }
        guard found as? String == value else {
            throw fault(key, expected: "\"\(value)\" (the only kind Polylex computes)")
        }
    }
}
