import Files

/// A small JSON file of a checkpoint folder whose top is an object: its keys, each read with its bounds.
struct ConfigurationTable {
    /// No checkpoint in use comes near it; a larger number is damage or malice.
    private static let maximumExtent = 10_000_000

    let path: String
    private let object: JSONValue

    /// - Throws: `CheckpointError.malformedJSON`; `FileError`, `SystemFault`.
    init(reading path: String) throws { try self.init(Self.document(path), path: path) }

    /// - Throws: `CheckpointError.malformedJSON` for anything but an object.
    init(_ document: JSONValue, path: String) throws {
        guard document.members != nil else {
            throw CheckpointError.malformedJSON(
                path: path, reason: "expected an object at the top, found \(document.kind)")
        }
        self.path = path
        object = document
    }

    /// Any JSON file of a checkpoint folder as a tree.
    /// - Throws: as `init(reading:)`.
    static func document(_ path: String, limit: Int = ConfigurationFile.maximumBytes) throws -> JSONValue {
        let contents = try RegularFile(reading: path).contents(limit: limit)
        try ContentKind.refuseForeign(contents, path: path)
        return try document(contents, path: path)
    }

    /// - Throws: `CheckpointError.malformedJSON`.
    static func document(_ contents: [UInt8], path: String) throws -> JSONValue {
        do {
            return try contents.withUnsafeBufferPointer { try JSONReader.read($0, path: path) { try $0.value() } }
        } catch FileError.malformed(_, let place, let expected, let found, _) {
            throw CheckpointError.malformedJSON(path: path, reason: "\(place): expected \(expected), found \(found)")
        }
    }

    /// nil where the key is missing, `.null` where null is stated.
    subscript(key: String) -> JSONValue? { object[key] }

    /// nil where the key is missing, or null.
    func stated(_ key: String) -> JSONValue? { self[key].flatMap { $0.isNull ? nil : $0 } }

    func fault(_ key: String, expected: String) -> CheckpointError {
        .configurationKey(path: path, key: key, expected: expected, found: Self.text(self[key]))
    }

    /// For messages: the value as JSON, or "missing".
    static func text(_ value: JSONValue?) -> String {
        guard let text = value?.line else { return "missing" }
        return text.count > 200 ? text.prefix(200) + "…" : text
    }

    func string(_ key: String, expected: String) throws -> String {
        guard let value = self[key]?.string else { throw fault(key, expected: expected) }
        return value
    }

    func extent(
        _ key: String, minimum: Int = 1, maximum: Int = Self.maximumExtent, absent: Int? = nil
    ) throws -> Int {
        if self[key] == nil, let absent { return absent }
        guard let value = self[key]?.integer, (minimum...maximum).contains(value) else {
            throw fault(key, expected: minimum == maximum ? "\(minimum)" : "an integer from \(minimum) to \(maximum)")
        }
        return value
    }

    func fraction(_ key: String, absent: Float) throws -> Float {
        guard let found = self[key] else { return absent }
        guard let number = found.double, (0..<1).contains(number) else {
            throw fault(key, expected: "a number from 0 to below 1")
        }
        return Float(number)
    }

    func flag(_ key: String, absent: Bool = false) throws -> Bool {
        guard let found = self[key] else { return absent }
        guard let value = found.bool else { throw fault(key, expected: "true or false") }
        return value
    }

    /// Null is as good as missing.
    func requireDefault(_ key: String, _ value: String) throws {
        guard let found = stated(key) else { return }
        guard found.string == value else {
            throw fault(key, expected: "\"\(value)\" (the only kind Polylex computes)")
        }
    }
}
