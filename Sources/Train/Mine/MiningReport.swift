import Console
import Files

/// What the small inputs of a run held.
struct MiningLists: Sendable {
    var seeds = 0
    var stopWords = 0
    /// Entries of lists and test sets that were not in NFC.
    var composedEntries = 0
    var languagesWithoutList: [String] = []
    var excludedWords = 0
}

/// How many items each rule removed, and what is left: as a table for people, as one JSON object for programs.
struct MiningReport {
    let tally: MiningTally
    let rules: Set<MiningRule>
    let lists: MiningLists
    let out: String
    let replacedCells: Int
    let elapsedSeconds: Double

    /// Read and kept, in the order things happen.
    private var totals: [(key: String, title: String, count: Int)] {
        [
            ("seeds", "seed words", lists.seeds),
            ("test_words", "words of test sets", lists.excludedWords),
            ("synsets", "synsets read", tally.synsets),
            ("with_seed", "synsets with a seed", tally.synsetsWithSeed),
            ("kept_synsets", "synsets kept", tally.synsetsKept),
            ("synset_ids", "synsets that gave pairs", tally.synsetsWithPairs),
            (
                "pairs_before_cross_synset_dedupe", "pairs before the rule against duplicates",
                tally.pairsBeforeDuplicates
            ),
            ("pairs", "pairs written", tally.pairs),
            ("monolingual", "of these in one language", tally.monolingualPairs),
        ]
    }

    /// Items left out for reasons that no rule decides.
    private var others: [(key: String, title: String, count: Int)] {
        [
            ("skipped_rows", "rows that could not be read", tally.skippedRows),
            ("repeated_synsets", "synsets whose id was read before", tally.repeatedSynsets),
            ("lemma_other_language", "lemmas in other languages", tally.otherLanguageLemmas),
            ("gloss_other_language", "glosses in other languages", tally.otherLanguageGlosses),
            (
                "unknown_language",
                "lemmas and glosses without a language code"
                    + (tally.unknownLanguages.isEmpty
                        ? "" : " (" + tally.unknownLanguages.map { "'\($0)'" }.joined(separator: " ") + ")"),
                tally.unknownLanguageItems
            ),
            ("lemma_no_list", "lemmas of languages without a frequency list", tally.lemmasWithoutList),
            ("lemma_empty", "empty lemmas", tally.emptyLemmas),
            ("gloss_empty", "empty glosses", tally.emptyGlosses),
            ("lemma_repeated", "lemmas that repeat a word of their synset", tally.repeatedLemmas),
            ("cells_changed", "cells where a tab or line end became a space", replacedCells),
        ]
    }

    var text: String {
        var table = ResultTable(columns: [
            .init("rule"), .init("removed", .integer), .init("unit"), .init("what"),
        ])
        for rule in MiningRule.allCases {
            table.append([
                .text(rule.rawValue), rules.contains(rule) ? .integer(tally.removedCount(rule)) : .null,
                .text(rules.contains(rule) ? rule.unit : "off"), .text(rule.summary),
            ])
        }
        var counts = ResultTable(columns: [.init("count", .integer), .init("what")])
        for row in others where row.count > 0 { counts.append([.integer(row.count), .text(row.title)]) }
        for row in totals { counts.append([.integer(row.count), .text(row.title)]) }
        return table.shown + "\n" + counts.shown + "\n"
            + (tally.pairs > 0 ? "\(out): \(Quantity.counted(tally.pairs, "pair")), " : "no pairs, ")
            + Quantity.duration(seconds: elapsedSeconds) + "\n"
    }

    var json: JSONValue {
        var members: [JSONValue.Member] = [.init(key: "out", value: .text(out))]
        for row in totals + others { members.append(.init(key: row.key, value: .integer(row.count))) }
        members.append(
            .init(key: "languages_without_list", value: .array(lists.languagesWithoutList.map { .text($0) })))
        members.append(
            .init(
                key: "rules",
                value: .array(
                    MiningRule.allCases.map { rule in
                        [
                            "rule": .text(rule.rawValue), "on": .boolean(rules.contains(rule)),
                            "unit": .text(rule.unit), "removed": .integer(tally.removedCount(rule)),
                        ]
                    })))
        return .object(members)
    }
}

/// What a run of mining read, removed and kept.
struct MiningTally: Sendable {
    var synsets = 0
    /// Synsets that held a seed (or all, without that rule).
    var synsetsWithSeed = 0
    var synsetsKept = 0
    /// Synsets that gave at least one pair of the output.
    var synsetsWithPairs = 0
    /// Pairs before the rule against duplicates.
    var pairsBeforeDuplicates = 0
    var pairs = 0
    /// Pairs that wait on the disk for the end of the input; 0 when they have been decided.
    var waitingPairs = 0
    var monolingualPairs = 0

    var skippedRows = 0
    var repeatedSynsets = 0
    /// Lemmas in a language that was not chosen; glosses likewise.
    var otherLanguageLemmas = 0
    var otherLanguageGlosses = 0
    /// Lemmas and glosses whose language is no language code.
    var unknownLanguageItems = 0
    /// The first of such codes, sorted.
    private(set) var unknownLanguages: [String] = []
    var emptyLemmas = 0
    var emptyGlosses = 0
    /// Lemmas of chosen languages that have no frequency list.
    var lemmasWithoutList = 0
    /// Lemmas that are another spelling of a word the synset has already.
    var repeatedLemmas = 0
    /// What is wrong with synsets that were mined all the same: with --strict the first one ends the run.
    var defects: Int { unknownLanguageItems + emptyLemmas + emptyGlosses }

    /// Items each rule removed or changed.
    private var removed: [MiningRule: Int] = [:]

    mutating func countUnknownLanguage(_ code: String) {
        unknownLanguageItems += 1
        let shown = String(code.prefix(20))
        guard unknownLanguages.count < 10, !unknownLanguages.contains(shown) else { return }
        unknownLanguages.append(shown)
        unknownLanguages.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    mutating func remove(_ rule: MiningRule, _ count: Int = 1) { removed[rule, default: 0] += count }

    func removedCount(_ rule: MiningRule) -> Int { removed[rule] ?? 0 }
}
