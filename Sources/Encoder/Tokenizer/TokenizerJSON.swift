import Files

/// Hugging Face's `tokenizer.json`: one file that defines a fast tokenizer.
struct TokenizerJSON {
    static let fileName = "tokenizer.json"

    let path: String
    private(set) var addedTokens: [AddedToken] = []
    private(set) var normalizer = JSONTree.null
    private(set) var preTokenizer = JSONTree.null
    private(set) var postProcessor = JSONTree.null
    private(set) var modelType: String?
    /// Members of `model` other than its vocabulary and merges.
    private(set) var model: [String: JSONTree] = [:]
    private(set) var pieces = PieceList()

    /// - Throws: `SystemFault`, `TokenizerError` naming the key at fault.
    init(path: String) throws {
        self = try JSONReader.read(path) { try TokenizerJSON(path: path, reader: &$0) }
    }

    private init(path: String, reader: inout JSONReader) throws {
        self.path = path
        var hasModel = false
        try reader.object { reader, key in
            switch key {
            case "added_tokens": try readAddedTokens(&reader)
            case "normalizer": normalizer = try reader.value()
            case "pre_tokenizer": preTokenizer = try reader.value()
            case "post_processor": postProcessor = try reader.value()
            case "model":
                hasModel = true
                try readModel(&reader)
            default: _ = try reader.value()
            }
        }
        guard hasModel else {
            throw TokenizerError.malformed(file: path, place: "key model", expected: "an object", found: "nothing")
        }
    }

    private mutating func readAddedTokens(_ reader: inout JSONReader) throws {
        try reader.array { reader, index in
            let value = try reader.value()
            let place = "key added_tokens.\(index)"
            guard let id = value["id"]?.integer.flatMap({ Int32(exactly: $0) }), id >= 0, id < Int32.max else {
                throw TokenizerError.malformed(
                    file: path, place: "\(place).id", expected: "an id", found: value["id"]?.kind ?? value.kind)
            }
            addedTokens.append(try AddedToken(value, id: id, file: path, place: place))
        }
    }

    private mutating func readModel(_ reader: inout JSONReader) throws {
        try reader.object { reader, key in
            switch key {
            case "type": modelType = try reader.value().string
            case "vocab":
                if reader.peek() == UInt8(ascii: "[") {
                    try readScoredPieces(&reader)
                } else {
                    try readNumberedPieces(&reader)
                }
            case "merges": try reader.array { reader, _ in _ = try reader.value() }
            default: model[key] = try reader.value()
            }
        }
    }

    /// WordPiece: `{"piece": id, …}`.
    private mutating func readNumberedPieces(_ reader: inout JSONReader) throws {
        try reader.entries { reader, piece in
            let id = try reader.integer()
            guard let id = Int32(exactly: id), id >= 0, id < Int32.max else {
                throw reader.error(expected: "an id", found: "\(id)")
            }
            pieces.append(piece, id: id)
        }
    }

    /// Unigram: `[["piece", score], …]`, ids in order.
    private mutating func readScoredPieces(_ reader: inout JSONReader) throws {
        var piece: [UInt8] = []
        try reader.array { reader, index in
            var fields = 0
            var score = 0.0
            try reader.array { reader, field in
                switch field {
                case 0: try reader.string(into: &piece)
                case 1: score = try reader.double()
                default: throw reader.error(expected: "a piece and its score")
                }
                fields += 1
            }
            guard fields == 2, let id = Int32(exactly: index) else {
                throw reader.error(expected: "a piece and its score", found: "\(fields) values in entry \(index)")
            }
            pieces.append(piece, id: id, score: score)
        }
    }

    func tokenizer(configuration: TokenizerConfiguration) throws -> any Tokenizer {
        switch modelType {
        case "WordPiece": return try WordPieceTokenizer(self, configuration: configuration)
        case "Unigram": return try UnigramTokenizer(self, configuration: configuration)
        case let type:
            throw TokenizerError.unsupported(
                file: path, found: type.map { "the model '\($0)' (key model.type)" } ?? "a model without type",
                supported: "WordPiece, Unigram")
        }
    }

    /// Added tokens of both files; tokenizer.json has the say on what it names.
    func allAddedTokens(_ configuration: TokenizerConfiguration) -> [AddedToken] {
        addedTokens + configuration.addedTokens.filter { extra in !addedTokens.contains { $0.id == extra.id } }
    }

    /// One more than the highest id.
    var vocabularySize: Int {
        Int(max(pieces.ids.max() ?? -1, addedTokens.map(\.id).max() ?? -1)) + 1
    }

    func id(of token: String) throws -> Int32 {
        guard let id = addedTokens.last(where: { $0.content.utf8.elementsEqual(token.utf8) })?.id ?? pieces.id(of: token)
        else { throw TokenizerError.missingToken(file: path, token: token) }
        return id
    }

    func unsupported(_ key: String, _ value: JSONTree, supported: String) -> TokenizerError {
        .unsupported(
            file: path, found: "the \(key) \(value["type"]?.string.map { "'\($0)'" } ?? value.kind)", supported: supported)
    }
}
