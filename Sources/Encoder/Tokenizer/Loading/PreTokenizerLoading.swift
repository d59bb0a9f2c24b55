import Files

/// How the pre-tokenizers of a `tokenizer.json` are read.
extension StepDescription {
    private static let preTokenizers = """
        BertPreTokenizer, Whitespace, WhitespaceSplit, Punctuation, Digits, Split, ByteLevel, Metaspace, \
        CharDelimiterSplit, UnicodeScripts, FixedLength, Sequence
        """

    /// The steps in order, sequences laid flat; none for null.
    /// - Throws: `TokenizerError` naming the key at fault.
    func preTokenizers() throws -> [any PreTokenizer] {
        if value.isNull { return [] }
        switch type ?? untypedPreTokenizer {
        case "Sequence": return try steps("pretokenizers").flatMap { try $0.preTokenizers() }
        case "BertPreTokenizer": return [BertPreTokenizer()]
        case "Whitespace": return [WhitespacePreTokenizer()]
        case "WhitespaceSplit": return [WhitespaceSplitPreTokenizer()]
        case "Punctuation": return [PunctuationPreTokenizer(behavior: try behavior(or: .isolated))]
        case "Digits": return [DigitsPreTokenizer(isIndividual: try bool("individual_digits", or: false))]
        case "UnicodeScripts": return [UnicodeScriptsPreTokenizer()]
        case "ByteLevel":
            return [
                ByteLevelPreTokenizer(
                    prependsSpace: try bool("add_prefix_space", or: true), splits: try bool("use_regex", or: true))
            ]
        case "Metaspace": return [try metaspace()]
        case "CharDelimiterSplit", "Delimiter":
            let scalars = try string("delimiter").unicodeScalars
            guard scalars.count == 1, let scalar = scalars.first else { throw malformed("delimiter", "one character") }
            return [DelimiterPreTokenizer(delimiter: scalar.value)]
        case "FixedLength":
            guard let length = has("length") ? value["length"]?.integer : 5, length > 0 else {
                throw malformed("length", "a number above 0")
            }
            return [FixedLengthPreTokenizer(length: length)]
        case "Split": return [try splitter()]
        default: throw unsupported("pre_tokenizer", supported: Self.preTokenizers)
        }
    }

    private var untypedPreTokenizer: String? {
        if has("pretokenizers") { return "Sequence" }
        if has("trim_offsets") && has("add_prefix_space") { return "ByteLevel" }
        if has("individual_digits") { return "Digits" }
        if has("delimiter") { return "CharDelimiterSplit" }
        return has("replacement") ? "Metaspace" : nil
    }

    private func behavior(or fallback: SplitBehavior?) throws -> SplitBehavior {
        if !has("behavior"), let fallback { return fallback }
        guard let behavior = SplitBehavior(rawValue: try string("behavior")) else {
            throw malformed("behavior", "Removed, Isolated, MergedWithPrevious, MergedWithNext or Contiguous")
        }
        return behavior
    }

    /// `prepend_scheme` is what releases since 0.15 of the library write, `add_prefix_space` what those before wrote.
    private func metaspace() throws -> MetaspacePreTokenizer {
        let mark = has("replacement") ? try string("replacement") : "▁"
        guard mark.unicodeScalars.count == 1 else { throw malformed("replacement", "one character") }
        let prefixes = try bool("add_prefix_space", or: true)
        var prepending = MetaspacePreTokenizer.Prepending.always
        if has("prepend_scheme") {
            guard let stated = MetaspacePreTokenizer.Prepending(rawValue: try string("prepend_scheme")) else {
                throw malformed("prepend_scheme", "always, first or never")
            }
            prepending = stated
        }
        return MetaspacePreTokenizer(
            mark: Array(mark.utf8), prepending: prefixes ? prepending : .never, splits: try bool("split", or: true))
    }

    private func splitter() throws -> any PreTokenizer {
        let behavior = try behavior(or: nil)
        let isInverted = try bool("invert", or: false)
        switch try pattern() {
        case .string(let text) where !text.isEmpty:
            return StringSplitPreTokenizer(pattern: text, behavior: behavior, isInverted: isInverted)
        case .string:
            return PatternSplitPreTokenizer(pattern: try expression(""), behavior: behavior, isInverted: isInverted)
        case .expression(let text):
            return PatternSplitPreTokenizer(
                pattern: try expression(text), behavior: behavior, isInverted: isInverted)
        }
    }
}
