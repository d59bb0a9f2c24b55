import Files

/// Hugging Face's `tokenizer.json`: one file that defines a fast tokenizer.
struct TokenizerJSON {
    static let fileName = "tokenizer.json"

    let path: String
    private(set) var addedTokens: [AddedToken] = []
    private(set) var normalizer = JSONValue.null
    private(set) var preTokenizer = JSONValue.null
    private(set) var postProcessor = JSONValue.null
    private(set) var modelType: String?
    /// Members of `model` other than its vocabulary and merges.
    private(set) var model: [String: JSONValue] = [:]
    private(set) var pieces = PieceList()
    /// Whether `vocab` is an array of pieces with scores (Unigram).
    private(set) var hasScoredPieces = false
    /// BPE's merges, two entries each; `hasMerges` even if there are none.
    private(set) var merges = PieceList()
    private(set) var hasMerges = false

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
                    hasScoredPieces = true
                    try readScoredPieces(&reader)
                } else {
                    try readNumberedPieces(&reader)
                }
            case "merges": try readMerges(&reader)
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

    /// BPE: `["a b", …]`, or `[["a", "b"], …]` since release 0.20 of the library.
    private mutating func readMerges(_ reader: inout JSONReader) throws {
        hasMerges = true
        var piece: [UInt8] = []
        try reader.array { reader, index in
            if reader.peek() == UInt8(ascii: "[") {
                var count = 0
                try reader.array { reader, _ in
                    try reader.string(into: &piece)
                    merges.append(piece, id: 0)
                    count += 1
                }
                guard count == 2 else { throw reader.error(expected: "a pair of pieces", found: "\(count) of them") }
                return
            }
            try reader.string(into: &piece)
            if piece.starts(with: MergesFile.version) { return }
            guard MergesFile.append(piece[...], to: &merges) else {
                throw reader.error(expected: "two pieces and a space between them", found: "merge \(index)")
            }
        }
    }

    /// The folder's tokenizer.
    /// - Throws: `TokenizerError` naming the key at fault.
    func tokenizer(configuration: TokenizerConfiguration) throws -> any Tokenizer {
        func step(_ key: String, _ value: JSONValue) -> StepDescription {
            StepDescription(value: value, place: "key \(key)", file: path)
        }
        let preTokenizers = try step("pre_tokenizer", preTokenizer).preTokenizers()
        let normalization = step("normalizer", normalizer)
        let assembly = TokenizerAssembly(
            file: path, normalizers: try normalization.normalizers(), hasLowercase: try normalization.hasLowercase(),
            preTokenizers: preTokenizers, model: try segmentationModel(behind: preTokenizers),
            pieceIDs: pieces.idCount, addedTokens: addedTokens,
            template: try step("post_processor", postProcessor).sequenceTemplate())
        return try assembly.tokenizer(configuration)
    }
}
