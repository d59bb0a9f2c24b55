/// BERT's tokenizer: normalise, split at spaces and punctuation, cut words into pieces.
final class WordPieceTokenizer: PieceDroppingTokenizer {
    let vocabularySize: Int
    let specialTokens: SpecialTokens
    private let normalizer: BertNormalizer
    /// Whether a text is lower-cased before the normalizer, which may lower-case too, sees it.
    private let lowercasesFirst: Bool
    private let model: WordPieceModel
    private let addedTokens: AddedTokens

    init(
        vocabularySize: Int, specialTokens: SpecialTokens, normalizer: BertNormalizer, model: WordPieceModel,
        addedTokens: [AddedToken], lowercasesFirst: Bool = false
    ) {
        self.vocabularySize = vocabularySize
        self.specialTokens = specialTokens
        self.normalizer = normalizer
        self.lowercasesFirst = lowercasesFirst
        self.model = model
        self.addedTokens = AddedTokens(addedTokens) { content in
            var normalized: [UInt8] = []
            (lowercasesFirst ? Self.lowercased(content) : content).withUnsafeBufferPointer { utf8 in
                var pass = BertNormalizer.Pass(normalizer)
                pass.run(utf8) { UTF8Text.append($0, to: &normalized) }
            }
            return normalized
        }
    }

    func pieces(of ids: [Int32]) -> [String?] { addedTokens.pieces(of: ids, otherwise: model) }

    func lowercasing() -> any Tokenizer {
        lowercasesFirst
            ? self
            : WordPieceTokenizer(
                vocabularySize: vocabularySize, specialTokens: specialTokens, normalizer: normalizer, model: model,
                addedTokens: addedTokens.all, lowercasesFirst: true)
    }

    private static func lowercased(_ utf8: [UInt8]) -> [UInt8] {
        var text = NormalizedText(utf8)
        LowercaseNormalizer().normalize(&text)
        return text.bytes
    }

    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, to ids: inout [Int32]) {
        var dropout: PieceDropout?
        appendSubwords(utf8: utf8, dropout: &dropout, to: &ids)
    }

    func appendSubwords(utf8: UnsafeBufferPointer<UInt8>, dropping: inout PieceDropout, to ids: inout [Int32]) {
        var dropout = Optional(dropping)
        appendSubwords(utf8: utf8, dropout: &dropout, to: &ids)
        if let dropout { dropping = dropout }
    }

    private func appendSubwords(
        utf8: UnsafeBufferPointer<UInt8>, dropout: inout PieceDropout?, to ids: inout [Int32]
    ) {
        model.withMatcher { matcher in
            var words = WordSplitter(
                matcher: matcher, characterLimit: model.characterLimit, unknown: model.unknown, dropout: dropout)
            defer { dropout = words.dropout }
            addedTokens.raw.split(utf8) { part in
                switch part {
                case .token(let id): ids.append(id)
                case .text(let text) where lowercasesFirst:
                    Self.lowercased(Array(text)).withUnsafeBufferPointer { append($0, words: &words, to: &ids) }
                case .text(let text): append(text, words: &words, to: &ids)
                }
            }
        }
    }

    private func append(_ text: UnsafeBufferPointer<UInt8>, words: inout WordSplitter, to ids: inout [Int32]) {
        var pass = BertNormalizer.Pass(normalizer)
        guard !addedTokens.normalized.isEmpty else {
            pass.run(text) { words.take($0, into: &ids) }
            words.finishWord(into: &ids)
            return
        }
        // Tokens that match normalised text need that text as a whole.
        var normalized: [UInt8] = []
        pass.run(text) { UTF8Text.append($0, to: &normalized) }
        normalized.withUnsafeBufferPointer { normalized in
            addedTokens.normalized.split(normalized) { part in
                switch part {
                case .token(let id): ids.append(id)
                case .text(let text):
                    var position = 0
                    while position < text.count { words.take(UTF8Text.next(text, &position), into: &ids) }
                    words.finishWord(into: &ids)
                }
            }
        }
    }
}

/// Gathers normalised scalars to words; punctuation stands alone (Hugging Face's `BertPreTokenizer`).
private struct WordSplitter {
    private let flags = UnicodeTables.shared.flags
    private let matcher: WordPieceModel.Matcher
    private let characterLimit: Int
    private let unknown: Int32
    private(set) var dropout: PieceDropout?
    private var word: [UInt8] = []
    private var characters = 0

    init(matcher: WordPieceModel.Matcher, characterLimit: Int, unknown: Int32, dropout: PieceDropout?) {
        self.dropout = dropout
        self.matcher = matcher
        self.characterLimit = characterLimit
        self.unknown = unknown
    }

    @inline(__always)
    mutating func take(_ scalar: UInt32, into ids: inout [Int32]) {
        let kind = flags[scalar]
        if kind.isDisjoint(with: [.space, .punctuation]) {
            characters += 1
            // The bytes of a word that is too long are not needed.
            if characters <= characterLimit { UTF8Text.append(scalar, to: &word) }
        } else {
            finishWord(into: &ids)
            if kind.contains(.punctuation) {
                characters = 1
                UTF8Text.append(scalar, to: &word)
                finishWord(into: &ids)
            }
        }
    }

    @inline(__always)
    mutating func finishWord(into ids: inout [Int32]) {
        if characters == 0 { return }
        if characters > characterLimit {
            ids.append(unknown)
        } else if dropout == nil {
            matcher.append(word: word, to: &ids)
        } else {
            matcher.append(word: word, dropping: &dropout!, to: &ids)
        }
        word.removeAll(keepingCapacity: true)
        characters = 0
    }
}
