/// `Strip`: white space taken off the ends.
struct StripNormalizer: Normalizer, Hashable {
    let left: Bool
    let right: Bool

    func normalize(_ text: inout NormalizedText) {
        let flags = UnicodeTables.shared.flags
        var isFirst = text.isFirst
        text.rewrite { bytes, output in
            var start = 0
            var end = 0
            var position = 0
            var begins = left
            while position < bytes.count {
                let isSpace = flags[UTF8Text.next(bytes, &position)].contains(.space)
                if begins && isSpace { start = position } else { begins = false }
                if !isSpace { end = position }
            }
            if start > 0 { isFirst = false }
            output.append(contentsOf: bytes[start..<max(start, right ? end : bytes.count)])
        }
        text.isFirst = isFirst
    }
}

/// `StripAccents`: combining marks taken out, without decomposing anything before.
struct StripAccentsNormalizer: Normalizer, Hashable {
    func normalize(_ text: inout NormalizedText) {
        let kinds = NormalizationTables.kinds
        text.removeScalars { kinds[$0].contains(.mark) }
    }
}

/// `Lowercase`: scalar by scalar, without context.
struct LowercaseNormalizer: Normalizer, Hashable {
    func normalize(_ text: inout NormalizedText) {
        let tables = UnicodeTables.shared
        text.rewriteScalars { scalar, output in
            guard tables.flags[scalar].contains(.lowercased) else { return UTF8Text.append(scalar, to: &output) }
            if scalar == 0x130 {
                UTF8Text.append(0x69, to: &output)
                UTF8Text.append(0x307, to: &output)
            } else {
                UTF8Text.append(
                    UInt32(bitPattern: Int32(bitPattern: scalar) &+ tables.lowercaseDifference[scalar]), to: &output)
            }
        }
    }
}

/// `Nmt`: control characters taken out, several kinds of white space made spaces.
/// - Source: SentencePiece's nmt rules, as Hugging Face's `Nmt` has them.
struct NmtNormalizer: Normalizer, Hashable {
    func normalize(_ text: inout NormalizedText) {
        text.removeScalars { scalar in
            switch scalar {
            case 0x01...0x08, 0x0B, 0x0E...0x1F, 0x7F, 0x8F, 0x9F: true
            default: false
            }
        }
        text.rewriteScalars { scalar, output in
            switch scalar {
            case 0x09, 0x0A, 0x0C, 0x0D, 0x1680, 0x200B...0x200F, 0x2028, 0x2029, 0x2581, 0xFEFF, 0xFFFD:
                output.append(0x20)
            default: UTF8Text.append(scalar, to: &output)
            }
        }
    }
}

/// `Prepend`: a string in front of every text that is not empty.
struct PrependNormalizer: Normalizer, Hashable {
    let prefix: [UInt8]

    func normalize(_ text: inout NormalizedText) {
        if !text.bytes.isEmpty { text.bytes.insert(contentsOf: prefix, at: 0) }
    }
}

/// `ByteLevel` as a normalizer: every byte becomes a visible character.
struct ByteLevelNormalizer: Normalizer, Hashable {
    func normalize(_ text: inout NormalizedText) {
        text.rewrite { bytes, output in ByteLevelAlphabet.append(bytes, to: &output) }
    }
}

/// `Replace` of one string by another.
struct ReplaceNormalizer: Normalizer, Hashable {
    /// Not empty.
    let pattern: [UInt8]
    let replacement: [UInt8]

    func normalize(_ text: inout NormalizedText) {
        guard text.bytes.contains(pattern[0]) else { return }
        text.rewrite { bytes, output in
            var position = 0
            while position < bytes.count {
                if bytes[position] == pattern[0], bytes[position...].starts(with: pattern) {
                    output.append(contentsOf: replacement)
                    position += pattern.count
                } else {
                    output.append(bytes[position])
                    position += 1
                }
            }
        }
    }
}

/// `Replace` of the regular expression " {2,}", which every converted SentencePiece model has.
struct CollapseSpacesNormalizer: Normalizer, Hashable {
    /// What several spaces in a row become.
    let replacement: [UInt8]

    static let pattern = " {2,}"

    func normalize(_ text: inout NormalizedText) {
        let bytes = text.bytes
        guard bytes.indices.dropLast().contains(where: { bytes[$0] == 0x20 && bytes[$0 + 1] == 0x20 }) else { return }
        text.rewrite { bytes, output in
            var position = 0
            while position < bytes.count {
                var end = position
                while end < bytes.count && bytes[end] == 0x20 { end += 1 }
                if end - position > 1 {
                    output.append(contentsOf: replacement)
                    position = end
                } else {
                    output.append(bytes[position])
                    position += 1
                }
            }
        }
    }
}

/// `Replace` of whatever a regular expression matches.
struct PatternNormalizer: Normalizer {
    let pattern: RegularExpression
    let replacement: [UInt8]

    func normalize(_ text: inout NormalizedText) {
        text.rewrite { bytes, output in
            var position = 0
            pattern.forEachMatch(in: bytes) { match in
                output.append(contentsOf: bytes[position..<match.lowerBound])
                output.append(contentsOf: replacement)
                position = match.upperBound
            }
            output.append(contentsOf: bytes[position...])
        }
    }
}
