import Evaluation
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Lookup
@testable import Store

/// `query compare` on stores of random words: "base" has translations side by side, "worse" only every second one.
@Suite struct CompareCommandTests {
    private static let words = 40

    /// Vectors of words, the same for all checkpoints.
    private static func vectors(_ count: Int = words) -> [[Float]] {
        var random = SeededGenerator(state: 11)
        return (0..<count).map { _ in (0..<16).map { _ in random.unit() } }
    }

    private static func texts(_ language: String, _ count: Int = words) -> [String] {
        (0..<count).map { "\(language)\($0)" }
    }

    private static func checkpoint(_ name: String, version: UInt64) -> CheckpointRecord {
        QueryFixture.checkpoint(name, version: version, hiddenSize: 16)
    }

    /// English, German and Finnish words; at layer 1 every `step`-th word is where its translation is, at layer 2 all.
    private func publish(
        _ fixture: QueryFixture, _ checkpoint: CheckpointRecord, step: Int, languages: [String] = ["en", "de", "fi"]
    ) throws {
        let vectors = Self.vectors()
        let moved = vectors.indices.map { vectors[$0 % step == 0 ? $0 : ($0 + 1) % vectors.count] }
        for language in languages {
            try fixture.publish(
                "words/\(language)", Self.texts(language),
                layers: [1: language == "en" ? vectors : moved, 2: vectors], checkpoint: checkpoint)
        }
    }

    private func dictionary(_ fixture: QueryFixture, _ pair: String, _ rows: Range<Int> = 0..<words) throws {
        let languages = pair.split(separator: "-")
        try fixture.file(
            "words/\(pair).tsv", rows.map { "\(languages[0])\($0)\t\(languages[1])\($0)\n" }.joined())
    }

    private func evaluate(_ fixture: QueryFixture, _ arguments: [String] = []) throws -> [[String: Any]] {
        let run = try QueryProcess.run(
            ["bli", "--dictionaries", fixture.folder + "/words", "--store", fixture.storeFolder, "--json"] + arguments)
        #expect(run.status == 0, "\(run.messages)")
        return try run.rows
    }

    private func compare(_ fixture: QueryFixture, _ arguments: [String]) throws -> ProgramProcess.Outcome {
        try QueryProcess.run(["compare"] + arguments + ["--store", fixture.storeFolder])
    }

