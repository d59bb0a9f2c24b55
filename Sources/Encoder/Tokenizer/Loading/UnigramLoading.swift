/// How a tokenizer is put together from a SentencePiece model file.
extension TokenizerAssembly {
    private static let unigramClasses = [
        "XLMRobertaTokenizer", "CamembertTokenizer", "PreTrainedTokenizer", "TokenizersBackend",
    ]

    /// XLM-R's `sentencepiece.bpe.model`, with fairseq's ids: `<s>` 0, `<pad>` 1, `</s>` 2, `<unk>` 3, then the model's
    /// pieces from its fourth on, then `<mask>`. CamemBERT's has two names of its own in front and all pieces but the
    /// first.
    ///
    /// As in Hugging Face's conversion the special tokens are pieces, too.
    /// - Throws: `TokenizerError`, `SystemFault`.
    init(sentencePiece path: String, configuration: TokenizerConfiguration) throws {
        try Self.checkClass(configuration.tokenizerClass, path, supported: Self.unigramClasses)
        let model = try SentencePieceModel(path: path)
        guard model.pieces.count > 3, model.kinds[0] == .unknown, model.kinds[1] == .control, model.kinds[2] == .control
        else {
            throw TokenizerError.unsupported(
                file: path, found: "a SentencePiece model that does not begin with <unk>, <s>, </s>",
                supported: "XLM-R's and CamemBERT's SentencePiece")
        }
        let isCamembert = configuration.tokenizerClass?.hasPrefix("Camembert") == true
        var pieces = PieceList()
        func add(_ piece: some Collection<UInt8>, _ score: Double) {
            pieces.append(piece, id: Int32(pieces.count), score: score)
        }
        let first =
            isCamembert
            ? [("<s>NOTUSED", 0.0), ("<pad>", 0), ("</s>NOTUSED", 0), ("<unk>", 0), ("<unk>NOTUSED", -100)]
            : [("<s>", 0.0), ("<pad>", 0), ("</s>", 0), ("<unk>", 0)]
        for (token, score) in first { add(token.utf8, score) }
        for index in (isCamembert ? 1 : 3)..<model.pieces.count { add(model.pieces[index], model.pieces.scores[index]) }
        add("<mask>".utf8, 0)
        let names = isCamembert ? first.map(\.0) + ["<s>", "</s>"] : first.map(\.0)
        self.init(
            file: path, normalizers: [try CharacterMap(model.characterMap, file: path)],
            preTokenizers: [
                WhitespaceSplitPreTokenizer(),
                MetaspacePreTokenizer(mark: Array("▁".utf8), prepending: .always, splits: true),
            ],
            model: try UnigramModel(pieces, unknown: 3, file: path), pieceIDs: pieces.idCount,
            addedTokens: names.map { AddedToken(id: 0, content: $0) }
                + [AddedToken(id: 0, content: "<mask>", stripsLeft: true)],
            template: nil)
    }
}
