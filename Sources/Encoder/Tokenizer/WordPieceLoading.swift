/// How a WordPiece tokenizer is put together from a folder's files.
extension WordPieceTokenizer {
    /// Tokenizer classes of transformers that read `vocab.txt` the way BERT does.
    private static let classes = [
        "BertTokenizer", "DistilBertTokenizer", "ElectraTokenizer", "MobileBertTokenizer", "ConvBertTokenizer",
        "SqueezeBertTokenizer", "LayoutLMTokenizer", "MPNetTokenizer", "PreTrainedTokenizer", "TokenizersBackend",
    ]

    /// From `vocab.txt`; what the configuration does not state is as in Hugging Face's `BertTokenizer` (uncased).
    /// - Throws: `TokenizerError` naming the line at fault or the special token that is missing, `SystemFault`.
    convenience init(vocabulary path: String, configuration: TokenizerConfiguration) throws {
        if let name = configuration.tokenizerClass {
            let plain = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
            guard Self.classes.contains(plain) else {
                throw TokenizerError.unsupported(
                    file: path, found: "the tokenizer class '\(name)' (tokenizer_config.json)",
                    supported: Self.classes.joined(separator: ", "))
            }
        }
        let pieces = try VocabularyFile.read(path)
        let unknown = configuration.unknownToken ?? "[UNK]"
        let model = try WordPieceModel(
            pieces, unknownToken: unknown, prefix: "##", characterLimit: 100, file: path,
            place: { "line \($0 + 1)" })
        func id(_ token: String) throws -> Int32 {
            let added = configuration.addedTokens.last { $0.content.utf8.elementsEqual(token.utf8) }
            guard let id = added?.id ?? pieces.id(of: token) else {
                throw TokenizerError.missingToken(file: path, token: token)
            }
            return id
        }
        let start = configuration.startToken ?? "[CLS]"
        let separator = configuration.separatorToken ?? "[SEP]"
        let padding = configuration.paddingToken ?? "[PAD]"
        var added = configuration.addedTokens
        for token in [padding, unknown, start, separator, configuration.maskToken ?? "[MASK]"] {
            if added.contains(where: { $0.content.utf8.elementsEqual(token.utf8) }) { continue }
            if let id = pieces.id(of: token) { added.append(AddedToken(id: id, content: token)) }
        }
        self.init(
            vocabularySize: max(pieces.count, Int(added.map(\.id).max() ?? 0) + 1),
            specialTokens: SpecialTokens(
                start: try id(start), separator: try id(separator), padding: try id(padding), unknown: model.unknown,
                pairSeparators: 1, secondSegmentType: 1),
            normalizer: BertNormalizer().stating(configuration), model: model, addedTokens: added)
    }

    /// From `tokenizer.json`; switches that the configuration states win, as in transformers.
    convenience init(_ json: TokenizerJSON, configuration: TokenizerConfiguration) throws {
        let unknown = json.model["unk_token"]?.string ?? "[UNK]"
        let limit = json.model["max_input_chars_per_word"]?.integer ?? 100
        guard limit >= 0 && limit <= 1 << 20 else {
            throw TokenizerError.tooLarge(
                file: json.path, what: "key model.max_input_chars_per_word", size: UInt64(max(limit, 0)), limit: 1 << 20)
        }
        guard json.preTokenizer["type"]?.string == "BertPreTokenizer" else {
            throw json.unsupported("pre_tokenizer", json.preTokenizer, supported: "BertPreTokenizer")
        }
        let model = try WordPieceModel(
            json.pieces, unknownToken: unknown,
            prefix: json.model["continuing_subword_prefix"]?.string ?? "##", characterLimit: limit, file: json.path,
            place: { "id \(json.pieces.ids[$0])" })
        let template: SequenceTemplate
        if json.postProcessor.isNull {
            template = SequenceTemplate(
                start: try json.id(of: configuration.startToken ?? "[CLS]"),
                separator: try json.id(of: configuration.separatorToken ?? "[SEP]"), pairSeparators: 1,
                secondSegmentType: 1)
        } else if let stated = SequenceTemplate(json.postProcessor) {
            template = stated
        } else {
            throw json.unsupported("post_processor", json.postProcessor, supported: SequenceTemplate.supported)
        }
        self.init(
            vocabularySize: json.vocabularySize,
            specialTokens: SpecialTokens(
                start: template.start, separator: template.separator,
                padding: try json.id(of: configuration.paddingToken ?? "[PAD]"), unknown: model.unknown,
                pairSeparators: template.pairSeparators, secondSegmentType: template.secondSegmentType),
            normalizer: try BertNormalizer(json).stating(configuration), model: model,
            addedTokens: json.allAddedTokens(configuration))
    }
}

extension BertNormalizer {
    /// From a tokenizer.json's `normalizer`; none at all leaves the text as it is.
    init(_ json: TokenizerJSON) throws {
        let value = json.normalizer
        if value.isNull {
            self.init(cleansText: false, separatesIdeographs: false, stripsAccents: false, lowercases: false)
            return
        }
        guard value["type"]?.string == "BertNormalizer" else {
            throw json.unsupported("normalizer", value, supported: "BertNormalizer")
        }
        func flag(_ key: String) throws -> Bool? {
            guard let value = value[key], !value.isNull else { return nil }
            guard let flag = value.bool else {
                throw TokenizerError.malformed(
                    file: json.path, place: "key normalizer.\(key)", expected: "true, false or null", found: value.kind)
            }
            return flag
        }
        self.init(
            cleansText: try flag("clean_text") ?? true, separatesIdeographs: try flag("handle_chinese_chars") ?? true,
            stripsAccents: try flag("strip_accents"), lowercases: try flag("lowercase") ?? true)
    }

    /// With the switches a `tokenizer_config.json` states.
    func stating(_ configuration: TokenizerConfiguration) -> BertNormalizer {
        var result = self
        if let value = configuration.lowercases { result.lowercases = value }
        if let value = configuration.separatesIdeographs { result.separatesIdeographs = value }
        if let value = configuration.stripsAccents { result.stripsAccents = value }
        return result
    }
}
