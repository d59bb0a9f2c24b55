/// One line of Polylex's interchange format for synsets (docs/mining.md): a JSON object.
///
///     {"id": "bn:00044492n", "pos": "n", "named_entity": false,
///      "lemmas": [{"lang": "en", "lemma": "house", "source": "wn"}],
///      "glosses": [{"lang": "en", "gloss": "a dwelling"}]}
///
/// `id` and `lemmas` are required; `pos`, `named_entity`, `glosses` and a lemma's `source` may be missing or null; other
/// keys are ignored. A key given twice is an error.
enum SynsetLine {
    /// - Throws: `JSONScanner.Fault`.
    static func parse(_ line: UnsafeBufferPointer<UInt8>) throws -> Synset {
        var scanner = JSONScanner(line)
        var synset = Synset(id: "")
        var seen = Seen()
        try scanner.object { scanner, key in
            switch key {
            case "id":
                try seen.note(1, key, scanner)
                synset.id = try scanner.string()
                if synset.id.isEmpty { throw scanner.fault("an \"id\" that is not empty") }
            case "pos":
                try seen.note(2, key, scanner)
                synset.partOfSpeech = try scanner.optionalString() ?? ""
            case "named_entity":
                try seen.note(4, key, scanner)
                synset.isNamedEntity = try scanner.optionalBoolean()
            case "lemmas":
                try seen.note(8, key, scanner)
                try scanner.array { try synset.lemmas.append(lemma(&$0)) }
            case "glosses":
                try seen.note(16, key, scanner)
                if scanner.peek() == UInt8(ascii: "n") {
                    _ = try scanner.optionalString()
                } else {
                    try scanner.array { try synset.glosses.append(gloss(&$0)) }
                }
            default:
                try scanner.skipValue()
            }
        }
        try scanner.expectEnd()
        guard seen.keys & 1 != 0 else { throw scanner.fault("a key \"id\" in the object") }
        guard seen.keys & 8 != 0 else { throw scanner.fault("a key \"lemmas\" in the object") }
        return synset
    }

    /// Which keys an object has had.
    private struct Seen {
        var keys = 0

        mutating func note(_ bit: Int, _ key: String, _ scanner: JSONScanner) throws {
            guard keys & bit == 0 else { throw scanner.fault("the key \"\(key)\" only once") }
            keys |= bit
        }
    }

    private static func lemma(_ scanner: inout JSONScanner) throws -> Synset.Lemma {
        var lemma = Synset.Lemma(language: "", text: "")
        var seen = Seen()
        try scanner.object { scanner, key in
            switch key {
            case "lang":
                try seen.note(1, key, scanner)
                lemma.language = try scanner.string()
            case "lemma":
                try seen.note(2, key, scanner)
                lemma.text = try scanner.string()
            case "source":
                try seen.note(4, key, scanner)
                lemma.source = try scanner.optionalString() ?? ""
            default: try scanner.skipValue()
            }
        }
        guard seen.keys & 3 == 3 else { throw scanner.fault("\"lang\" and \"lemma\" in a lemma") }
        return lemma
    }

    private static func gloss(_ scanner: inout JSONScanner) throws -> Synset.Gloss {
        var gloss = Synset.Gloss(language: "", text: "")
        var seen = Seen()
        try scanner.object { scanner, key in
            switch key {
            case "lang":
                try seen.note(1, key, scanner)
                gloss.language = try scanner.string()
            case "gloss":
                try seen.note(2, key, scanner)
                gloss.text = try scanner.string()
            default: try scanner.skipValue()
            }
        }
        guard seen.keys == 3 else { throw scanner.fault("\"lang\" and \"gloss\" in a gloss") }
        return gloss
    }
}
