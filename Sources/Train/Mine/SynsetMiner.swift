import Lexicon

/// Turns synsets into constraints, one synset after another (paper §3.1; every decision is in docs/mining.md).
///
/// Memory: the frequency lists, the distinct words seen, and 11 to 22 bytes for each distinct pair (for the rule
/// against duplicates).
struct SynsetMiner {
    let plan: MiningPlan
    private(set) var tally = MiningTally()

    private let cleaning: WordCleaning
    private let glossChoice: GlossChoice
    private let keepsDuplicates: Bool
    /// A source's spelling of a language → its canonical code when it is chosen.
    private var languageCodes: [String: LanguageStanding] = [:]
    private let chosen: Set<String>
    private var synsetIDs = TextIndex()
    /// "language TAB word".
    private var words = TextIndex()
    private var pairs = PairSet()

    private enum LanguageStanding {
        case chosen(String)
        case other
        case unknown
    }

    /// A word of one synset.
    private struct Word {
        let language: String
        let text: String
        let row: Int
    }

    init(_ plan: MiningPlan) {
        self.plan = plan
        chosen = Set(plan.languages)
        cleaning = WordCleaning(
            dropsMarks: plan.rules.contains(.marks), dropsInvisible: plan.rules.contains(.invisible))
        glossChoice = GlossChoice(
            order: plan.glossOrder, seed: plan.seed, avoidsWordLanguage: plan.rules.contains(.glossLanguages))
        keepsDuplicates = !plan.rules.contains(.duplicates)
    }

    /// Counts a row that could not be read.
    mutating func countSkippedRow() { tally.skippedRows += 1 }

    /// Counts what a rule did before the first synset was read.
    mutating func count(_ items: Int, of rule: MiningRule) { tally.remove(rule, items) }

    /// Mines one synset; pairs are emitted by (language, word) in byte order.
    /// - Returns: false when a synset of this id was mined before (it is counted and gives nothing).
    mutating func mine(_ synset: Synset, emit: (Constraint) throws -> Void) throws -> Bool {
        tally.synsets += 1
        if plan.rules.contains(.seeds), !holdsSeed(synset) {
            tally.remove(.seeds)
            return true
        }
        tally.synsetsWithSeed += 1
        guard synsetIDs.insert(synset.id).isNew else {
            tally.repeatedSynsets += 1
            return false
        }
        if plan.rules.contains(.namedEntities), synset.isNamedEntity == true {
            tally.remove(.namedEntities)
            return true
        }
        let glosses = chosenGlosses(of: synset)
        if plan.rules.contains(.glosses) {
            let count = plan.countsGlossLanguages ? Set(glosses.map(\.language)).count : glosses.count
            if count < plan.minimalGlosses {
                tally.remove(.glosses)
                return true
            }
        }
        tally.synsetsKept += 1
        try emitPairs(of: chosenWords(of: synset), glosses: glosses, synset: synset.id, emit: emit)
        return true
    }

    private mutating func holdsSeed(_ synset: Synset) -> Bool {
        for lemma in synset.lemmas {
            guard lemma.language == "en" || LanguageCode.canonical(lemma.language) == "en" else { continue }
            var text = lemma.text
            let found = text.withUTF8 { bytes in
                bytes.count <= 64 ? plan.seeds.row(of: ReferenceLowercase.lower(bytes)) : nil
            }
            if found != nil { return true }
        }
        return false
    }

    private mutating func standing(_ code: String) -> LanguageStanding {
        if let known = languageCodes[code] { return known }
        let canonical = LanguageCode.canonical(code)
        let standing: LanguageStanding =
            chosen.contains(canonical)
            ? .chosen(canonical) : LanguageCode.isWellFormed(canonical) ? .other : .unknown
        // A dump of nonsense must not fill the memory with its codes.
        if languageCodes.count < 10_000 { languageCodes[code] = standing }
        return standing
    }

    /// The glosses in chosen languages, ordered by language, then by position.
    private mutating func chosenGlosses(of synset: Synset) -> [Synset.Gloss] {
        var glosses: [(position: Int, gloss: Synset.Gloss)] = []
        for (position, gloss) in synset.glosses.enumerated() {
            switch standing(gloss.language) {
            case .chosen(let language):
                if WordTests.isBlank(gloss.text) {
                    tally.emptyGlosses += 1
                } else {
                    glosses.append((position, Synset.Gloss(language: language, text: gloss.text)))
                }
            case .other: tally.otherLanguageGlosses += 1
            case .unknown: tally.unknownLanguageItems += 1
            }
        }
        glosses.sort { one, other in
            one.gloss.language == other.gloss.language
                ? one.position < other.position : Self.precedes(one.gloss.language, other.gloss.language)
        }
        return glosses.map(\.gloss)
    }