    /// "base" and "worse", two dictionaries, evaluated.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture()
        try publish(fixture, Self.checkpoint("base", version: 1), step: 1)
        try publish(fixture, Self.checkpoint("worse", version: 2), step: 2)
        try dictionary(fixture, "en-de", 0..<30)
        try dictionary(fixture, "en-fi")
        return fixture
    }

    /// What `bli` prints of one checkpoint, pair and layer.
    private func score(_ rows: [[String: Any]], _ checkpoint: String, _ pair: String, layer: Int) throws -> Double {
        let row = try #require(
            rows.first {
                $0["checkpoint"] as? String == checkpoint && $0["pair"] as? String == pair
                    && $0["layer"] as? Int == layer
            })
        return try #require(row["mrr"] as? Double)
    }

    /// Of a stored result, in the order of the dictionary's rows.
    private func reciprocalRanks(
        _ fixture: QueryFixture, _ checkpoint: String, _ pair: String, layer: Int
    ) throws -> [Double] {
        let results = try fixture.store.results(task: "bli", checkpoint: checkpoint)
        let result = try #require(results.first { $0.pair == pair && $0.layer == layer })
        let outcomes = try #require(try fixture.store.outcomes(of: result))
        return try outcomes.ranks()[0].ranks.map { 1 / Double($0.rank) }
    }

    /// JSONSerialization reads some numbers a last bit off.
    private func close(_ value: Double, _ expected: Double) -> Bool { abs(value - expected) < 1e-12 }

    private func number(_ row: [String: Any], _ key: String) throws -> Double { try #require(row[key] as? Double) }

    @Test func rowsAreTheScoresOfBliAndTheTestsOfTheirRanks() throws {
        let fixture = try fixture()
        let scores = try evaluate(fixture)
        let run = try compare(fixture, ["base", "worse", "--layer", "1", "--json"])
        #expect(run.status == 0 && run.messages.isEmpty, "\(run.messages)")
        let rows = try run.rows
        #expect(rows.map { $0["pair"] as? String } == ["en-de", "en-fi", nil])
        var groups: [(first: [Double], second: [Double])] = []
        for row in rows.dropLast() {
            let pair = try #require(row["pair"] as? String)
            let means = [
                try score(scores, "base", pair, layer: 1), try score(scores, "worse", pair, layer: 1),
            ]
            #expect(close(try number(row, "mrr_first"), means[0]))
            #expect(close(try number(row, "mrr_second"), means[1]))
            #expect(close(try number(row, "difference"), means[1] - means[0]))
            #expect(means[1] < means[0])
            let reciprocal = try ["base", "worse"].map { try reciprocalRanks(fixture, $0, pair, layer: 1) }
            groups.append((reciprocal[0], reciprocal[1]))
            let own = PairedComparison(reciprocal[0], reciprocal[1])
            let interval = try #require(own.interval)
            #expect(close(try number(row, "p"), own.probability))
            #expect(interval.lower < interval.upper)
            #expect(close(try number(row, "lower"), interval.lower))
            #expect(close(try number(row, "upper"), interval.upper))
            #expect(row["queries"] as? Int == reciprocal[0].count && row["dropped"] as? Int == 0)
            #expect(row["losses"] as? Int == own.losses && row["wins"] as? Int == 0 && row["ties"] as? Int == own.ties)
            #expect(own.losses >= 10)
            #expect(row["layer_first"] as? Int == 1 && row["layer_second"] as? Int == 1)
        }
        let whole = PairedComparison(groups: groups)
        #expect(close(try number(rows[2], "difference"), whole.difference))
        #expect(close(try number(rows[2], "p"), whole.probability))
        #expect(rows[2]["queries"] as? Int == 70 && rows[2]["p_holm"] is NSNull)
        let holm = HolmCorrection.adjust(try rows.dropLast().map { try number($0, "p") })
        for (row, adjusted) in zip(rows, holm) { #expect(close(try number(row, "p_holm"), adjusted)) }

        // The same seed, the same bytes, whatever the threads; another one, other draws.
        let again = try compare(fixture, ["base", "worse", "--layer", "1", "--json", "--threads", "1", "--seed", "1"])
        #expect(again.output == run.output)
        let other = try compare(fixture, ["base", "worse", "--layer", "1", "--json", "--seed", "2"])
        #expect(try other.rows.map { $0["difference"] as? Double } == rows.map { $0["difference"] as? Double })
        #expect(other.output != run.output)
    }

    @Test func failIfWorse() throws {
        let fixture = try fixture()
        _ = try evaluate(fixture)
        let worse = try compare(fixture, ["base", "worse", "--layer", "1", "--fail-if-worse"])
        #expect(worse.status == 1 && worse.messages.contains("words: worse against base -0."), "\(worse.messages)")
        #expect(worse.output.contains("all 2 pairs") && worse.output.contains("lose most: en-"))
        #expect(worse.output.contains("gain most: none"))
        // Better is not worse, and neither is equal.
        #expect(try compare(fixture, ["worse", "base", "--layer", "1", "--fail-if-worse"]).status == 0)
        let equal = try compare(fixture, ["base", "worse", "--layer", "2", "--fail-if-worse", "--json"])
        #expect(try equal.status == 0 && equal.rows.allSatisfy { $0["p"] as? Double == 1 })
        // Without the flag a comparison is an answer like any other.
        #expect(try compare(fixture, ["base", "worse", "--layer", "1"]).status == 0)
    }

    /// A single query has no interval: the check says that it says nothing.
    @Test func tooFewQueriesToTell() throws {
        let fixture = try QueryFixture()
        try publish(fixture, Self.checkpoint("base", version: 1), step: 1)
        try publish(fixture, Self.checkpoint("worse", version: 2), step: 2)
        try dictionary(fixture, "en-fi", 1..<2)
        _ = try evaluate(fixture)
        let run = try compare(fixture, ["base", "worse", "--layer", "1", "--fail-if-worse", "--quiet", "--json"])
        #expect(run.status == 0 && run.messages.contains("too few queries"), "\(run.messages)")
        #expect(try run.rows[0]["lower"] is NSNull)
    }

    @Test func eachCheckpointsBestLayerAndSeveralCheckpoints() throws {
        let fixture = try fixture()
        try publish(fixture, Self.checkpoint("third", version: 3), step: 4)
        _ = try evaluate(fixture)
        let run = try compare(fixture, ["base", "worse", "third"])
        // Layers of base are equal, so the lowest; of the others layer 2 is right.
        #expect(run.output.contains("worse (layer 2, the best of 2) against base (layer 1, the best of 2)"))
        #expect(run.output.contains("third (layer 2, the best of 2) against base"))
        #expect(run.messages.contains("which flatters both"))
        let rows = try compare(fixture, ["base", "worse", "third", "--json", "--pairs", "en-fi"]).rows
        #expect(rows.map { $0["second"] as? String } == ["worse", "worse", "third", "third"])
        #expect(rows.map { $0["pair"] as? String } == ["en-fi", nil, "en-fi", nil])
        _ = try evaluate(fixture, ["--layers", "1-2:mean"])
        let mean = try compare(fixture, ["base", "worse", "--layer", "1,2:mean", "--json"])
        #expect(try mean.rows.allSatisfy { $0["layer_first"] as? String == "1-2:mean" }, "\(mean.messages)")
    }

    /// A checkpoint that has no vector for some words of the same vocabulary: its other queries are compared.
    @Test func queriesThatOneCannotRankAreDroppedAndCounted() throws {
        let fixture = try QueryFixture()
        let (base, lacking) = (Self.checkpoint("base", version: 1), Self.checkpoint("lacking", version: 2))
        let vectors = Self.vectors()
        let asked = Fingerprint(high: 9, low: 9)
        for (checkpoint, kept) in [(base, 0..<40), (lacking, 3..<40)] {
            try fixture.publish(
                "words/en", Self.texts("en"), layers: [1: vectors], checkpoint: checkpoint)
            try fixture.publish(
                "words/fi", Array(Self.texts("fi")[kept]), layers: [1: Array(vectors[kept])], checkpoint: checkpoint,
                asked: asked)
        }
        try dictionary(fixture, "en-fi", 0..<10)
        _ = try evaluate(fixture)
        let run = try compare(fixture, ["base", "lacking", "--json"])
        #expect(try run.rows[0]["queries"] as? Int == 7 && run.rows[0]["dropped"] as? Int == 3, "\(run.messages)")
        #expect(run.messages.contains("words/fi: base has vectors of 40 words, lacking of 37"))
        // None left: said, and no number made of nothing.
        try dictionary(fixture, "en-fi", 0..<3)
        _ = try evaluate(fixture)
        let none = try compare(fixture, ["base", "lacking", "--json", "--fail-if-worse"])
        #expect(try none.status == 0 && none.rows.allSatisfy { $0["difference"] is NSNull && $0["p"] is NSNull })
        #expect(none.messages.contains("no query is ranked by both") && none.messages.contains("too few queries"))
    }

    @Test func onlyTheSameQuestionsAreCompared() throws {
        let fixture = try fixture()
        _ = try evaluate(fixture, ["--checkpoint", "base"])
        try dictionary(fixture, "en-fi", 0..<20)
        _ = try evaluate(fixture, ["--checkpoint", "worse"])
        let dictionaries = try compare(fixture, ["base", "worse"])
        #expect(dictionaries.status == 65 && dictionaries.output.isEmpty)
        #expect(dictionaries.messages.contains("dictionary words en-fi: base \(fixture.folder)/words/en-fi.tsv ("))
        #expect(!dictionaries.messages.contains("en-de"))
        #expect(try compare(fixture, ["base", "worse", "--pairs", "en-de"]).status == 0)

        let short = Self.checkpoint("short", version: 4)
        try publish(fixture, short, step: 1, languages: ["en"])
        for language in ["de", "fi"] {
            try fixture.publish(
                "words/\(language)", Self.texts(language, 35),
                layers: [1: Self.vectors(35), 2: Self.vectors(35)], checkpoint: short, top: 35)
        }
        _ = try evaluate(fixture, ["--checkpoint", "base", "short"])
        let vocabularies = try compare(fixture, ["base", "short"])
        #expect(vocabularies.status == 65, "\(vocabularies.messages)")
        #expect(
            vocabularies.messages.contains("words/fi: base made by hand, without --top, 40 rows")
                && vocabularies.messages.contains("short made by hand, --top 35, 35 rows"), "\(vocabularies.messages)")
        #expect(!vocabularies.messages.contains("words/en:"))
    }

    /// A name given with --dataset may be the one another scoring's results get.
    @Test func resultsOfAnotherScoringAreNotCompared() throws {
        let fixture = try fixture()
        _ = try evaluate(fixture, ["--checkpoint", "base", "--dataset", "words (csls)"])
        _ = try evaluate(fixture, ["--checkpoint", "worse", "--dataset", "words", "--scoring", "csls"])
        let run = try compare(fixture, ["base", "worse"])
        #expect(run.status == 65 && run.output.isEmpty, "\(run.messages)")
        #expect(run.messages.contains("scoring of words (csls): base 'bli 2: cosine of"), "\(run.messages)")
        #expect(run.messages.contains("; csls: cosine - r(y) / 2"), "\(run.messages)")
        _ = try evaluate(fixture, ["--checkpoint", "base", "--dataset", "words", "--scoring", "csls"])
        #expect(try compare(fixture, ["base", "worse"]).status == 0)
    }

    /// The command that an error names makes what was missing.
    @Test func aMissingResultNamesTheCommandThatMakesIt() throws {
        let fixture = try fixture()
        let nothing = try compare(fixture, ["base", "worse"])
        #expect(nothing.status == 66 && nothing.messages.contains("run `query bli --dictionaries"))
        _ = try evaluate(fixture, ["--checkpoint", "base"])
        _ = try evaluate(fixture, ["--checkpoint", "worse", "--pairs", "en-fi"])
        func follow(_ arguments: [String], pair: String) throws {
            let missing = try compare(fixture, arguments)
            #expect(missing.status == 66 && missing.output.isEmpty)
            #expect(missing.messages.contains("'worse' has no result of words \(pair)"), "\(missing.messages)")
            let line = try #require(missing.messages.split(separator: "\n").first { $0.hasPrefix("  query bli ") })
            let made = try QueryProcess.run(line.split(separator: " ").dropFirst().map(String.init))
            #expect(made.status == 0, "\(line): \(made.messages)")
            #expect(try compare(fixture, arguments).status == 0)
        }
        try follow(["base", "worse"], pair: "en-de")
        // Another vocabulary of the same weights: what was found in the one before counts no more.
        let checkpoint = Self.checkpoint("worse", version: 2)
        try fixture.publish(
            "words/fi", Self.texts("fi").reversed(), layers: [1: Self.vectors(), 2: Self.vectors()],
            checkpoint: checkpoint)
        let replaced = try compare(fixture, ["base", "worse"])
        #expect(replaced.status == 66 && replaced.messages.contains("'worse' has no result of words en-fi"))
        try publish(fixture, checkpoint, step: 2)
        // Results of before ranks were kept.
        try fixture.store.environment.write { transaction in
            let database = try #require(transaction.databases.outcomes)
            for result in try transaction.results(task: "bli", checkpoint: "worse") where result.pair == "en-fi" {
                try transaction.remove(
                    database, CatalogueKey.result(task: result.task, fingerprint: result.fingerprint))
            }
        }
        try follow(["base", "worse"], pair: "en-fi")
    }

    @Test func damagedRanksAreNamed() throws {
        let fixture = try fixture()
        _ = try evaluate(fixture)
        try fixture.store.environment.write { transaction in
            let database = try #require(transaction.databases.outcomes)
            for result in try transaction.results(task: "bli", checkpoint: "worse") {
                let key = CatalogueKey.result(task: result.task, fingerprint: result.fingerprint)
                var value = try #require(try transaction.value(database, key))
                value[value.count - 1] ^= 1
                try transaction.put(database, key, value)
            }
        }
        let run = try compare(fixture, ["base", "worse"])
        #expect(run.status == 65 && run.messages.contains("bytes of another checksum"), "\(run.messages)")
    }

    @Test func whatIsAskedHasToBeThere() throws {
        let fixture = try fixture()
        _ = try evaluate(fixture)
        for (arguments, status, message) in [
            (["base"], 64, "needs two checkpoints"), (["base", "base"], 64, "named twice"),
            (["base", "wrse"], 66, "worse"), (["base", "worse", "--pairs", "en-fo"], 66, "did you mean 'en-fi'"),
            (["base", "worse", "--datasets", "glavas"], 66, "no result of a data set 'glavas'"),
            (["base", "worse", "--layer", "7"], 66, "at layer 7 over what is stored now (there are results at: 1, 2)"),
            (["base", "worse", "--layer", "1-2"], 64, "layer"),
        ] as [([String], Int32, String)] {
            let run = try compare(fixture, arguments)
            #expect(run.status == status && run.messages.contains(message), "\(arguments): \(run.messages)")
        }
    }
}
