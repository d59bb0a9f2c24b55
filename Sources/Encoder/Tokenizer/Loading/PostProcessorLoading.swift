import Files

/// How the post-processor of a `tokenizer.json` is read.
extension StepDescription {
    private static let postProcessors = """
        TemplateProcessing (special tokens around A, and around and between A and B), BertProcessing, \
        RobertaProcessing, ByteLevel, Sequence of these with one that adds tokens
        """

    /// - Returns: nil for null, or for steps that add no tokens.
    /// - Throws: `TokenizerError` naming the key at fault.
    func sequenceTemplate() throws -> SequenceTemplate? {
        if value.isNull { return nil }
        switch type ?? untypedPostProcessor {
        // Offsets only.
        case "ByteLevel": return nil
        case "Sequence":
            let templates = try steps("processors").compactMap { try $0.sequenceTemplate() }
            guard templates.count <= 1 else { throw unsupported("post_processor", supported: Self.postProcessors) }
            return templates.first
        case "BertProcessing":
            return SequenceTemplate(
                start: try tokenID("cls"), separator: try tokenID("sep"), pairSeparators: 1, secondSegmentType: 1)
        case "RobertaProcessing":
            return SequenceTemplate(
                start: try tokenID("cls"), separator: try tokenID("sep"), pairSeparators: 2, secondSegmentType: 0)
        case "TemplateProcessing": return try template()
        default: throw unsupported("post_processor", supported: Self.postProcessors)
        }
    }

    private var untypedPostProcessor: String? {
        if has("processors") { return "Sequence" }
        if has("single") && has("special_tokens") { return "TemplateProcessing" }
        if has("cls") && has("sep") { return has("trim_offsets") ? "RobertaProcessing" : "BertProcessing" }
        return has("trim_offsets") ? "ByteLevel" : nil
    }

    /// `["[CLS]", 101]`
    private func tokenID(_ key: String) throws -> Int32 {
        guard let pair = value[key]?.array, pair.count == 2, let id = pair[1].integer.flatMap({ Int32(exactly: $0) }),
            id >= 0
        else { throw malformed(key, "a token and its id") }
        return id
    }

    private enum Item {
        case special([Int32], type: Int)
        case text(String, type: Int)
    }

    private func items(_ key: String) throws -> [Item] {
        guard let elements = value[key]?.array else { throw malformed(key, "an array") }
        return try elements.enumerated().map { index, element in
            let at = StepDescription(value: element, place: "\(place).\(key).\(index)", file: file)
            if let special = element["SpecialToken"] {
                guard let name = special["id"]?.string, let type = special["type_id"]?.integer,
                    let listed = value["special_tokens"]?[name]?["ids"]?.array
                else { throw at.malformed("SpecialToken", "a token of special_tokens, and its type_id") }
                let ids = listed.compactMap { $0.integer.flatMap { Int32(exactly: $0) } }
                guard ids.count == listed.count, ids.allSatisfy({ $0 >= 0 }) else {
                    throw malformed("special_tokens", "ids of '\(name)'")
                }
                return .special(ids, type: type)
            }
            guard let sequence = element["Sequence"], let name = sequence["id"]?.string,
                let type = sequence["type_id"]?.integer
            else { throw at.malformed("Sequence", "an id (A or B) and a type_id") }
            return .text(name, type: type)
        }
    }

    private func template() throws -> SequenceTemplate {
        let (single, pair) = (try items("single"), try items("pair"))
        var result = SequenceTemplate()
        var isBehind = false
        for item in single {
            switch item {
            case .special(let ids, type: 0): if isBehind { result.after += ids } else { result.before += ids }
            case .text("A", type: 0) where !isBehind: isBehind = true
            default: throw unsupported("post_processor", supported: Self.postProcessors)
            }
        }
        guard isBehind else { throw unsupported("post_processor", supported: Self.postProcessors) }
        var texts = 0
        var secondType = 0
        for item in pair {
            switch item {
            case .text("A", type: 0) where texts == 0: texts = 1
            case .text("B", type: let type) where texts == 1 && (type == 0 || type == 1):
                texts = 2
                // Tokens of the second type in front of it belong to its segment.
                guard result.secondSegmentPrefix == 0 || type == 1 else {
                    throw unsupported("post_processor", supported: Self.postProcessors)
                }
                secondType = type
            case .special(let ids, type: 0) where texts == 0: result.pairBefore += ids
            case .special(let ids, type: let type)
            where texts == 1 && (type == 1 || type == 0 && result.secondSegmentPrefix == 0):
                result.between += ids
                if type == 1 { result.secondSegmentPrefix += ids.count }
            // Whatever its type says: it ends the second text's segment.
            case .special(let ids, type: _) where texts == 2: result.pairAfter += ids
            default: throw unsupported("post_processor", supported: Self.postProcessors)
            }
        }
        guard texts == 2 else { throw unsupported("post_processor", supported: Self.postProcessors) }
        result.secondSegmentType = Int32(secondType)
        return result
    }
}
