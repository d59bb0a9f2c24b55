import Evaluation
import Fingerprinting
import Store
import TestSupport
import Testing

@testable import Lookup

@Suite struct ScoreIntervalsTests {
    /// Ranks of random queries, the same for the same seed.
    private func ranks(_ count: Int, seed: UInt64, first: Int = 0) -> Ranks {
        var random = SeededGenerator(state: seed)
        return Ranks(
            (0..<count).map { _ in GoldRank(greater: Int(random.next() % 9), equalBefore: 0, equalAfter: 0) },
            positions: (0..<count).map { first + 2 * $0 })
    }

    private func data(_ pair: String) -> Fingerprint { Fingerprint(high: 5, low: UInt64(pair.utf8.last ?? 0)) }

    private func record(
        _ pair: String, _ checkpoint: String = "mini", layer: Int = 3, task: String = "bli", dataset: String = "d",
        values: [String: Double] = [:]
    ) -> ResultRecord {
        let builder = FingerprintBuilder()
        for text in [task, pair, checkpoint, dataset, "\(layer)"] { builder.combine(text) }
        return ResultRecord(
            task: task, dataset: dataset, pair: pair, checkpoint: checkpoint, layer: layer,
            fingerprint: builder.finish(), values: values, provenance: [:], created: 0)
    }

    /// A layer of the means over some records.
    private func mean(_ records: [ResultRecord], _ intervals: ScoreIntervals, _ key: String) throws -> ScoreIntervals
        .OfMean?
    {
        let schema = try #require(ResultSchema.all.first { $0.task == records[0].task })
        let means = try #require(LayerMeans.of(records, schema: schema).first)
        return intervals.intervals(of: means.layers[0], in: means, key)
    }

