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
