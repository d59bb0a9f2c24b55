import Diagnostics
import Files
import Foundation
import Store
import Yams

/// A value of a configuration file and where it stands, so that every error names file, line and key.
struct ConfigurationValue {
    typealias Place = NightlyError.Place

    let place: Place
    private let node: Node

    /// Larger than any configuration somebody writes.
    private static let sizeLimit = 1 << 20

    private init(_ node: Node, file: String, key: String, line: Int? = nil) {
        self.node = node
        place = Place(file: file, line: line ?? node.mark?.line ?? 1, key: key)
    }

    /// - Throws: `NightlyError.unreadable`, `FileError`, `SystemFault`.
    init(file: String) throws {
        let bytes = try WholeFile.read(file, expected: "a night's configuration in YAML", limit: Self.sizeLimit)
        guard let text = String(validating: bytes, as: UTF8.self) else {
            let offset = bytes.withUnsafeBufferPointer { UTF8Validation.firstInvalidOffset(in: $0) }
            let line = offset.map { bytes[..<$0].count { $0 == 10 } + 1 }
            throw NightlyError.unreadable(file: file, line: line, problem: "a byte that is no UTF-8")
        }
        do {
            guard let root = try Parser(yaml: text).singleRoot() else {
                throw NightlyError.unreadable(file: file, line: nil, problem: "nothing but comments")
            }
            self.init(root, file: file, key: "")
        } catch let error as YamlError {
            throw Self.unreadable(error, file: file)
        }
    }

    private static func unreadable(_ error: YamlError, file: String) -> NightlyError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            // Where the unclosed thing began says more than where the file ended.
            let began = context.map { "\($0.text) (begun in line \($0.mark.line)) " } ?? ""
            return .unreadable(file: file, line: mark.line, problem: began + problem)
        case .duplicatedKeysInMapping(let duplicates, let context):
            return .unreadable(
                file: file, line: context.mark.line, problem: "given twice: \(duplicates.joined(separator: ", "))")
        default:
            return .unreadable(file: file, line: nil, problem: "\(error)")
        }
    }

    // MARK: Collections

    /// Keys that are known here; others are errors.
    /// - Throws: `NightlyError.wrongValue`, `NightlyError.unknownKey`.
    func fields(_ known: [String]) throws -> ConfigurationFields {
        var values: [String: ConfigurationValue] = [:]
        for (name, value) in try members(expected: "keys and values (\(known.joined(separator: ", ")))") {
            guard known.contains(name) else {
                throw NightlyError.unknownKey(value.place, known: known, near: NearestName.of(name, among: known))
            }
            values[name] = value
        }
        return ConfigurationFields(place: place, values: values)
    }

    /// Keys of the user's choice, in the file's order.
    func members(expected: String) throws -> [(name: String, value: ConfigurationValue)] {
        guard let mapping = node.mapping else { throw wrong(expected) }
        return try mapping.map { key, value in
            let line = key.mark?.line
            guard let name = key.scalar?.string, !name.isEmpty else {
                throw NightlyError.wrongValue(
                    Place(file: place.file, line: line ?? place.line, key: place.key), expected: "a name as a key",
                    found: Self.kind(key))
            }
            let path = place.key.isEmpty ? name : "\(place.key).\(name)"
            return (name, ConfigurationValue(value, file: place.file, key: path, line: line))
        }
    }

    /// The elements of a list; of anything else, that alone.
    var oneOrMore: [ConfigurationValue] {
        guard let sequence = node.sequence else { return [self] }
        return sequence.enumerated().map {
            ConfigurationValue($1, file: place.file, key: "\(place.key)[\($0)]")
        }
    }

    var isList: Bool { node.sequence != nil }

    // MARK: Single values

    /// As it is written: 'no' is Norwegian here and not false.
    func text(_ expected: String = "a text") throws -> String {
        guard let scalar = node.scalar, !Self.isNull(scalar) else { throw wrong(expected) }
        guard !scalar.string.utf8.contains(0) else { throw wrong("\(expected) without a zero byte") }
        return scalar.string
    }

    /// - Returns: a text that is one of these.
    func choice(_ known: [String]) throws -> String {
        let expected = "one of \(known.joined(separator: ", "))"
        let found = try text(expected)
        guard known.contains(found) else { throw wrong(expected) }
        return found
    }

    func count() throws -> Int {
        let expected = "a whole number from 1"
        guard let scalar = node.scalar, scalar.style == .plain, let number = Int(scalar.string), number > 0 else {
            throw wrong(expected)
        }
        return number
    }

    func flag() throws -> Bool {
        guard let scalar = node.scalar, scalar.style == .plain, let value = Bool(scalar.string) else {
            throw wrong("true or false")
        }
        return value
    }

    /// A file or folder that is there, relative to the current folder.
    /// - Throws: `NightlyError.missingPath` with the nearest name beside it.
    func existingPath(_ expected: String) throws -> String {
        let path = try text(expected)
        guard access(path, F_OK) != 0 else { return path }
        let url = URL(fileURLWithPath: path)
        let beside = (try? FileManager.default.contentsOfDirectory(atPath: url.deletingLastPathComponent().path)) ?? []
        let near = NearestName.of(url.lastPathComponent, among: beside.sorted())
        throw NightlyError.missingPath(place, path: path, near: near)
    }

    /// Layers as `query` takes them: numbers, ranges, or the mean of some ("0-8:mean"), or one of the words.
    func layers(words: [String]) throws -> String {
        let expected = "layers like \((words + ["0,6,12", "4-8", "0-8:mean"]).joined(separator: ", "))"
        let found = try text(expected)
        let numbers = found.hasSuffix(":mean") ? String(found.dropLast(":mean".count)) : found
        guard words.contains(found) || (numbers != "all" && LayerSelection(argument: numbers) != nil) else {
            throw wrong(expected)
        }
        return found
    }

    private func wrong(_ expected: String) -> NightlyError {
        .wrongValue(place, expected: expected, found: Self.kind(node))
    }

    private static func isNull(_ scalar: Node.Scalar) -> Bool {
        scalar.style == .plain && ["", "~", "null"].contains(scalar.string)
    }

    private static func kind(_ node: Node) -> String {
        switch node {
        case .mapping: "keys and values"
        case .sequence: "a list"
        case .scalar(let scalar): isNull(scalar) ? "nothing" : "'\(scalar.string.prefix(60))'"
        case .alias: "an alias"
        }
    }
}

/// The keys of one place of a configuration file.
struct ConfigurationFields {
    let place: NightlyError.Place
    fileprivate let values: [String: ConfigurationValue]

    subscript(_ name: String) -> ConfigurationValue? { values[name] }

    /// - Throws: `NightlyError.missingKey`.
    func required(_ name: String, _ expected: String) throws -> ConfigurationValue {
        guard let value = values[name] else { throw NightlyError.missingKey(place, key: name, expected: expected) }
        return value
    }
}
