import Lexicon

/// Turns synsets into constraints, one synset after another (paper §3.1; every decision is in docs/mining.md).
///
/// Memory: the frequency lists, the distinct words and synset ids seen, and 11 to 22 bytes for each distinct pair (for
/// the rule against duplicates) up to `MiningPlan.pairsInMemory` of them; what comes after waits on the disk for
/// `finish`.
struct SynsetMiner {
    let plan: MiningPlan
    private(set) var tally = MiningTally()

    private let cleaning: WordCleaning
    private let glossChoice: GlossChoice
    private let keepsDuplicates: Bool
    private var languages: LanguageMatcher
    private var synsetIDs = TextIndex()
    /// "language TAB word".
    private var words = TextIndex()
    private var pairs = PairSet()
    /// There when `pairs` has reached its size: pairs it does not hold are decided by `finish`.
    private var deferred: DeferredPairs?
    private var lastSynsetWithPairs: String?

    /// A word of one synset.
    private struct Word {
        let language: String
        let text: String
        let row: Int
    }

    init(_ plan: MiningPlan) {
        self.plan = plan
        languages = LanguageMatcher(languages: plan.languages)
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
            guard languages.isEnglish(lemma.language) else { continue }
            var text = lemma.text
            let found = text.withUTF8 { bytes in
                bytes.count <= 64 ? plan.seeds.row(of: ReferenceLowercase.lower(bytes)) : nil
            }
            if found != nil { return true }
        }
        return false
    }

    /// The glosses in chosen languages, ordered by language, then by position.
    private mutating func chosenGlosses(of synset: Synset) -> [Synset.Gloss] {
        var glosses: [(position: Int, gloss: Synset.Gloss)] = []
        for (position, gloss) in synset.glosses.enumerated() {
            switch languages.match(gloss.language) {
            case .chosen(let language):
                if WordTests.isBlank(gloss.text) {
                    tally.emptyGlosses += 1
                } else {
                    glosses.append((position, Synset.Gloss(language: language, text: gloss.text)))
                }
            case .other: tally.otherLanguageGlosses += 1
            case .unknown: tally.countUnknownLanguage(gloss.language)
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
        switch languages.match(lemma.language) {
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
            tally.countUnknownLanguage(lemma.language)
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

    /// Decides the pairs that waited on the disk; call once, after the last synset.
    /// - Throws: `SystemFault`, and what `emit` throws.
    mutating func finish(emit: (Constraint) throws -> Void) throws {
        guard let deferred else { return }
        self.deferred = nil
        pairs = PairSet()
        tally.waitingPairs = 0
        var repeats = 0
        var lastSynset = lastSynsetWithPairs
        try deferred.resolve(
            emit: { pair, glosses, synset in
                if lastSynset != synset {
                    lastSynset = synset
                    tally.synsetsWithPairs += 1
                }
                try self.emit(pair, glosses: glosses, synset: synset, to: emit)
            },
            repeated: { repeats += 1 })
        tally.remove(.duplicates, repeats)
    }

    private mutating func emitPairs(
        of words: [Word], glosses: [Synset.Gloss], synset: String, emit: (Constraint) throws -> Void
    ) throws {
        var random = glossChoice.random(for: synset)
        let pairsBefore = tally.pairs
        // Without the rule of glosses a pair may stand without any.
        let needsGlosses = plan.rules.contains(.glosses) && plan.minimalGlosses > 0
        var choices: [String: (Int, Int)?] = [:]
        var waiting: [DeferredPairs.Pair] = []
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
                let pair = DeferredPairs.Pair(
                    first: UInt32(first.row), second: UInt32(second.row),
                    firstGloss: choice.map { UInt32($0.0) } ?? DeferredPairs.Pair.noGloss,
                    secondGloss: choice.map { UInt32($0.1) } ?? DeferredPairs.Pair.noGloss)
                switch try decision(on: pair) {
                case .new: try self.emit(pair, glosses: glosses, synset: synset, to: emit)
                case .repeated: tally.remove(.duplicates)
                case .waits: waiting.append(pair)
                }
            }
        }
        if tally.pairs > pairsBefore {
            tally.synsetsWithPairs += 1
            lastSynsetWithPairs = synset
        }
        try deferred?.append(waiting, glosses: glosses, synset: synset)
        tally.waitingPairs += waiting.count
    }

    private enum PairDecision { case new, repeated, waits }

    private mutating func decision(on pair: DeferredPairs.Pair) throws -> PairDecision {
        if keepsDuplicates { return .new }
        if deferred == nil {
            if pairs.count < plan.pairsInMemory { return pairs.insert(pair.key) ? .new : .repeated }
            if pairs.contains(pair.key) { return .repeated }
            deferred = try DeferredPairs(folder: plan.scratchFolder)
            return .waits
        }
        return pairs.contains(pair.key) ? .repeated : .waits
    }

    private mutating func emit(
        _ pair: DeferredPairs.Pair, glosses: [Synset.Gloss], synset: String, to emit: (Constraint) throws -> Void
    ) throws {
        let (firstLanguage, firstWord) = word(at: Int(pair.first))
        let (secondLanguage, secondWord) = word(at: Int(pair.second))
        tally.pairs += 1
        if firstLanguage == secondLanguage { tally.monolingualPairs += 1 }
        let hasGlosses = pair.firstGloss != DeferredPairs.Pair.noGloss
        let one = hasGlosses ? glosses[Int(pair.firstGloss)] : nil
        let two = hasGlosses ? glosses[Int(pair.secondGloss)] : nil
        try emit(
            Constraint(
                firstLanguage: firstLanguage, firstWord: firstWord, secondLanguage: secondLanguage,
                secondWord: secondWord, firstGlossLanguage: one?.language ?? "", firstGloss: one?.text ?? "",
                secondGlossLanguage: two?.language ?? "", secondGloss: two?.text ?? "", synset: synset))
    }

    private func word(at row: Int) -> (language: String, text: String) {
        words.table.withBytes(at: row) { bytes in
            let tab = bytes.firstIndex(of: 0x09) ?? 0
            return (
                String(decoding: bytes[..<tab], as: UTF8.self), String(decoding: bytes[(tab + 1)...], as: UTF8.self)
            )
        }
    }

    /// Byte order, which is that of code points; Swift's `<` would order by canonical equivalence.
    private static func precedes(_ one: String, _ other: String) -> Bool {
        one.utf8.lexicographicallyPrecedes(other.utf8)
    }
}
