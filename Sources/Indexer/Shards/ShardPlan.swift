import Files
import Fingerprinting
import Store

/// What is to be encoded, cut into shards: `plan.json` (docs/store.md, "Shards").
///
/// The same inputs, options and program give the same bytes, and so the same id.
struct ShardPlan: Codable, Equatable, Sendable {
    static let format = 1

    struct Checkpoint: Codable, Equatable, Sendable {
        var name: String
        /// Absolute: becomes `source` in the catalogue.
        var folder: String
        var fingerprint: Fingerprint
        /// Layers kept, ascending.
        var layers: [Int]
        var hiddenSize: Int
        /// How its texts become vectors (`CollectionRecord.pooling`).
        var wordPooling: [String: String]?
        var sentencePooling: [String: String]?
        /// Values of their vectors; nil for as many as the hidden size.
        var wordDimension: Int?
        var sentenceDimension: Int?

        func dimension(of kind: CollectionInput.Kind) -> Int {
            switch kind {
            case .words: wordDimension ?? hiddenSize
            case .sentences: sentenceDimension ?? hiddenSize
            }
        }
    }

    struct Collection: Codable, Equatable, Sendable {
        var name: String
        /// Of the texts asked for.
        var fingerprint: Fingerprint
        /// Entries asked for.
        var texts: Int
    }

    struct Input: Codable, Equatable, Sendable {
        /// With absolute paths.
        var source: InputSource
        var collections: [Collection]
    }

    struct Shard: Codable, Equatable, Sendable {
        var checkpoint: String
        /// Names of sources, in the plan's order.
        var inputs: [String]
        /// Of the distinct sequences of each source, special tokens included.
        var tokens: Int
        /// Of the layer files it will have, about.
        var bytes: Int
    }

    var format = ShardPlan.format
    var program: ProgramIdentity
    var encodingVersion = LayerFingerprint.encodingVersion
    var arithmetic: String
    var precision: String
    /// The build's options, as typed (`EncodingOptions.words`).
    var options: [String]
    /// Entries taken from the start of every vocabulary.
    var top: Int
    var skipBadLines: Bool
    var checkpoints: [Checkpoint]
    var inputs: [Input]
    var shards: [Shard]
    /// 16 hexadecimal digits: hash of the plan without it.
    var id = ""

    var computation: Computation { Computation(arithmetic: arithmetic, precision: precision) }

    /// Of the texts there are.
    var kinds: Set<CollectionInput.Kind> {
        Set(inputs.map(\.source.kind))
    }

    func checkpoint(of shard: Shard) -> Checkpoint? { checkpoints.first { $0.name == shard.checkpoint } }

    func inputs(of shard: Shard) -> [Input] {
        let names = Set(shard.inputs)
        return inputs.filter { names.contains($0.source.name) }
    }

    // MARK: Bytes

    func encoded() throws -> [UInt8] { try ShardJSON.encode(self) }

    func computedId() throws -> String {
        var plain = self
        plain.id = ""
        return try plain.encoded().withUnsafeBytes { String(Fingerprint.of(bytes: $0).hex.prefix(16)) }
    }

    /// - Parameter path: for messages.
    /// - Throws: `ShardError.damagedPlan`, `.newerPlan`.
    static func decoded(_ bytes: [UInt8], path: String) throws -> ShardPlan {
        let found: Int = try ShardJSON.decode(Format.self, bytes) {
            ShardError.damagedPlan(path: path, expected: $0, found: $1)
        }.format
        if found > format { throw ShardError.newerPlan(path: path, found: found, supported: format) }
        let plan = try ShardJSON.decode(ShardPlan.self, bytes) {
            ShardError.damagedPlan(path: path, expected: $0, found: $1)
        }
        let id = try plan.computedId()
        guard plan.id == id else {
            throw ShardError.damagedPlan(path: path, expected: "the id \(id) of its contents", found: "'\(plan.id)'")
        }
        if let problem = plan.problem {
            throw ShardError.damagedPlan(path: path, expected: problem.expected, found: problem.found)
        }
        return plan
    }

    private struct Format: Decodable { var format: Int }

    /// What contradicts itself: whoever made the id may have made anything else.
    private var problem: (expected: String, found: String)? {
        if top < 1 { return ("at least 1 entry of a vocabulary", "\(top)") }
        let names = Set(inputs.map(\.source.name))
        guard names.count == inputs.count else { return ("inputs of different names", "a name twice") }
        for input in inputs where !input.source.isWhole {
            return ("a vocabulary or a sentence set", "'\(input.source.name)' with \(input.source.files.count) files")
        }
        for shard in shards {
            guard checkpoint(of: shard) != nil else { return ("a checkpoint of the plan", "'\(shard.checkpoint)'") }
            guard !shard.inputs.isEmpty, Set(shard.inputs).isSubset(of: names) else {
                return ("inputs of the plan in each shard", shard.inputs.joined(separator: ", "))
            }
        }
        return nil
    }
}

/// Which program: a shard made by another build of it is not merged.
struct ProgramIdentity: Codable, Equatable, Sendable {
    var version: String
    /// XXH3-128 of the program's file.
    var checksum: Fingerprint

    /// "0.2.0 (0123456789ab)"
    var text: String { "\(version) (\(checksum.short))" }
}

/// Small JSON documents of plans and shards.
enum ShardJSON {
    /// Larger than a plan of 1,000 checkpoints and 1,000 languages.
    static let limit = 256 << 20

    /// The same value gives the same bytes.
    static func encode(_ value: some Encodable) throws -> [UInt8] {
        try JSONCoding.bytes(of: value, isIndented: true) + [UInt8(ascii: "\n")]
    }

    /// - Parameter refuse: makes the error of what was expected and found.
    static func decode<Value: Decodable>(
        _ type: Value.Type, _ bytes: [UInt8], refuse: (String, String) -> ShardError
    ) throws -> Value {
        do {
            return try JSONCoding.value(type, from: bytes)
        } catch {
            throw refuse("a JSON document of Polylex", JSONCoding.explanation(of: error))
        }
    }
}
