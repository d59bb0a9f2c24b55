import Lexicon
import TestSupport
import Testing

@testable import Train

/// The rules of mining one by one, on synsets small enough to count by hand.
@Suite struct SynsetMinerTests {
    private static func synset(
        id: String = "s:1", named: Bool? = false, _ lemmas: [(String, String, String)],
        _ glosses: [(String, String)] = [("de", "G-de"), ("en", "G-en"), ("fr", "G-fr")]
    ) -> Synset {
        Synset(
            id: id, isNamedEntity: named,
            lemmas: lemmas.map { Synset.Lemma(language: $0.0, text: $0.1, source: $0.2) },
            glosses: glosses.map { Synset.Gloss(language: $0.0, text: $0.1) })
    }

    private static let house: [(String, String, String)] = [
        ("en", "house", "wn"), ("de", "Haus", "wn"), ("fr", "maison", "wikt"),
    ]

    /// A plan whose lists hold the words of `house` and few others.
    private static func plan(_ change: (inout MiningPlan) -> Void = { _ in }) -> MiningPlan {
        var plan = MiningPlan(languages: ["de", "en", "fr", "ar"])
        plan.seeds.insert("house")
        plan.frequent["en"] = TextIndex(of: TextTable(["house", "home", "hot dog"]))
        plan.frequent["de"] = TextIndex(of: TextTable(["haus", "heim"]))
        plan.frequent["fr"] = TextIndex(of: TextTable(["maison"]))
        plan.frequent["ar"] = TextIndex(of: TextTable(["قادر"]))
        change(&plan)
        return plan
    }

    private static func mine(_ plan: MiningPlan, _ synsets: [Synset]) throws -> ([Constraint], MiningTally) {
        var miner = SynsetMiner(plan)
        var rows: [Constraint] = []
        for synset in synsets { _ = try miner.mine(synset) { rows.append($0) } }
        try miner.finish { rows.append($0) }
        return (rows, miner.tally)
    }

    private static func words(_ rows: [Constraint]) -> [String] {
        rows.map { "\($0.firstLanguage):\($0.firstWord) \($0.secondLanguage):\($0.secondWord)" }
    }

