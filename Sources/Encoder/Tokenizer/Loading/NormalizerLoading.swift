import Files
import Foundation

/// How the normalizers of a `tokenizer.json` are read.
extension StepDescription {
    private static let normalizers = """
        BertNormalizer, Strip, StripAccents, NFC, NFD, NFKC, NFKD, Lowercase, Nmt, Precompiled, Replace, Prepend, \
        ByteLevel, Sequence
        """

    /// The steps in order, sequences laid flat; none for null.
    /// - Throws: `TokenizerError` naming the key at fault.
    func normalizers() throws -> [any Normalizer] {
        if value.isNull { return [] }
        switch type ?? untypedNormalizer {
        case "Sequence": return try steps("normalizers").flatMap { try $0.normalizers() }
        case "BertNormalizer", "Bert": return [try bertNormalizer()]
        case "Strip":
            return [StripNormalizer(left: try bool("strip_left", or: nil), right: try bool("strip_right", or: nil))]
        case "StripAccents": return [StripAccentsNormalizer()]
        case "NFC": return [UnicodeNormalization(isCompatible: false, composes: true)]
        case "NFD": return [UnicodeNormalization(isCompatible: false, composes: false)]
        case "NFKC": return [UnicodeNormalization(isCompatible: true, composes: true)]
        case "NFKD": return [UnicodeNormalization(isCompatible: true, composes: false)]
        case "Lowercase": return [LowercaseNormalizer()]
        case "Nmt": return [NmtNormalizer()]
        case "ByteLevel": return [ByteLevelNormalizer()]
        case "Prepend": return [PrependNormalizer(prefix: Array(try string("prepend").utf8))]
        case "Precompiled": return [try characterMap()]
        case "Replace": return [try replacement()]
        default: throw unsupported("normalizer", supported: Self.normalizers)
        }
    }

    /// Whether this normalizer is a `Lowercase`, or a sequence with one right in it.
    /// - Throws: `TokenizerError` for a sequence that is none.
    func hasLowercase() throws -> Bool {
        switch type ?? untypedNormalizer {
        case "Lowercase": true
        case "Sequence": try steps("normalizers").contains { $0.type == "Lowercase" }
        default: false
        }
    }

    /// Kinds that can be told from their members, as the library does for files without "type".
    private var untypedNormalizer: String? {
        if has("clean_text") && has("handle_chinese_chars") && has("lowercase") { return "BertNormalizer" }
        if has("strip_left") { return "Strip" }
        if has("normalizers") { return "Sequence" }
        if has("precompiled_charsmap") { return "Precompiled" }
        if has("pattern") { return "Replace" }
        return has("prepend") ? "Prepend" : nil
    }

    private func bertNormalizer() throws -> BertNormalizer {
        func flag(_ key: String) throws -> Bool? {
            guard let value = value[key], !value.isNull else { return nil }
            guard let flag = value.bool else { throw malformed(key, "true, false or null") }
            return flag
        }
        return BertNormalizer(
            cleansText: try flag("clean_text") ?? true, separatesIdeographs: try flag("handle_chinese_chars") ?? true,
            stripsAccents: try flag("strip_accents"), lowercases: try flag("lowercase") ?? true)
    }

    private func characterMap() throws -> CharacterMap {
        if value["precompiled_charsmap"]?.isNull == true { return try CharacterMap([], file: file) }
        guard let blob = Data(base64Encoded: try string("precompiled_charsmap")) else {
            throw TokenizerError.malformed(
                file: file, place: "\(place).precompiled_charsmap", expected: "base 64", found: "other characters")
        }
        return try CharacterMap(Array(blob), file: file)
    }

    private func replacement() throws -> any Normalizer {
        let content = Array(try string("content").utf8)
        switch try pattern() {
        case .string(let text) where text.isEmpty:
            return PatternNormalizer(pattern: try expression(""), replacement: content)
        case .string(let text): return ReplaceNormalizer(pattern: text, replacement: content)
        case .expression(CollapseSpacesNormalizer.pattern): return CollapseSpacesNormalizer(replacement: content)
        case .expression(let text): return PatternNormalizer(pattern: try expression(text), replacement: content)
        }
    }
}
