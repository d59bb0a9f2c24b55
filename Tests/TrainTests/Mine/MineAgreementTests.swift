import Foundation
import Lexicon
import TestSupport
import Testing

@testable import Train

/// Mining agrees with an independent implementation, pair by pair and gloss by gloss, on a dump of 117,633 synsets.
///
/// The rule `normal-forms` is off: the other implementation compares lists byte by byte, and 552 pairs more are found
/// when a list's decomposed entries are recognised.
@Suite(.enabled(if: SharedData.isPresent, "\(SharedData.absence)")) struct MineAgreementTests {
    #if DEBUG
    /// A debug build reads the first synsets; a release build, which `tools/test` runs too, all of them.
    private static let limit = 4_000
    #else
    private static let limit = Int.max
    #endif

    @Test func sameRowsAndSameCounts() throws {
        var plan = MiningPlan(languages: LanguageList.xtremeR.codes)
        let folder = try FrequencyFolder(SharedData.path("vocab"))
        let english = try #require(folder.path(of: "en"))
        plan.seeds =
            SeedWords(
                entries: try FrequencyFolder.read(path: english, language: "en", top: 1000),
                stopWords: try EnglishStopWords.read(path: SharedData.path("constraints/stopwords_en.txt"))
            ).index
        for language in plan.languages {
            guard let path = folder.path(of: language) else { continue }
            plan.frequent[language] =
                MiningPlan.index(
                    try FrequencyFolder.read(path: path, language: language, top: 15_000), composes: false
                ).index
        }
        let expected = try ConstraintReader(path: SharedData.path("constraints/constraints.tsv.gz"))
        let reader = SynsetLinesReader(path: SharedData.path("synsets/synsets.jsonl.gz"))
        var miner = SynsetMiner(plan)
        var pairs: [String: Int] = [:]
        var differences = 0
        while miner.tally.synsets < Self.limit, let synset = try reader.next() {
            let isNew = try miner.mine(synset) { row in
                pairs["\(row.firstLanguage)-\(row.secondLanguage)", default: 0] += 1
                guard try expected.next() != row, differences < 5 else { return }
                differences += 1
                Issue.record("expected another row at line \(expected.lineNumber) than \(row)")
            }
            #expect(isNew)
        }
        #expect(miner.tally.pairs > 10_000)
        guard Self.limit == Int.max else { return }
        #expect(try expected.next() == nil)
        let data = try Data(contentsOf: URL(fileURLWithPath: SharedData.path("constraints/stats.json")))
        let stats = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(stats["per_language_pair"] as? [String: Int] == pairs)
        let counters = try #require(stats["counters"] as? [String: Int])
        let tally = miner.tally
        #expect(counters["synsets"] == tally.synsets && counters["with_seed"] == tally.synsetsWithSeed)
        #expect(counters["kept_synsets"] == tally.synsetsKept)
        #expect(counters["named_entity"] == tally.removedCount(.namedEntities))
        #expect(counters["too_few_gloss_languages"] == tally.removedCount(.glosses))
        #expect(counters["lemma_multiword"] == tally.removedCount(.multiwords))
        #expect(counters["lemma_not_in_topk"] == tally.removedCount(.frequency))
        #expect(counters["lemma_no_list"] == tally.lemmasWithoutList)
        #expect(stats["pairs_before_cross_synset_dedupe"] as? Int == tally.pairsBeforeDuplicates)
        #expect(stats["monolingual"] as? Int == tally.monolingualPairs)
        #expect(stats["synset_ids"] as? Int == tally.synsetsWithPairs)
    }
}
