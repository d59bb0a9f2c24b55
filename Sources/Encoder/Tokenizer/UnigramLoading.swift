/// How a unigram tokenizer is put together from a folder's files.
extension UnigramTokenizer {
    private static let classes = ["XLMRobertaTokenizer", "PreTrainedTokenizer", "TokenizersBackend"]

    /// From `sentencepiece.bpe.model`, with fairseq's ids: `<s>` 0, `<pad>` 1, `</s>` 2, `<unk>` 3, then the model's pieces
    /// from its fourth on, then `<mask>`.
    ///
    /// As in Hugging Face's conversion the special tokens are pieces, too, with log probability 0.
    /// - Throws: `TokenizerError`, `SystemFault`.
    convenience init(sentencePiece path: String, configuration: TokenizerConfiguration) throws {
        if let name = configuration.tokenizerClass {
            let plain = name.hasSuffix("Fast") ? String(name.dropLast(4)) : name
            guard Self.classes.contains(plain) else {
                throw TokenizerError.unsupported(
                    file: path, found: "the tokenizer class '\(name)' (tokenizer_config.json)",
                    supported: Self.classes.joined(separator: ", "))
            }
        }
        let model = try SentencePieceModel(path: path)
        guard model.count > 3, model.isUnknown(0), model.isControl(1), model.isControl(2) else {
            throw TokenizerError.unsupported(
                file: path, found: "a SentencePiece model that does not begin with <unk>, <s>, </s>",
                supported: "XLM-R's SentencePiece")
        }
        var pieces = PieceList()
        for (id, token) in ["<s>", "<pad>", "</s>", "<unk>"].enumerated() {
            pieces.append(Array(token.utf8), id: Int32(id), score: 0)
        }
        for id in 3..<model.count {
            if model.isByte(id) {
                throw TokenizerError.unsupported(
                    file: path, found: "a SentencePiece model with byte pieces", supported: "unigram (XLM-R)")
            }
            guard model.score(id).isFinite else {
                throw TokenizerError.malformed(
                    file: path, place: "piece \(id)", expected: "a log probability", found: "\(model.score(id))")
            }
            pieces.append(model.piece(id), id: Int32(id + 1), score: Double(model.score(id)))
        }
        let mask = Int32(model.count + 1)
        pieces.append(Array("<mask>".utf8), id: mask, score: 0)
        let special = [
            AddedToken(id: 0, content: "<s>"), AddedToken(id: 1, content: "<pad>"), AddedToken(id: 2, content: "</s>"),
            AddedToken(id: 3, content: "<unk>"), AddedToken(id: mask, content: "<mask>", stripsLeft: true),
        ]
        let further = configuration.addedTokens.filter { extra in !special.contains { $0.content == extra.content } }
        self.init(
            vocabularySize: Int(max(mask, further.map(\.id).max() ?? 0)) + 1,
            specialTokens: SpecialTokens(
                start: 0, separator: 2, padding: 1, unknown: 3, pairSeparators: 2, secondSegmentType: 0),
            characterMap: try CharacterMap(model.characterMap, file: path),
            model: try UnigramModel(pieces, unknown: 3, file: path, place: { "id \($0)" }),
            addedTokens: special + further)
    }

    /// From `tokenizer.json`.
    convenience init(_ json: TokenizerJSON, configuration: TokenizerConfiguration) throws {
        if json.model["byte_fallback"]?.bool == true {
            throw TokenizerError.unsupported(
                file: json.path, found: "key model.byte_fallback", supported: "Unigram without byte fallback")
        }
        guard json.pieces.scores.count == json.pieces.count else {
            throw TokenizerError.malformed(
                file: json.path, place: "key model.vocab", expected: "an array of pieces with scores",
                found: "an object")
        }
        guard let unknown = json.model["unk_id"]?.integer, unknown >= 0, unknown < json.pieces.count else {
            throw TokenizerError.malformed(
                file: json.path, place: "key model.unk_id", expected: "an id below \(json.pieces.count)",
                found: json.model["unk_id"]?.kind ?? "nothing")
        }
        let isSplit = try Self.splitsAtWhiteSpace(json)
        let template: SequenceTemplate
        if json.postProcessor.isNull {
            template = SequenceTemplate(
                start: try json.id(of: configuration.startToken ?? "<s>"),
                separator: try json.id(of: configuration.separatorToken ?? "</s>"), pairSeparators: 2,
                secondSegmentType: 0)
        } else if let stated = SequenceTemplate(json.postProcessor) {
            template = stated
        } else {
            throw json.unsupported("post_processor", json.postProcessor, supported: SequenceTemplate.supported)
        }
        self.init(
            vocabularySize: json.vocabularySize,
            specialTokens: SpecialTokens(
                start: template.start, separator: template.separator,
                padding: try json.id(of: configuration.paddingToken ?? "<pad>"), unknown: Int32(unknown),
                pairSeparators: template.pairSeparators, secondSegmentType: template.secondSegmentType),
            characterMap: try Self.characterMap(json),
            spacing: isSplit ? .split : .marked(collapsing: Self.collapsesSpaces(json)),
            model: try UnigramModel(json.pieces, unknown: Int32(unknown), file: json.path, place: { "id \($0)" }),
            addedTokens: json.allAddedTokens(configuration))
    }

