import Files

/// Reads wordnets in WN-LMF XML (1.0 to 1.4), joined by the interlingual index (`ili`) of their synsets.
///
/// A synset's words are the lemmas of the entries whose senses name it, its glosses its `Definition`s; both are in the
/// language of their `Lexicon`, unless a definition has a `language` of its own. The lexicon's id is the lemmas'
/// source. A synset with an `instance_hypernym` is a named entity. Synsets without an index (`ili=""`, `ili="in"`) stay
/// on their own.
///
/// A bad element (a lemma without its form, a sense of a synset that is nowhere) is skipped; a file that is not
/// well-formed is an error. Of a `LexiconExtension` the entries and synsets of its own are read, those it only refers
/// to are not changed.
package final class WordnetLMFReader: SynsetReader {
    private let texts: TextSequence
    private let name: String
    private var xml: XMLPullReader?
    private var join = WordnetJoin()
    private var synsets: WordnetJoin.Synsets?
    private var lastID = ""

    /// Synset ids of all files: the concept each means, and the lexicon that said so last.
    private var ids = TextIndex()
    private var concepts: [Int?] = []
    private var definers: [Int] = []

    private var lexicon: Lexicon?
    private var lemma: Int?
    private var lemmaPart = ""
    private var concept: Int?
    private var definition: (language: String, text: String)?
    /// Senses of the lexicon being read; resolved at its end, because synsets follow entries.
    private var senses: [Sense] = []
    private var resolved: Int?

    private struct Lexicon {
        let number: Int
        let language: String
        let isExtension: Bool
    }

    private struct Sense {
        let id: Int
        let lemma: Int
        let part: String
        let line: Int
    }

    /// - Parameter places: files and members of archives, in the order their words are listed.
    package init(_ places: [TextSequence.Place]) {
        precondition(!places.isEmpty)
        texts = TextSequence(places)
        name = WordnetJoin.name(of: places)
    }

    package convenience init(paths: [String]) { self.init(paths.map { .init(path: $0) }) }

    package var path: String { xml?.path ?? name }
    package var lineNumber: Int { xml?.line ?? 0 }
    package var place: String { "\(name): synset \(lastID)" }

    package func next() throws -> Synset? {
        while synsets == nil {
            if xml == nil {
                guard let stream = try texts.nextBytes() else {
                    synsets = WordnetJoin.Synsets(join)
                    join = WordnetJoin()
                    break
                }
                xml = try XMLPullReader(stream)
            }
            try resolveSenses()
            while let event = try xml?.next() { try handle(event) }
            xml = nil
        }
        guard let synset = synsets?.next() else { return nil }
        lastID = synset.id
        return synset
    }

    private func handle(_ event: XMLPullReader.Event) throws {
        switch event {
        case .start(let name, let attributes): try start(name, attributes)
        case .text(let text): if definition != nil, xml?.openElements.last == "Definition" { definition?.text += text }
        case .end(let name): try end(name)
        }
    }

    private func start(_ name: String, _ attributes: [String: String]) throws {
        if xml?.openElements.count == 1, name != "LexicalResource" {
            throw problem("<LexicalResource> first, as in WN-LMF", "<\(name)>")
        }
        switch name {
        case "Lexicon", "LexiconExtension": try startLexicon(name, attributes)
        case "LexicalEntry", "ExternalLexicalEntry":
            lemma = nil
            lemmaPart = ""
        case "Lemma":
            guard let form = attributes["writtenForm"] else { throw skip("a writtenForm in <Lemma>", "none") }
            lemma = join.intern(WordnetLemma.cleaned(form))
            lemmaPart = attributes["partOfSpeech"] ?? ""
        case "Sense":
            // Of an entry without a lemma (one of another lexicon, or one just complained about) nothing is known.
            guard let lemma else { return }
            guard let id = attributes["synset"], !id.isEmpty else { throw skip("a synset in <Sense>", "none") }
            senses.append(Sense(id: idRow(id), lemma: lemma, part: lemmaPart, line: lineNumber))
        case "Synset": try startSynset(attributes)
        case "Definition":
            if concept != nil, let lexicon { definition = (attributes["language"] ?? lexicon.language, "") }
        case "SynsetRelation":
            if let concept { join.setNamedEntity(attributes["relType"] == "instance_hypernym", of: concept) }
        default: break
        }
    }

    private func end(_ name: String) throws {
        switch name {
        case "Lexicon", "LexiconExtension":
            resolved = 0
            try resolveSenses()
        case "Synset": concept = nil
        case "Definition":
            if let concept, let definition {
                join.addDefinition(Self.trimmed(definition.text), language: definition.language, to: concept)
            }
            definition = nil
        default: break
        }
    }

    private func startLexicon(_ name: String, _ attributes: [String: String]) throws {
        guard let language = attributes["language"], !language.isEmpty, let id = attributes["id"] else {
            throw problem("an id and a language in <\(name)>", "\(attributes.keys.sorted().joined(separator: " "))")
        }
        senses = []
        lexicon = Lexicon(
            number: join.add(WordnetJoin.Lexicon(language: language, source: id)), language: language,
            isExtension: name == "LexiconExtension")
    }

    private func startSynset(_ attributes: [String: String]) throws {
        concept = nil
        guard let lexicon else { throw problem("<Synset> within <Lexicon>", "one outside") }
        guard let id = attributes["id"], !id.isEmpty else { throw skip("an id in <Synset>", "none") }
        let row = idRow(id)
        guard definers[row] != lexicon.number else { throw skip("each synset of a lexicon once", "'\(id)' again") }
        let ili = attributes["ili"] ?? ""
        let isIndexed =
            ili.utf8.first == UInt8(ascii: "i") && ili.utf8.count > 1
            && ili.utf8.dropFirst().allSatisfy { (0x30...0x39).contains($0) }
        let found = join.concept(isIndexed ? ili : id)
        concept = found
        concepts[row] = found
        definers[row] = lexicon.number
        if let part = attributes["partOfSpeech"] { join.setPartOfSpeech(part == "s" ? "a" : part, of: found) }
    }

    private func idRow(_ id: String) -> Int {
        let (row, isNew) = ids.insert(id)
        if isNew {
            concepts.append(nil)
            definers.append(-1)
        }
        return row
    }

    /// Gives the lexicon's words to their concepts; goes on where a fault stopped it.
    private func resolveSenses() throws {
        guard let lexicon, var at = resolved else { return }
        defer { resolved = at < senses.count ? at : nil }
        while at < senses.count {
            let sense = senses[at]
            at += 1
            let isKnown = definers[sense.id] == lexicon.number || lexicon.isExtension
            guard isKnown, let concept = concepts[sense.id] else {
                throw SkippableFault(
                    .malformedLine(
                        path: path, line: sense.line, expected: "a synset of this lexicon in <Sense>",
                        found: "'\(ids.table.string(at: sense.id).prefix(60))', which it does not have",
                        advice: "correct or remove the sense"))
            }
            join.addLemma(sense.lemma, lexicon: lexicon.number, to: concept)
            join.setPartOfSpeech(sense.part == "s" ? "a" : sense.part, of: concept)
        }
        senses = []
        self.lexicon = nil
    }

    /// Without white space at either end, which pretty-printing adds.
    private static func trimmed(_ text: String) -> String {
        let isSpace: (UInt8) -> Bool = { $0 == 0x20 || $0 == 0x0a || $0 == 0x09 || $0 == 0x0d }
        guard let first = text.utf8.firstIndex(where: { !isSpace($0) }),
            let last = text.utf8.lastIndex(where: { !isSpace($0) })
        else { return "" }
        return String(text[first...last])
    }

    private func problem(_ expected: String, _ found: String) -> LexiconError {
        xml?.fault(expected, found)
            ?? .malformedLine(path: path, line: 0, expected: expected, found: found, advice: "correct the file")
    }

    private func skip(_ expected: String, _ found: String) -> SkippableFault {
        SkippableFault(problem(expected, found))
    }
}
