import Foundation

@testable import Encoder

/// Small tokenizers and Hugging Face's ids, made by tools/goldens/make-tokenizer-goldens.
enum TokenizerFixtures {
    static let folder = Fixtures.folder + "/tokenizers"

    struct Line: Sendable, Decodable {
        let text: String
        let pair: String?
        let ids: [Int32]
        let types: [Int32]?

        enum CodingKeys: String, CodingKey {
            case text, pair, ids
            case types = "type_ids"
        }
    }

    /// Reads `{"text", "ids"}` and `{"text", "pair", "ids", "type_ids"}` lines.
    static func lines(_ path: String) throws -> [Line] {
        // JSONSerialization would drop a U+FEFF at the beginning of a string.
        let decoder = JSONDecoder()
        return try Data(contentsOf: URL(fileURLWithPath: path)).split(separator: 0x0A).map {
            try decoder.decode(Line.self, from: $0)
        }
    }

    /// A fresh folder with some of a fixture's files.
    static func folder(_ name: String, _ files: [String]) throws -> String {
        let target = try Fixtures.temporaryFolder()
        for file in files {
            try FileManager.default.copyItem(atPath: "\(folder)/\(name)/\(file)", toPath: "\(target)/\(file)")
        }
        return target
    }

    /// A fresh folder with a base's tokenizer.json, some members of it replaced as shapes/NAME/patch.json says.
    static func shape(_ name: String) throws -> String {
        func object(_ path: String) throws -> [String: Any] {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(path)"))
            guard let object = try JSONSerialization.jsonObject(with: data) as? [String: Any] else {
                throw CocoaError(.fileReadCorruptFile)
            }
            return object
        }
        let shape = try object("shapes/\(name)/patch.json")
        guard let base = shape["base"] as? String, let patch = shape["patch"] as? [String: Any] else {
            throw CocoaError(.fileReadCorruptFile)
        }
        var document = try object("\(base)/tokenizer.json").merging(patch) { $1 }
        guard var model = document["model"] as? [String: Any] else { throw CocoaError(.fileReadCorruptFile) }
        if let settings = shape["model"] as? [String: Any] { model.merge(settings) { $1 } }
        if shape["untyped"] != nil { model["type"] = nil }
        if shape["byte_pieces"] != nil {
            let pieces = (0..<256).map { [String(format: "<0x%02X>", $0), -20.0] as [Any] }
            model["vocab"] = (model["vocab"] as? [Any] ?? []) + pieces
            model["byte_fallback"] = true
        }
        if shape["legacy_merges"] != nil {
            model["merges"] = (model["merges"] as? [[String]] ?? []).map { $0.joined(separator: " ") }
        }
        document["model"] = model
        return try folder(["tokenizer.json": [UInt8](JSONSerialization.data(withJSONObject: document))])
    }

    /// A fresh folder with the given contents.
    static func folder(_ contents: [String: [UInt8]]) throws -> String {
        let target = try Fixtures.temporaryFolder()
        for (name, bytes) in contents { try Data(bytes).write(to: URL(fileURLWithPath: "\(target)/\(name)")) }
        return target
    }

    static func folder(text contents: [String: String]) throws -> String {
        try folder(contents.mapValues { Array($0.utf8) })
    }
}

extension Tokenizer {
    /// Ids with special tokens, as Hugging Face's `encode` gives them.
    func encoded(_ text: String) -> [Int32] {
        specialTokens.template.before + subwords(text) + specialTokens.template.after
    }
}
