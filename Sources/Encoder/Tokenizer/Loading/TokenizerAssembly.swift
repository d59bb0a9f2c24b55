/// The steps a folder's files name, before they become a tokenizer.
struct TokenizerAssembly {
    /// For error messages.
    let file: String
    var normalizers: [any Normalizer]
    /// `StepDescription.hasLowercase` of the file's normalizer.
    var hasLowercase = false
    var preTokenizers: [any PreTokenizer]
    let model: any SegmentationModel
    /// One more than the highest id of a piece.
    let pieceIDs: Int
    var addedTokens: [AddedToken]
    /// nil where the files name no special tokens around texts: those of the configuration, or the usual ones, then.
    let template: SequenceTemplate?

    /// - Parameter configuration: its switches win where it states them, as in transformers.
    /// - Throws: `TokenizerError` for a special token that is not in the vocabulary.
    func tokenizer(_ configuration: TokenizerConfiguration) throws -> any Tokenizer {
        var assembly = self
        assembly.state(configuration)
        assembly.number(configuration.addedTokens)
        let special = try assembly.specialTokens(configuration)
        let size = max(pieceIDs, Int(assembly.addedTokens.map(\.id).max() ?? -1) + 1)
        let frame = special.template
        for id in frame.before + frame.after + frame.pairBefore + frame.between + frame.pairAfter where Int(id) >= size
        {
            throw TokenizerError.malformed(
                file: file, place: "key post_processor",
                expected: "special tokens of the vocabulary, ids below \(size)",
                found: "\(id)")
        }
        if let model = model as? WordPieceModel, assembly.isBert {
            return WordPieceTokenizer(
                vocabularySize: size, specialTokens: special,
                normalizer: assembly.normalizers.first as? BertNormalizer ?? .idle, model: model,
                addedTokens: assembly.addedTokens)
        }
        return PipelineTokenizer(
            vocabularySize: size, specialTokens: special, normalizers: assembly.normalizers,
            hasLowercase: hasLowercase, preTokenizers: assembly.preTokenizers, model: model,
            addedTokens: assembly.addedTokens)
    }

    /// Whether the steps are BERT's, which `WordPieceTokenizer` does in one pass.
    private var isBert: Bool {
        preTokenizers.count == 1 && preTokenizers[0] is BertPreTokenizer && normalizers.count <= 1
            && normalizers.allSatisfy { $0 is BertNormalizer }
    }

    private mutating func state(_ configuration: TokenizerConfiguration) {
        if normalizers.count == 1, let bert = normalizers[0] as? BertNormalizer {
            normalizers[0] = bert.stating(configuration)
        }
        if preTokenizers.count == 1, var byteLevel = preTokenizers[0] as? ByteLevelPreTokenizer,
            let prependsSpace = configuration.prependsSpace
        {
            byteLevel.prependsSpace = prependsSpace
            preTokenizers[0] = byteLevel
        }
    }

    /// Gives added tokens the ids the library gives them, whatever their files say: those of the vocabulary where it
    /// has them, and the next free ones where not. Tokens of the configuration come after those of the tokenizer's own
    /// file.
    /// - Source: `AddedVocabulary::add_tokens`.
    private mutating func number(_ further: [AddedToken]) {
        var ids: [[UInt8]: Int32] = [:]
        var numbered: [Int32: AddedToken] = [:]
        func add(_ tokens: [AddedToken]) {
            let size = Int32(clamping: model.pieceCount)
            let highest = numbered.keys.max()
            var next = highest.map { $0 >= size || size == 0 ? $0 + 1 : size } ?? size
            for var token in tokens where !token.content.isEmpty {
                let content = Array(token.content.utf8)
                if let id = ids[content] ?? model.id(of: content) {
                    token.id = id
                } else {
                    token.id = next
                    next += 1
                }
                ids[content] = token.id
                numbered[token.id] = token
            }
        }
        add(addedTokens)
        add(further.filter { token in ids[Array(token.content.utf8)] == nil })
        addedTokens = numbered.values.sorted { $0.id < $1.id }
    }

    private func id(of token: String) -> Int32? {
        addedTokens.last { $0.content.utf8.elementsEqual(token.utf8) }?.id ?? model.id(of: Array(token.utf8))
    }

    private func specialTokens(_ configuration: TokenizerConfiguration) throws -> SpecialTokens {
        func stated(_ token: String?) throws -> Int32? {
            guard let token else { return nil }
            guard let id = id(of: token) else { throw TokenizerError.missingToken(file: file, token: token) }
            return id
        }
        let padding = try stated(configuration.paddingToken) ?? id(of: "[PAD]") ?? id(of: "<pad>")
        let unknown = try model.unknownToken ?? stated(configuration.unknownToken)
        let frame =
            try template
            ?? usualTemplate(try stated(configuration.startToken), try stated(configuration.separatorToken))
        return SpecialTokens(
            template: frame, padding: padding ?? SpecialTokens.none, unknown: unknown ?? SpecialTokens.none)
    }

    /// BERT's or XLM-R's tokens around texts: by the names of the configuration, else by the usual ones.
    private func usualTemplate(_ start: Int32?, _ separator: Int32?) throws -> SequenceTemplate {
        let isBert = model is WordPieceModel || id(of: "[CLS]") != nil
        func usual(_ names: [String]) throws -> Int32 {
            for name in names { if let id = id(of: name) { return id } }
            throw TokenizerError.missingToken(file: file, token: names[0])
        }
        return SequenceTemplate(
            start: try start ?? usual(isBert ? ["[CLS]"] : ["<s>", "<bos>"]),
            separator: try separator ?? usual(isBert ? ["[SEP]"] : ["</s>", "<eos>"]),
            pairSeparators: isBert ? 1 : 2, secondSegmentType: isBert ? 1 : 0)
    }
}

extension BertNormalizer {
    /// Changes nothing.
    static let idle = BertNormalizer(
        cleansText: false, separatesIdeographs: false, stripsAccents: false, lowercases: false)
}
