import Files

/// One line of Polylex's interchange format for synsets (docs/mining.md): a JSON object.
///
///     {"id": "bn:00044492n", "pos": "n", "named_entity": false,
///      "lemmas": [{"lang": "en", "lemma": "house", "source": "wn"}],
///      "glosses": [{"lang": "en", "gloss": "a dwelling"}]}
///
/// `id` and `lemmas` are required; `pos`, `named_entity`, `glosses` and a lemma's `source` may be missing or null;
/// other keys are ignored. A key given twice is an error.
enum SynsetLine {
    /// - Throws: `JSONReader.Fault`.
    static func parse(_ line: UnsafeBufferPointer<UInt8>) throws -> Synset {
        var reader = JSONReader(line)
        var synset = Synset(id: "")
        var seen = Seen()
        try reader.object { reader, key in
            switch key {
            case "id":
                try seen.note(1, key, reader)
                synset.id = try reader.string()
                if synset.id.isEmpty { throw reader.error(expected: "an \"id\" that is not empty") }
            case "pos":
                try seen.note(2, key, reader)
                synset.partOfSpeech = try reader.optionalString() ?? ""
            case "named_entity":
                try seen.note(4, key, reader)
                synset.isNamedEntity = try reader.optionalBoolean()
            case "lemmas":
                try seen.note(8, key, reader)
                try reader.array { reader, _ in try synset.lemmas.append(lemma(&reader)) }
            case "glosses":
                try seen.note(16, key, reader)
                if reader.peek() == UInt8(ascii: "n") {
                    _ = try reader.optionalString()
                } else {
                    try reader.array { reader, _ in try synset.glosses.append(gloss(&reader)) }
                }
            default:
                try reader.skipValue()
            }
        }
        try reader.expectEnd(of: "line")
        guard seen.keys & 1 != 0 else { throw reader.error(expected: "a key \"id\" in the object") }
        guard seen.keys & 8 != 0 else { throw reader.error(expected: "a key \"lemmas\" in the object") }
        return synset
    }

    /// Which keys an object has had.
    private struct Seen {
        var keys = 0

        mutating func note(_ bit: Int, _ key: String, _ reader: JSONReader) throws {
            guard keys & bit == 0 else { throw reader.error(expected: "the key \"\(key)\" only once") }
            keys |= bit
        }
    }

    private static func lemma(_ reader: inout JSONReader) throws -> Synset.Lemma {
        var lemma = Synset.Lemma(language: "", text: "")
        var seen = Seen()
        try reader.object { reader, key in
            switch key {
            case "lang":
                try seen.note(1, key, reader)
                lemma.language = try reader.string()
            case "lemma":
                try seen.note(2, key, reader)
                lemma.text = try reader.string()
            case "source":
                try seen.note(4, key, reader)
                lemma.source = try reader.optionalString() ?? ""
            default: try reader.skipValue()
            }
        }
        guard seen.keys & 3 == 3 else { throw reader.error(expected: "\"lang\" and \"lemma\" in a lemma") }
        return lemma
    }

    private static func gloss(_ reader: inout JSONReader) throws -> Synset.Gloss {
        var gloss = Synset.Gloss(language: "", text: "")
        var seen = Seen()
        try reader.object { reader, key in
            switch key {
            case "lang":
                try seen.note(1, key, reader)
                gloss.language = try reader.string()
            case "gloss":
                try seen.note(2, key, reader)
                gloss.text = try reader.string()
            default: try reader.skipValue()
            }
        }
        guard seen.keys == 3 else { throw reader.error(expected: "\"lang\" and \"gloss\" in a gloss") }
        return gloss
    }
}

/// Streams synsets from JSON Lines, one text after another; memory is that of the longest line.
package final class SynsetLinesReader: SynsetReader {
    private let texts: TextSequence
    private let firstPath: String
    private var reader: LineReader?
    private var isDone = false

    /// - Parameter places: one at least.
    package init(_ places: [TextSequence.Place]) {
        precondition(!places.isEmpty)
        texts = TextSequence(places)
        firstPath = places[0].path
    }

    package convenience init(path: String) { self.init([.init(path: path)]) }

    package var path: String { reader?.path ?? firstPath }
    package var place: String { "\(path): line \(lineNumber)" }
    package var lineNumber: Int { reader?.lineNumber ?? 0 }

    package func next() throws -> Synset? {
        while !isDone {
            if reader == nil { reader = try texts.nextLines() }
            guard let reader else { break }
            guard let line = try reader.nextOrSkippable() else {
                self.reader = try texts.nextLines() ?? reader
                isDone = self.reader === reader
                continue
            }
            return try synset(line, reader)
        }
        return nil
    }

    private func synset(_ line: UnsafeBufferPointer<UInt8>, _ reader: LineReader) throws -> Synset {
        do {
            return try SynsetLine.parse(line)
        } catch let fault as JSONReader.Fault {
            let rest = UnsafeBufferPointer(rebasing: line[min(fault.offset, line.count)...])
            throw SkippableFault(
                .malformedLine(
                    path: reader.path, line: reader.lineNumber, expected: fault.expected,
                    found: (rest.isEmpty ? "the end of the line" : LexiconError.excerpt(rest))
                        + " at byte \(fault.offset) of the line",
                    advice: "correct or remove the line"))
        }
    }
}