    @Test func intervalsAreThoseOfTheBootstrapWhateverElseIsAsked() throws {
        let lists = ["en-de": ranks(50, seed: 1), "en-fi": ranks(31, seed: 2), "en-it": ranks(44, seed: 3)]
        let worse = lists.mapValues { list in
            Ranks(
                list.ranks.map { GoldRank(greater: $0.greater + 1, equalBefore: 0, equalAfter: 0) },
                positions: list.positions)
        }
        func outcomes(_ record: ResultRecord) -> ResultOutcomes? {
            (record.checkpoint == "mini" ? lists : worse)[record.pair].map { .ranks([$0], of: data(record.pair)) }
        }
        let own = ["en-de", "en-fi"].map { record($0) }
        let few = try ScoreIntervals(own, measures: ResultSchema.bli.measures, threads: 1, outcomes: outcomes)
        let many = try ScoreIntervals(
            own + [3, 4].flatMap { layer in lists.keys.sorted().map { record($0, "other", layer: layer) } }
                + [record("en-it", dataset: "e")],
            measures: ResultSchema.bli.measures, threads: 2, outcomes: outcomes)
        let groups = ["en-de", "en-fi"].map { pair in
            Bootstrap.Group(
                [(lists[pair]?.ranks ?? []).map { 1 / Double($0.rank) }], stream: data(pair).high ^ data(pair).low)
        }
        let bootstrap = try Bootstrap(groups, systems: 1, threads: 1)
        for (number, record) in own.enumerated() {
            let interval = try #require(few.interval(of: record, "mrr"))
            #expect(
                interval == bootstrap.interval(group: number, system: 0) && interval == many.interval(of: record, "mrr")
            )
            let within5 = (lists[record.pair]?.ranks ?? []).count { $0.rank <= 5 }
            #expect(
                few.interval(of: record, "p5")
                    == .wilson(successes: within5, trials: lists[record.pair]?.ranks.count ?? 0))
        }
        let both = try #require(try mean(own, few, "mrr"))
        #expect(both.overQueries == bootstrap.intervalOverQueries(system: 0) && both.overQueries != nil)
        #expect(both.overPairs == bootstrap.intervalOverGroups(system: 0) && both.overPairs != nil)
        #expect(try mean(own, many, "mrr") == both)
        let ofMeans = try ScoreIntervals(
            own, measures: ResultSchema.bli.measures, ofPairs: false, threads: 1, outcomes: outcomes)
        #expect(try mean(own, ofMeans, "mrr") == both && ofMeans.interval(of: own[0], "mrr") == nil)
        let others = try #require(try mean(lists.keys.map { record($0, "other") }, many, "mrr"))
        let overQueries = try #require(others.overQueries)
        #expect(overQueries.upper < 0.6 && others != both)
        #expect(few.withoutRanks == 0 && many.withoutRanks == 0)
    }

    /// As its mean counts it: 0, in every sample.
    @Test func aPairWithoutQueriesCountsNothing() throws {
        let records = [record("en-de"), record("en-sw")]
        let list = ranks(50, seed: 1)
        let intervals = try ScoreIntervals(records, measures: ResultSchema.bli.measures, threads: 1) {
            .ranks([$0.pair == "en-de" ? list : Ranks([])], of: data($0.pair))
        }
        #expect(["mrr", "p1"].allSatisfy { intervals.interval(of: records[1], $0) == nil })
        let own = try #require(intervals.interval(of: records[0], "mrr"))
        let levels = try #require(try mean(records, intervals, "mrr"))
        let both = try #require(levels.overQueries)
        #expect(abs(both.lower - own.lower / 2) < 1e-12 && abs(both.upper - own.upper / 2) < 1e-12)
        let share = try #require(intervals.interval(of: records[0], "p1"))
        let mean = try #require(try mean(records, intervals, "p1")?.overQueries)
        #expect(abs(mean.lower - share.lower / 2) < 1e-12 && abs(mean.upper - share.upper / 2) < 1e-12)
    }

    @Test func ranksThatWereNotKeptLeaveNoIntervalOfTheMean() throws {
        let records = [record("en-de"), record("en-fi")]
        let list = ranks(50, seed: 1)
        let intervals = try ScoreIntervals(records, measures: ResultSchema.bli.measures, threads: 1) {
            $0.pair == "en-de" ? .ranks([list], of: data($0.pair)) : nil
        }
        #expect(intervals.withoutRanks == 1 && intervals.interval(of: records[1], "mrr") == nil)
        #expect(intervals.interval(of: records[0], "mrr") != nil)
        #expect(try mean(records, intervals, "mrr") == nil)
    }

    @Test func bothDirectionsOfSentences() throws {
        let record = record("deu-eng", task: "tatoeba")
        let (forward, reverse) = (ranks(40, seed: 1), ranks(40, seed: 2))
        let intervals = try ScoreIntervals([record], measures: ResultSchema.tatoeba.measures, threads: 1) { _ in
            .ranks([forward, reverse], of: data("deu-eng"))
        }
        for (key, list) in [("accuracy", forward), ("accuracy_reverse", reverse)] {
            #expect(
                intervals.interval(of: record, key)
                    == .wilson(successes: list.ranks.count { $0.rank == 1 }, trials: 40))
        }
        let both = try #require(try mean([record], intervals, "accuracy"))
        #expect(both.overQueries == intervals.interval(of: record, "accuracy") && both.overPairs == nil)
        // One list only, or lists over other sentences, are nobody's results.
        for lists in [[forward], [forward, ranks(40, seed: 2, first: 1)]] {
            #expect(throws: EvaluationError.self) {
                try ScoreIntervals([record], measures: ResultSchema.tatoeba.measures, threads: 1) { _ in
                    .ranks(lists, of: data("deu-eng"))
                }
            }
        }
    }

    @Test func correlations() throws {
        let records = [("ENG-FIN", 0.5, 400.0), ("ENG-FRA", 0.7, 900)].map {
            record($0.0, task: "xlsim", values: ["rho": $0.1, "pairs": $0.2])
        }
        func intervals(_ records: [ResultRecord]) throws -> ScoreIntervals {
            try ScoreIntervals(records, measures: ResultSchema.xlsim.measures, threads: 1) { _ in nil }
        }
        let found = try intervals(records)
        let own = [(0.5, 400), (0.7, 900)].compactMap { ConfidenceInterval.spearman(rho: $0.0, pairs: $0.1) }
        #expect(records.map { found.interval(of: $0, "rho") } == own)
        let both = try #require(try mean(records, found, "rho"))
        #expect(
            both.overQueries
                == .init(lower: (own[0].lower + own[1].lower) / 2, upper: (own[0].upper + own[1].upper) / 2))
        #expect(both.overPairs == Bootstrap.intervalOverGroups([0.5, 0.7]) && found.withoutRanks == 0)
        // Too few pairs for an interval of one is none of the mean's; a ρ that does not exist counts in neither.
        let short = record("ENG-SWE", task: "xlsim", values: ["rho": 0.6, "pairs": 3])
        let withShort = try #require(try mean(records + [short], intervals(records + [short]), "rho"))
        #expect(withShort.overQueries == nil && withShort.overPairs != nil)
        let constant = record("ENG-SWE", task: "xlsim", values: ["pairs": 30])
        #expect(try mean(records + [constant], intervals(records + [constant]), "rho") == both)
    }
}
