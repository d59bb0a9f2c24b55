/// How a tokenizer is put together from RoBERTa's `vocab.json` and `merges.txt`.
extension TokenizerAssembly {
    private static let bytePairClasses = ["RobertaTokenizer", "PreTrainedTokenizer", "TokenizersBackend"]

    /// As Hugging Face's `RobertaTokenizer`.
    /// - Throws: `TokenizerError` naming the line or key at fault, `SystemFault`.
    init(vocabulary path: String, merges: String, configuration: TokenizerConfiguration, legacy: [AddedToken]) throws {
        try Self.checkClass(configuration.tokenizerClass, path, supported: Self.bytePairClasses)
        let pieces = try MergesFile.readVocabulary(path)
        let model = try BytePairModel(
            pieces, merges: try MergesFile.read(merges), settings: BytePairModel.Settings(), file: merges)
        let mask = configuration.maskToken ?? "<mask>"
        let names = [
            configuration.startToken ?? "<s>", configuration.paddingToken ?? "<pad>",
            configuration.separatorToken ?? "</s>", configuration.unknownToken ?? "<unk>", mask,
        ]
        let stated = configuration.addedTokens + legacy
        let special = names.filter { name in !stated.contains { $0.content.utf8.elementsEqual(name.utf8) } }
        self.init(
            file: path, normalizers: [], preTokenizers: [ByteLevelPreTokenizer(prependsSpace: false, splits: true)],
            model: model, pieceIDs: pieces.idCount,
            addedTokens: special.map { AddedToken(id: 0, content: $0, stripsLeft: $0 == mask) } + legacy, template: nil)
    }
}