    @Test func allPairsInOrderOfLanguageAndWord() throws {
        let (rows, tally) = try Self.mine(Self.plan(), [Self.synset(Self.house + [("en", "home", "")])])
        #expect(
            Self.words(rows) == [
                "de:Haus en:home", "de:Haus en:house", "de:Haus fr:maison", "en:home en:house", "en:home fr:maison",
                "en:house fr:maison",
            ])
        #expect(tally.pairs == 6 && tally.monolingualPairs == 1 && tally.synsetsKept == 1)
    }

    /// The Open Multilingual Wordnet's sign for "no word here" is no word: it stands in no frequency list.
    @Test func gapsOfWordnetsAreDropped() throws {
        let synset = Self.synset(Self.house + [("de", "GAP!", "wn"), ("fr", "GAP!", "wn")])
        let (rows, tally) = try Self.mine(Self.plan(), [synset])
        #expect(Self.words(rows) == ["de:Haus en:house", "de:Haus fr:maison", "en:house fr:maison"])
        #expect(tally.removedCount(.frequency) == 2)
    }

    /// L(g1) ≠ L(w1), L(g2) ≠ L(w2), and g2 in a third language where there is one.
    @Test func glossesAreInOtherLanguagesThanTheirWords() throws {
        let (rows, _) = try Self.mine(Self.plan(), [Self.synset(Self.house)])
        let glosses = rows.map { "\($0.firstGlossLanguage) \($0.secondGlossLanguage)" }
        #expect(glosses == ["en de", "en de", "de en"])
        // Only two gloss languages: g2 falls back to the language of g1.
        let (few, _) = try Self.mine(Self.plan(), [Self.synset(Self.house, [("en", "a"), ("de", "b")])])
        #expect(few.map { "\($0.firstGlossLanguage) \($0.secondGlossLanguage)" } == ["en de", "en de", "de en"])
        let one = Self.synset([("de", "Haus", ""), ("en", "house", "")], [("de", "b"), ("de", "c")])
        let (none, tally) = try Self.mine(Self.plan { $0.countsGlossLanguages = false }, [one])
        #expect(none.isEmpty && tally.removedCount(.glossLanguages) == 1)
        let (kept, _) = try Self.mine(
            Self.plan {
                $0.countsGlossLanguages = false
                $0.rules.remove(.glossLanguages)
            }, [one])
        #expect(kept.map { [$0.firstGloss, $0.secondGloss] } == [["b", "b"]])
    }

    @Test func randomGlossesDependOnTheSeedAlone() throws {
        let glosses = (0..<9).map { (["de", "en", "fr"][$0 % 3], "g\($0)") }
        let synsets = (0..<20).map { Self.synset(id: "s:\($0)", Self.house, glosses) }
        func draw(_ seed: UInt64, _ synsets: [Synset]) throws -> [Constraint] {
            try Self.mine(
                Self.plan {
                    $0.glossOrder = .random
                    $0.seed = seed
                    $0.rules.remove(.duplicates)
                }, synsets
            ).0
        }
        let rows = try draw(1, synsets)
        #expect(rows.allSatisfy { $0.firstGlossLanguage != $0.firstLanguage })
        #expect(rows.allSatisfy { $0.secondGlossLanguage != $0.secondLanguage })
        #expect(rows.allSatisfy { $0.secondGlossLanguage != $0.firstGlossLanguage })
        #expect(try draw(1, synsets) == rows)
        #expect(try draw(2, synsets) != rows)
        #expect(Set(rows.map(\.firstGloss)).count > 3)
        // What stands before a synset in the file does not change its glosses.
        #expect(try draw(1, Array(synsets.suffix(5))) == Array(rows.suffix(15)))
    }

    /// Each rule removes what it says, is counted, and lets it pass when it is off.
    @Test(arguments: [
        (MiningRule.seeds, synset([("en", "home", ""), ("de", "Heim", "")]), 1),
        (.namedEntities, synset(named: true, house), 3),
        (.glosses, synset(house, [("en", "one")]), 3),
        (.automatic, synset(house.dropLast() + [("fr", "maison", "WIKITR")]), 3),
        (.redirects, synset(house.dropLast() + [("fr", "maison", "WIKIRED")]), 3),
        (.multiwords, synset(house + [("en", "hot dog", "")]), 6),
        (.frequency, synset(house + [("fr", "logis", "")]), 6),
    ])
    func everyRuleHasASwitch(rule: MiningRule, synset: Synset, pairsWithout: Int) throws {
        let (with, tally) = try Self.mine(Self.plan(), [synset])
        let (without, other) = try Self.mine(Self.plan { $0.rules.remove(rule) }, [synset])
        #expect(with.count < without.count)
        #expect(without.count == pairsWithout)
        #expect(tally.removedCount(rule) == 1)
        #expect(other.removedCount(rule) == 0)
    }

    @Test func duplicatesKeepTheFirstSynset() throws {
        let synsets = [Self.synset(id: "s:1", Self.house), Self.synset(id: "s:2", Self.house + [("en", "home", "")])]
        let (rows, tally) = try Self.mine(Self.plan(), synsets)
        #expect(rows.map(\.synset) == ["s:1", "s:1", "s:1", "s:2", "s:2", "s:2"])
        #expect(tally.removedCount(.duplicates) == 3 && tally.pairsBeforeDuplicates == 9)
        #expect(try Self.mine(Self.plan { $0.rules.remove(.duplicates) }, synsets).0.count == 9)
    }

    /// However few pairs fit in memory, rows and counts are the same.
    @Test(arguments: [0, 1, 3, 50, 500])
    func duplicatesAreFoundInAnyMemory(pairsInMemory: Int) throws {
        let folder = try TemporaryFolder()
        var random = SeededRandom(seed: 5)
        let words = (0..<40).map { "w\($0)" }
        let synsets = (0..<60).map { number in
            let lemmas = (0..<random.below(12)).map { _ in
                (["de", "en", "fr"][random.below(3)], words[random.below(words.count)], "")
            }
            return Self.synset(
                id: "s:\(number)", lemmas + [("en", "house", "")], [("de", "a\(number)"), ("en", "b"), ("fr", "c")])
        }
        func plan(_ pairs: Int) -> MiningPlan {
            Self.plan {
                $0.rules.remove(.frequency)
                $0.pairsInMemory = pairs
                $0.scratchFolder = folder.path
            }
        }
        let (expected, tally) = try Self.mine(plan(.max), synsets)
        let (rows, other) = try Self.mine(plan(pairsInMemory), synsets)
        #expect(rows == expected && tally.removedCount(.duplicates) > 50 && tally.pairs > 500)
        #expect(other.pairs == tally.pairs && other.removedCount(.duplicates) == tally.removedCount(.duplicates))
        #expect(other.synsetsWithPairs == tally.synsetsWithPairs && other.monolingualPairs == tally.monolingualPairs)
        #expect(try folder.names.isEmpty)
    }

    @Test func aRepeatedIdGivesNothing() throws {
        var miner = SynsetMiner(Self.plan())
        #expect(try miner.mine(Self.synset(Self.house)) { _ in })
        #expect(try !miner.mine(Self.synset(Self.house + [("en", "home", "")])) { _ in })
        #expect(miner.tally.repeatedSynsets == 1 && miner.tally.pairs == 3)
    }

    @Test func spellingsThatDifferInCaseAreOneWord() throws {
        let (rows, tally) = try Self.mine(
            Self.plan(), [Self.synset([("en", "House", ""), ("en", "house", ""), ("de", "Haus", "")])])
        #expect(Self.words(rows) == ["de:Haus en:House"])
        #expect(tally.repeatedLemmas == 1)
    }

    /// Marks, zero-width characters, writing direction, decomposed forms: what people see is looked up.
    @Test func lemmasAreCleaned() throws {
        let lemmas = [
            ("en", "ho\u{ad}use", ""), ("de", "\u{200f}Haus\u{202c}", ""), ("ar", "قادِر", ""),
            ("fr", "maison\u{feff}", ""),
        ]
        let plan = Self.plan { $0.rules.remove(.seeds) }
        let (rows, tally) = try Self.mine(plan, [Self.synset(lemmas)])
        #expect(rows.count == 6)
        #expect(Set(rows.flatMap { [$0.firstWord, $0.secondWord] }) == ["house", "Haus", "قادر", "maison"])
        #expect(tally.removedCount(.invisible) == 3 && tally.removedCount(.marks) == 1)
        let (raw, _) = try Self.mine(
            Self.plan { $0.rules.subtract([.seeds, .invisible, .marks]) }, [Self.synset(lemmas)])
        #expect(raw.isEmpty)
    }

    @Test func listsInAnotherNormalFormAreMet() throws {
        let decomposed = TextTable(["cafe\u{301}"])
        let (index, composed) = MiningPlan.index(decomposed, composes: true)
        #expect(index.contains("caf\u{e9}") && composed == 1)
        #expect(!MiningPlan.index(decomposed, composes: false).index.contains("caf\u{e9}"))
        let cleaning = WordCleaning(dropsMarks: true, dropsInvisible: true)
        #expect(Array(cleaning.clean("cafe\u{301}", language: "fr").text.utf8) == Array("caf\u{e9}".utf8))
        // Joiners change how words are written: they stay.
        #expect(cleaning.clean("می\u{200c}خواهم", language: "fa").text == "می\u{200c}خواهم")
    }

    @Test func emptyAndForeignItemsAreCounted() throws {
        let synset = Self.synset(
            Self.house + [("en", " ", ""), ("xx", "foo", ""), ("12", "bar", ""), ("", "baz", "")],
            [("en", ""), ("fr", "\u{3000}"), ("de", "a"), ("en", "b"), ("zz", "c")])
        let (rows, tally) = try Self.mine(Self.plan(), [synset])
        #expect(rows.count == 3)
        #expect(tally.emptyLemmas == 1 && tally.emptyGlosses == 2)
        #expect(tally.otherLanguageLemmas == 1 && tally.otherLanguageGlosses == 1 && tally.unknownLanguageItems == 2)
    }

    /// Dumps write EN, eng or en: one language.
    @Test func languageCodesAreCanonical() throws {
        let (rows, _) = try Self.mine(
            Self.plan(), [Self.synset([("ENG", "house", ""), ("DE", "Haus", "")], [("eng", "a"), ("fre", "b")])])
        #expect(Self.words(rows) == ["de:Haus en:house"])
        #expect(rows.first?.firstGlossLanguage == "en")
    }

    /// Scripts and regions are kinds of a language, other subtags make another.
    @Test(arguments: [
        ("cmn-Hans", LanguageMatch.chosen("zh")), ("pt-BR", .chosen("pt")), ("pt_br", .chosen("pt")),
        ("sr-Latn", .chosen("sr-latn")), ("es-419", .chosen("es")), ("zh-classical", .other), ("zh-min-nan", .other),
        ("sr", .other), ("xx", .other), ("", .unknown), ("e", .unknown), ("12", .unknown), ("en us", .unknown),
    ])
    func codesWithSubtags(code: String, match: LanguageMatch) {
        var matcher = LanguageMatcher(languages: ["zh", "pt", "sr-latn", "es"])
        #expect(matcher.match(code) == match)
        #expect(matcher.isEnglish("en-GB") && matcher.isEnglish("ENG") && !matcher.isEnglish(code))
    }

    /// Wordnets of Norwegian are of one of its two written forms.
    @Test func norwegianIsWrittenInTwoWays() {
        var norwegian = LanguageMatcher(languages: ["no"])
        for code in ["no", "nb", "nn", "nob", "nno", "nb-NO"] {
            #expect(norwegian.match(code) == .chosen("no"), "\(code)")
        }
        var nynorsk = LanguageMatcher(languages: ["no", "nn"])
        #expect(nynorsk.match("nno") == .chosen("nn") && nynorsk.match("nob") == .chosen("no"))
        var other = LanguageMatcher(languages: ["sv"])
        #expect(other.match("nb") == .other)
    }

    @Test func testWordsAreLeftOut() throws {
        for scope in ExcludedWords.Scope.allCases {
            var excluded = ExcludedWords(scope: scope)
            excluded.insert("HAUS", language: "de")
            excluded.insert("house", language: "fr")
            excluded.insert("Haus", language: "it")
            var plan = Self.plan()
            plan.excluded = excluded
            let (_, tally) = try Self.mine(plan, [Self.synset(Self.house + [("en", "home", "")])])
            // language: Haus goes; everywhere: Haus and house.
            #expect(tally.removedCount(.exclude) == (scope == .language ? 1 : 2))
            #expect(tally.pairs == (scope == .language ? 3 : 1))
        }
    }
}