    /// The words that pass every rule, in byte order of (language, word).
    private mutating func chosenWords(of synset: Synset) -> [Word] {
        var words: [Word] = []
        // "language TAB lower-cased word" of this synset: spellings that differ in case alone are one word.
        var seen = TextIndex()
        for lemma in synset.lemmas {
            guard let language = chosenLanguage(of: lemma), let text = cleanedText(of: lemma, language: language)
            else { continue }
            let lowered = ReferenceLowercase.lower(text)
            if plan.rules.contains(.frequency), plan.frequent[language]?.contains(lowered) != true {
                tally.remove(.frequency)
                continue
            }
            guard seen.insert("\(language)\t\(lowered)").isNew else {
                tally.repeatedLemmas += 1
                continue
            }
            if plan.rules.contains(.exclude), plan.excluded.contains(text, lowered: lowered, language: language) {
                tally.remove(.exclude)
                continue
            }
            words.append(
                Word(language: language, text: text, row: self.words.insert("\(language)\t\(text)").row))
        }
        return words.sorted { one, other in
            one.language == other.language
                ? Self.precedes(one.text, other.text) : Self.precedes(one.language, other.language)
        }
    }

    private mutating func chosenLanguage(of lemma: Synset.Lemma) -> String? {
        switch standing(lemma.language) {
        case .chosen(let language):
            if plan.rules.contains(.frequency), plan.frequent[language] == nil {
                tally.lemmasWithoutList += 1
                return nil
            }
            return language
        case .other:
            tally.otherLanguageLemmas += 1
            return nil
        case .unknown:
            tally.unknownLanguageItems += 1
            return nil
        }
    }

    private mutating func cleanedText(of lemma: Synset.Lemma, language: String) -> String? {
        if !lemma.source.isEmpty {
            let source = lemma.source.lowercased()
            if plan.rules.contains(.automatic), plan.automaticSources.contains(source) {
                tally.remove(.automatic)
                return nil
            }
            if plan.rules.contains(.redirects), plan.redirectSources.contains(source) {
                tally.remove(.redirects)
                return nil
            }
        }
        if WordTests.isBlank(lemma.text) {
            tally.emptyLemmas += 1
            return nil
        }
        if plan.rules.contains(.multiwords), WordTests.hasSeveralWords(lemma.text) {
            tally.remove(.multiwords)
            return nil
        }
        let cleaned = cleaning.clean(lemma.text, language: language)
        if cleaned.droppedMarks { tally.remove(.marks) }
        if cleaned.droppedInvisible { tally.remove(.invisible) }
        if WordTests.isBlank(cleaned.text) {
            tally.emptyLemmas += 1
            return nil
        }
        return cleaned.text
    }

    private mutating func emitPairs(
        of words: [Word], glosses: [Synset.Gloss], synset: String, emit: (Constraint) throws -> Void
    ) throws {
        var random = glossChoice.random(for: synset)
        let pairsBefore = tally.pairs
        // Without the rule of glosses a pair may stand without any.
        let needsGlosses = plan.rules.contains(.glosses) && plan.minimalGlosses > 0
        var choices: [String: (Int, Int)?] = [:]
        for (position, first) in words.enumerated() {
            choices.removeAll(keepingCapacity: true)
            for second in words[(position + 1)...] {
                let choice: (Int, Int)?
                if glossChoice.order == .first, let known = choices[second.language] {
                    choice = known
                } else {
                    choice = glossChoice.choose(
                        glosses, first: first.language, second: second.language, random: &random)
                    choices.updateValue(choice, forKey: second.language)
                }
                if choice == nil, needsGlosses {
                    tally.remove(.glossLanguages)
                    continue
                }
                tally.pairsBeforeDuplicates += 1
                if !keepsDuplicates, !pairs.insert(UInt64(first.row) << 32 | UInt64(second.row)) {
                    tally.remove(.duplicates)
                    continue
                }
                tally.pairs += 1
                if first.language == second.language { tally.monolingualPairs += 1 }
                let one = choice.map { glosses[$0.0] }
                let two = choice.map { glosses[$0.1] }
                try emit(
                    Constraint(
                        firstLanguage: first.language, firstWord: first.text, secondLanguage: second.language,
                        secondWord: second.text, firstGlossLanguage: one?.language ?? "", firstGloss: one?.text ?? "",
                        secondGlossLanguage: two?.language ?? "", secondGloss: two?.text ?? "", synset: synset))
            }
        }
        if tally.pairs > pairsBefore { tally.synsetsWithPairs += 1 }
    }

    /// Byte order, which is that of code points; Swift's `<` would order by canonical equivalence.
    private static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