    /// Whether white space splits before every word gets "▁" in front; otherwise spaces become "▁" themselves.
    private static func splitsAtWhiteSpace(_ json: TokenizerJSON) throws -> Bool {
        var steps = [json.preTokenizer]
        if json.preTokenizer["type"]?.string == "Sequence" { steps = json.preTokenizer["pretokenizers"]?.array ?? [] }
        let isSplit = steps.count == 2 && steps[0]["type"]?.string == "WhitespaceSplit"
        let metaspace = steps.last
        // `add_prefix_space` is what releases before 0.15 of the library wrote.
        let prepends =
            metaspace?["prepend_scheme"]?.string.map { $0 == "always" }
            ?? metaspace?["add_prefix_space"]?.bool ?? true
        guard isSplit || steps.count == 1, metaspace?["type"]?.string == "Metaspace",
            metaspace?["replacement"]?.string ?? "▁" == "▁", prepends, metaspace?["split"]?.bool ?? true
        else {
            throw json.unsupported(
                "pre_tokenizer", json.preTokenizer,
                supported: "Metaspace with '▁' always, alone or after WhitespaceSplit")
        }
        return isSplit
    }

    private static func collapsesSpaces(_ json: TokenizerJSON) -> Bool {
        (json.normalizer["normalizers"]?.array ?? []).contains { $0["type"]?.string == "Replace" }
    }

    /// `Precompiled`, alone or followed by the replacement of several spaces by one (`collapsesSpaces`).
    private static func characterMap(_ json: TokenizerJSON) throws -> CharacterMap {
        var steps = [json.normalizer]
        if json.normalizer.isNull { steps = [] }
        if json.normalizer["type"]?.string == "Sequence" { steps = json.normalizer["normalizers"]?.array ?? [] }
        var blob: [UInt8] = []
        for (index, step) in steps.enumerated() {
            if index == 0, step["type"]?.string == "Precompiled", let text = step["precompiled_charsmap"]?.string {
                guard let decoded = Base64.decode(text) else {
                    throw TokenizerError.malformed(
                        file: json.path, place: "key normalizer.precompiled_charsmap", expected: "base 64",
                        found: "other characters")
                }
                blob = decoded
            } else if index == 1, step["type"]?.string == "Replace", step["pattern"]?["Regex"]?.string == " {2,}",
                step["content"]?.string == " "
            {
                continue
            } else {
                throw json.unsupported("normalizer", step, supported: "Precompiled")
            }
        }
        return try CharacterMap(blob, file: json.path)
    }
}

/// Base 64 with its standard alphabet (RFC 4648).
enum Base64 {
    /// - Returns: nil for characters outside the alphabet or a wrong length.
    static func decode(_ text: String) -> [UInt8]? {
        var digits = Array(text.utf8)
        guard digits.count % 4 == 0 else { return nil }
        var padding = 0
        while padding < 2, digits.last == UInt8(ascii: "=") {
            digits.removeLast()
            padding += 1
        }
        var result: [UInt8] = []
        result.reserveCapacity(digits.count / 4 * 3 + 3)
        var bits: UInt32 = 0
        for (index, digit) in digits.enumerated() {
            let value: UInt8
            switch digit {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"): value = digit - UInt8(ascii: "A")
            case UInt8(ascii: "a")...UInt8(ascii: "z"): value = digit - UInt8(ascii: "a") + 26
            case UInt8(ascii: "0")...UInt8(ascii: "9"): value = digit - UInt8(ascii: "0") + 52
            case UInt8(ascii: "+"): value = 62
            case UInt8(ascii: "/"): value = 63
            default: return nil
            }
            bits = bits << 6 | UInt32(value)
            switch index % 4 {
            case 1: result.append(UInt8(truncatingIfNeeded: bits >> 4))
            case 2: result.append(UInt8(truncatingIfNeeded: bits >> 2))
            case 3: result.append(UInt8(truncatingIfNeeded: bits))
            default: break
            }
        }
        return result
    }
}
