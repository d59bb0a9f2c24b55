import Foundation
import TestSupport
import Testing

@testable import Store

/// Two stores, record by record and file by file: the same but for when things were made.
enum StoreComparison {
    /// Every record of the catalogue: "database key" → value as readable text.
    static func records(_ folder: String) throws -> [String: String] {
        let store = try Store.open(folder, mode: .read)
        return try store.environment.read { transaction in
            let databases = transaction.databases
            var result: [String: String] = [:]
            let all = [
                databases.meta, databases.checkpoints, databases.collections, databases.layers, databases.lists,
                databases.rows, databases.texts, databases.digests, databases.results,
            ]
            for database in all + [databases.outcomes, databases.sequences].compactMap({ $0 }) {
                try transaction.forEach(database) { key, value in
                    let name = "\(database.name) \(key.map { String($0, radix: 16) }.joined(separator: " "))"
                    var text = value.map { String($0, radix: 16) }.joined(separator: " ")
                    if database.name == "layers" {
                        var record = try #require(
                            try JSONSerialization.jsonObject(with: Data(value)) as? [String: Any])
                        #expect(record.removeValue(forKey: "created") is Double)
                        text = String(
                            decoding: try JSONSerialization.data(withJSONObject: record, options: .sortedKeys),
                            as: UTF8.self)
                    }
                    if database.name == "meta", Data(key) == Data("created".utf8) { text = "some time" }
                    result[name] = text
                    return true
                }
            }
            return result
        }
    }

    static func expectSame(_ one: String, _ other: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let (first, second) = (try records(one), try records(other))
        #expect(first.count > 100, sourceLocation: sourceLocation)
        #expect(Set(first.keys) == Set(second.keys), sourceLocation: sourceLocation)
        let differing = first.filter { second[$0.key] != $0.value }.keys.sorted()
        #expect(differing.isEmpty, sourceLocation: sourceLocation)
        let (files, others) = (
            TemporaryFolder.files(in: one + "/data", ending: ""), TemporaryFolder.files(in: other + "/data", ending: "")
        )
        #expect(!files.isEmpty, sourceLocation: sourceLocation)
        #expect(files == others, sourceLocation: sourceLocation)
    }
}
