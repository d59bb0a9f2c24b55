import Files

/// How the model of a `tokenizer.json` is read.
extension TokenizerJSON {
    /// What the file says, or what its members tell: the library's first releases wrote no "type".
    var modelKind: String? {
        if let modelType { return modelType }
        if hasMerges && !hasScoredPieces { return "BPE" }
        if hasScoredPieces { return "Unigram" }
        let wordPiece = ["unk_token", "continuing_subword_prefix", "max_input_chars_per_word"]
        if wordPiece.allSatisfy({ model[$0] != nil }) { return "WordPiece" }
        return model["unk_token"] != nil ? "WordLevel" : nil
    }

    /// - Parameter preTokenizers: which parts the model will see.
    /// - Throws: `TokenizerError` naming the key at fault.
    func segmentationModel(behind preTokenizers: [any PreTokenizer]) throws -> any SegmentationModel {
        let settings = StepDescription(
            value: .object(model.map { .init(key: $0.key, value: $0.value) }), place: "key model", file: path)
        switch modelKind {
        case "WordPiece": return try wordPiece(behind: preTokenizers)
        case "Unigram": return try unigram(settings)
        case "BPE": return try bytePairs(settings)
        case "WordLevel":
            return try WordLevelModel(pieces, unknownToken: model["unk_token"]?.string ?? "<unk>", file: path)
        case let kind:
            throw TokenizerError.unsupported(
                file: path,
                found: kind.map { "the model '\($0)' (key model.type)" } ?? "a model of no known shape (key model)",
                supported: "WordPiece, Unigram, BPE, WordLevel")
        }
    }

    private func wordPiece(behind preTokenizers: [any PreTokenizer]) throws -> WordPieceModel {
        let limit = model["max_input_chars_per_word"]?.integer ?? 100
        guard limit >= 0 && limit <= 1 << 20 else {
            throw TokenizerError.tooLarge(
                file: path, what: "key model.max_input_chars_per_word", size: UInt64(max(limit, 0)), limit: 1 << 20)
        }
        return try WordPieceModel(
            pieces, unknownToken: model["unk_token"]?.string ?? "[UNK]",
            prefix: model["continuing_subword_prefix"]?.string ?? "##", characterLimit: limit,
            isolatesPunctuation: preTokenizers.last is BertPreTokenizer, file: path)
    }

    private func unigram(_ settings: StepDescription) throws -> UnigramModel {
        guard pieces.scores.count == pieces.count else {
            throw TokenizerError.malformed(
                file: path, place: "key model.vocab", expected: "an array of pieces with scores", found: "an object")
        }
        guard let unknown = model["unk_id"]?.integer, unknown >= 0, unknown < pieces.count else {
            throw settings.malformed("unk_id", "an id below \(pieces.count)")
        }
        return try UnigramModel(
            pieces, unknown: Int32(unknown), fallsBackToBytes: try settings.bool("byte_fallback", or: false), file: path
        )
    }

    private func bytePairs(_ settings: StepDescription) throws -> BytePairModel {
        guard pieces.scores.isEmpty else {
            throw TokenizerError.malformed(
                file: path, place: "key model.vocab", expected: "an object of pieces and ids", found: "an array")
        }
        guard hasMerges else { throw settings.malformed("merges", "an array of merges") }
        // Dropout at use would give other ids at every call; files of trained models have null or 0.
        if let dropout = model["dropout"]?.double, dropout != 0 {
            throw TokenizerError.unsupported(
                file: path, found: "key model.dropout of \(dropout)", supported: "null or 0; set it so")
        }
        func text(_ key: String) throws -> String? {
            guard let value = model[key], !value.isNull else { return nil }
            return try settings.string(key)
        }
        return try BytePairModel(
            pieces, merges: merges,
            settings: BytePairModel.Settings(
                unknownToken: try text("unk_token"),
                continuingPrefix: Array((try text("continuing_subword_prefix") ?? "").utf8),
                endSuffix: Array((try text("end_of_word_suffix") ?? "").utf8),
                fusesUnknown: try settings.bool("fuse_unk", or: false),
                fallsBackToBytes: try settings.bool("byte_fallback", or: false),
                ignoresMerges: try settings.bool("ignore_merges", or: false)),
            file: path)
    }
}
