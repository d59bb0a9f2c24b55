import Files

/// How a tokenizer is put together from BERT's `vocab.txt`.
extension TokenizerAssembly {
    /// Tokenizer classes of transformers that read `vocab.txt` the way BERT does.
    private static let wordPieceClasses = [
        "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer", "ConvBertTokenizer",
        "SqueezeBertTokenizer", "LayoutLMTokenizer", "MPNetTokenizer", "PreTrainedTokenizer", "TokenizersBackend",
    ]

    /// What the configuration does not state is as in Hugging Face's `BertTokenizer` (uncased).
    /// - Parameter legacy: tokens of `added_tokens.json`.
    /// - Throws: `TokenizerError` naming the line at fault or the special token that is missing, `SystemFault`.
    init(vocabulary path: String, configuration: TokenizerConfiguration, legacy: [AddedToken]) throws {
        try Self.checkClass(configuration.tokenizerClass, path, supported: Self.wordPieceClasses)
        let pieces = try VocabularyFile.read(path)
        let unknown = configuration.unknownToken ?? "[UNK]"
        let model = try WordPieceModel(
            pieces, unknownToken: unknown, prefix: "##", characterLimit: 100, isolatesPunctuation: true, file: path)
        let names = [
            configuration.paddingToken ?? "[PAD]", unknown, configuration.startToken ?? "[CLS]",
            configuration.separatorToken ?? "[SEP]", configuration.maskToken ?? "[MASK]",
        ]
        let stated = configuration.addedTokens + legacy
        let special = names.filter { name in
            model.id(of: Array(name.utf8)) != nil && !stated.contains { $0.content.utf8.elementsEqual(name.utf8) }
        }
        self.init(
            file: path, normalizers: [BertNormalizer()], preTokenizers: [BertPreTokenizer()], model: model,
            pieceIDs: pieces.idCount, addedTokens: special.map { AddedToken(id: 0, content: $0) } + legacy,
            template: nil)
    }

    /// - Throws: `TokenizerError` for a class that reads these files otherwise; none stated is as good as the usual
    ///   one.
    static func checkClass(_ name: String?, _ path: String, supported: [String]) throws {
        guard let name else { return }
        let plain = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
        guard supported.contains(plain) else {
            throw TokenizerError.unsupported(
                file: path, found: "the tokenizer class '\(name)' (tokenizer_config.json)",
                supported: supported.joined(separator: ", "))
        }
    }
}

extension BertNormalizer {
    /// With the switches a `tokenizer_config.json` states.
    func stating(_ configuration: TokenizerConfiguration) -> BertNormalizer {
        var result = self
        if let value = configuration.lowercases { result.lowercases = value }
        if let value = configuration.separatesIdeographs { result.separatesIdeographs = value }
        if let value = configuration.stripsAccents { result.stripsAccents = value }
        return result
    }
}

/// BERT's `vocab.txt`: one piece a line, the line's number (from 0) is its id.
enum VocabularyFile {
    static let name = "vocab.txt"

    /// Reads the pieces; an empty line keeps its id and matches nothing.
    /// - Throws: `SystemFault`, `TokenizerError` naming the line that is not UTF-8.
    static func read(_ path: String) throws -> PieceList {
        let bytes = try TokenizerFile.read(path)
        var pieces = PieceList()
        try bytes.withUnsafeBufferPointer { bytes in
            if let invalid = UTF8Validation.firstInvalidOffset(in: bytes) {
                let line = bytes[..<invalid].count { $0 == 0x0A } + 1
                throw TokenizerError.malformed(
                    file: path, place: "line \(line)", expected: "UTF-8",
                    found: invalid + 4 > bytes.count ? "a character cut off at the end" : "the byte \(bytes[invalid])")
            }
            var start = 0
            while start < bytes.count {
                var end = start
                while end < bytes.count && bytes[end] != 0x0A { end += 1 }
                // A file edited on Windows has CR LF line ends.
                let contentEnd = end > start && bytes[end - 1] == 0x0D ? end - 1 : end
                pieces.append(bytes[start..<contentEnd], id: Int32(pieces.count))
                start = end + 1
            }
        }
        return pieces
    }
}
