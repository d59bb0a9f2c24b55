import Files

/// Concepts gathered from several wordnets, each telling words and definitions of some of them: joined by a key.
///
/// Everything is held in flat tables, because a wordnet file tells its words before its concepts: 12 bytes a word of a
/// concept, the distinct texts once, the definitions.
struct WordnetJoin {
    /// A wordnet: its language as the file writes it, and the name its lemmas carry as their source.
    struct Lexicon {
        let language: String
        let source: String
    }

    private struct Lemma {
        let concept: UInt32
        let lexicon: UInt32
        let text: UInt32
    }

    private struct Definition {
        let concept: UInt32
        let language: UInt32
        let text: UInt32
    }

    private var keys = TextIndex()
    private var partsOfSpeech: [String] = []
    private var namedEntities: [Bool?] = []
    private var lexicons: [Lexicon] = []
    private var texts = TextIndex()
    private var lemmas: [Lemma] = []
    private var languages = TextIndex()
    private var definitionTexts = TextTable()
    private var definitions: [Definition] = []

    var conceptCount: Int { keys.count }

    /// What messages call the files that are joined.
    static func name(of places: [TextSequence.Place]) -> String {
        places[0].path + (places.count > 1 ? " and \(places.count - 1) more" : "")
    }

    /// - Returns: the lexicon's number.
    mutating func add(_ lexicon: Lexicon) -> Int {
        lexicons.append(lexicon)
        return lexicons.count - 1
    }

    /// The concept with a key, made when it is new.
    mutating func concept(_ key: String) -> Int {
        let (row, isNew) = keys.insert(key)
        if isNew {
            partsOfSpeech.append("")
            namedEntities.append(nil)
        }
        return row
    }

    /// The first that is known stays.
    mutating func setPartOfSpeech(_ part: String, of concept: Int) {
        if partsOfSpeech[concept].isEmpty { partsOfSpeech[concept] = part }
    }

    /// True when any wordnet says so.
    mutating func setNamedEntity(_ value: Bool, of concept: Int) {
        namedEntities[concept] = (namedEntities[concept] ?? false) || value
    }

    /// A text to be used as a lemma later.
    mutating func intern(_ text: String) -> Int { texts.insert(text).row }

    mutating func addLemma(_ text: Int, lexicon: Int, to concept: Int) {
        lemmas.append(Lemma(concept: UInt32(concept), lexicon: UInt32(lexicon), text: UInt32(text)))
    }

    mutating func addDefinition(_ text: String, language: String, to concept: Int) {
        definitions.append(
            Definition(
                concept: UInt32(concept), language: UInt32(languages.insert(language).row),
                text: UInt32(definitionTexts.count)))
        definitionTexts.append(text.utf8)
    }

    /// The concepts in byte order of their keys, with everything in the order it was added.
    struct Synsets {
        private let join: WordnetJoin
        /// Concepts in the order they are returned.
        private let order: [Int]
        private let lemmaStarts: [Int]
        private let lemmaOrder: [UInt32]
        private let definitionStarts: [Int]
        private let definitionOrder: [UInt32]
        private var position = 0

        init(_ join: WordnetJoin) {
            self.join = join
            let keys = join.keys.table
            order = (0..<keys.count).sorted { one, other in
                keys.withBytes(at: one) { a in keys.withBytes(at: other) { b in a.lexicographicallyPrecedes(b) } }
            }
            (lemmaStarts, lemmaOrder) = Self.grouped(join.lemmas.map(\.concept), concepts: keys.count)
            (definitionStarts, definitionOrder) = Self.grouped(join.definitions.map(\.concept), concepts: keys.count)
        }

        mutating func next() -> Synset? {
            guard position < order.count else { return nil }
            let concept = order[position]
            position += 1
            var synset = Synset(
                id: join.keys.table.string(at: concept), partOfSpeech: join.partsOfSpeech[concept],
                isNamedEntity: join.namedEntities[concept])
            for at in lemmaOrder[lemmaStarts[concept]..<lemmaStarts[concept + 1]] {
                let lemma = join.lemmas[Int(at)]
                let lexicon = join.lexicons[Int(lemma.lexicon)]
                synset.lemmas.append(
                    Synset.Lemma(
                        language: lexicon.language, text: join.texts.table.string(at: Int(lemma.text)),
                        source: lexicon.source))
            }
            for at in definitionOrder[definitionStarts[concept]..<definitionStarts[concept + 1]] {
                let definition = join.definitions[Int(at)]
                synset.glosses.append(
                    Synset.Gloss(
                        language: join.languages.table.string(at: Int(definition.language)),
                        text: join.definitionTexts.string(at: Int(definition.text))))
            }
            return synset
        }

        /// Counting sort: positions by concept, in their own order within one.
        private static func grouped(_ concepts: [UInt32], concepts count: Int) -> (starts: [Int], order: [UInt32]) {
            var starts = [Int](repeating: 0, count: count + 1)
            for concept in concepts { starts[Int(concept) + 1] += 1 }
            for at in 0..<count { starts[at + 1] += starts[at] }
            var next = starts
            var order = [UInt32](repeating: 0, count: concepts.count)
            for (at, concept) in concepts.enumerated() {
                order[next[Int(concept)]] = UInt32(at)
                next[Int(concept)] += 1
            }
            return (starts, order)
        }
    }
}

/// A lemma as wordnets write it, made the word it stands for.
enum WordnetLemma {
    /// Princeton WordNet's syntactic markers of adjectives: predicative, attributive, immediately postnominal. They say
    /// where the word may stand and are no part of it.
    private static let markers = ["(a)", "(p)", "(ip)"]

    /// Without white space at its ends and without a marker: "galore(ip)" is "galore".
    static func cleaned(_ lemma: String) -> String {
        let trimmed = WhiteSpace.trimmed(lemma)
        for marker in markers where trimmed.utf8.count > marker.utf8.count && trimmed.hasSuffix(marker) {
            return WhiteSpace.trimmed(String(trimmed.dropLast(marker.utf8.count)))
        }
        return trimmed
    }
}
