/// `WhitespaceSplit`: parts are what stands between white space.
struct WhitespaceSplitPreTokenizer: PreTokenizer {
    func cut(_ text: inout PreTokenizedText) {
        let flags = UnicodeTables.shared.flags
        text.drop { flags[$0].contains(.space) }
    }
}

/// `Whitespace`: runs of word characters and runs of anything else but white space (`\w+|[^\w\s]+`).
struct WhitespacePreTokenizer: PreTokenizer {
    func cut(_ text: inout PreTokenizedText) {
        let kinds = NormalizationTables.kinds
        let flags = UnicodeTables.shared.flags
        text.split(.removed, inverted: true) { text, take in
            var position = 0
            var start = 0
            var previous: Bool?
            while position < text.count {
                let before = position
                let scalar = UTF8Text.next(text, &position)
                let kind: Bool? =
                    kinds[scalar].contains(.word) ? true : flags[scalar].contains(.space) ? nil : false
                if kind != previous {
                    if previous != nil { take(start..<before) }
                    start = before
                    previous = kind
                }
            }
            if previous != nil { take(start..<position) }
        }
    }
}

/// `BertPreTokenizer`: white space removed, punctuation isolated.
struct BertPreTokenizer: PreTokenizer {
    func cut(_ text: inout PreTokenizedText) {
        let flags = UnicodeTables.shared.flags
        text.drop { flags[$0].contains(.space) }
        text.split(.isolated) { flags[$0].contains(.punctuation) }
    }
}

struct PunctuationPreTokenizer: PreTokenizer {
    let behavior: SplitBehavior

    func cut(_ text: inout PreTokenizedText) {
        let flags = UnicodeTables.shared.flags
        text.split(behavior) { flags[$0].contains(.punctuation) }
    }
}

struct DigitsPreTokenizer: PreTokenizer {
    let isIndividual: Bool

    func cut(_ text: inout PreTokenizedText) {
        let kinds = NormalizationTables.kinds
        text.split(isIndividual ? .isolated : .contiguous) { kinds[$0].contains(.numeric) }
    }
}

/// `CharDelimiterSplit`: parts are what stands between one character.
struct DelimiterPreTokenizer: PreTokenizer {
    let delimiter: UInt32

    func cut(_ text: inout PreTokenizedText) { text.drop { $0 == delimiter } }
}

/// `FixedLength`: parts of so many characters.
struct FixedLengthPreTokenizer: PreTokenizer {
    /// At least 1.
    let length: Int

    func cut(_ text: inout PreTokenizedText) {
        text.split(.isolated) { text, take in
            var position = 0
            while position < text.count {
                let start = position
                for _ in 0..<length where position < text.count { _ = UTF8Text.next(text, &position) }
                take(start..<position)
            }
        }
    }
}

/// `UnicodeScripts`: parts of one script; Han, Hiragana and Katakana count as one, a space as none.
struct UnicodeScriptsPreTokenizer: PreTokenizer {
    func cut(_ text: inout PreTokenizedText) {
        let scripts = NormalizationTables.scripts
        // What stands in front of the first script is dropped, as the library does it.
        text.split(.removed, inverted: true) { text, take in
            var position = 0
            var start = 0
            var last: UInt8 = 0
            while position < text.count {
                let before = position
                let script = scripts[UTF8Text.next(text, &position)]
                if script == 0 || script == last { continue }
                if last != 0 { take(start..<before) }
                start = before
                last = script
            }
            if last != 0 { take(start..<position) }
        }
    }
}

/// `Split` at a string.
struct StringSplitPreTokenizer: PreTokenizer {
    /// Not empty.
    let pattern: [UInt8]
    let behavior: SplitBehavior
    let isInverted: Bool

    func cut(_ text: inout PreTokenizedText) {
        text.split(behavior, inverted: isInverted) { text, take in
            var position = 0
            while position < text.count {
                if text[position] == pattern[0], text[position...].starts(with: pattern) {
                    take(position..<(position + pattern.count))
                    position += pattern.count
                } else {
                    position += 1
                }
            }
        }
    }
}

/// `Split` at the matches of a regular expression.
struct PatternSplitPreTokenizer: PreTokenizer {
    let pattern: RegularExpression
    let behavior: SplitBehavior
    let isInverted: Bool

    func cut(_ text: inout PreTokenizedText) {
        text.split(behavior, inverted: isInverted) { text, take in pattern.forEachMatch(in: text, take) }
    }
}

/// `Metaspace`: spaces become a visible mark, which begins a part.
struct MetaspacePreTokenizer: PreTokenizer {
    enum Prepending: String, Sendable {
        case always, first, never
    }

    /// The mark, one character, in UTF-8: "▁".
    let mark: [UInt8]
    let prepending: Prepending
    /// Whether a mark begins a new part.
    let splits: Bool

    func cut(_ text: inout PreTokenizedText) {
        let (first, count) = (mark[0], mark.count)
        text.rewriteCutting { part, isFirst, output, cuts in
            let begins = part[0] == 0x20 || part.starts(with: mark)
            if !begins && (prepending == .always || prepending == .first && isFirst) {
                output.append(contentsOf: mark)
            }
            var position = 0
            while position < part.count {
                let byte = part[position]
                if byte == 0x20 {
                    cuts.append(output.count)
                    output.append(contentsOf: mark)
                    position += 1
                } else if byte == first && part[position...].starts(with: mark) {
                    cuts.append(output.count)
                    output.append(contentsOf: mark)
                    position += count
                } else {
                    output.append(byte)
                    position += 1
                }
            }
            if !splits { cuts.removeAll(keepingCapacity: true) }
        }
    }
}
