import Evaluation
import TestSupport
import Testing

@testable import Lookup
@testable import Query
@testable import Store

/// Intervals in the tables, JSON and CSV of evaluations.
@Suite struct IntervalReportTests {
    /// Two pairs of random words; Finnish translations are a little off.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture()
        var random = SeededGenerator(state: 3)
        let vectors = (0..<60).map { _ in (0..<8).map { _ in random.unit() } }
        let near = vectors.map { row in row.map { $0 + 0.9 * random.unit() } }
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 8)
        for language in ["en", "de", "fi"] {
            try fixture.publish(
                "words/\(language)", (0..<60).map { "\(language)\($0)" },
                layers: [1: language == "fi" ? near : vectors, 2: language == "en" ? near : vectors],
                checkpoint: checkpoint)
        }
        for language in ["de", "fi"] {
            try fixture.file("d/en-\(language).tsv", (0..<40).map { "en\($0)\t\(language)\($0)\n" }.joined())
        }
        return fixture
    }

    private func bli(_ fixture: QueryFixture, _ arguments: [String]) throws -> ProgramProcess.Outcome {
        try QueryProcess.run(
            ["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder] + arguments)
    }

    private func bounds(_ row: [String: Any], _ key: String, level: String = "") throws -> ConfidenceInterval {
        .init(
            lower: try #require(row["\(key)_lower\(level)"] as? Double),
            upper: try #require(row["\(key)_upper\(level)"] as? Double))
    }

    private func close(_ interval: ConfidenceInterval, _ expected: ConfidenceInterval?) -> Bool {
        guard let expected else { return false }
        return abs(interval.lower - expected.lower) < 1e-12 && abs(interval.upper - expected.upper) < 1e-12
    }

    @Test func everyScoreOfAPairHasOneNewOrStored() throws {
        let fixture = try fixture()
        let run = try bli(fixture, ["--json", "--threads", "1"])
        let rows = try run.rows
        #expect(rows.count == 4, "\(run.messages)")
        for row in rows {
            let mrr = try #require(row["mrr"] as? Double), p1 = try #require(row["p1"] as? Double)
            let interval = try bounds(row, "mrr")
            #expect(interval.lower <= mrr && mrr <= interval.upper)
            #expect(close(try bounds(row, "p1"), .wilson(successes: Int((p1 * 40).rounded()), trials: 40)))
        }
        // Where translations are off a little, some are missed and the interval has a width.
        #expect(try bounds(rows[2], "mrr").upper - bounds(rows[2], "mrr").lower > 0.02)
        // Computed or from the store, alone or beside others, on any number of threads: the same.
        let again = try bli(fixture, ["--json", "--threads", "2"])
        #expect(again.output == run.output && again.messages.contains("from the store"))
        let lines = run.output.split(separator: "\n")
        let alone = try bli(fixture, ["--json", "--pairs", "en-fi", "--layers", "2"])
        #expect(alone.output.split(separator: "\n") == [lines[3]])
    }

    @Test func meansHaveBothLevels() throws {
        let fixture = try fixture()
        let pairs = try bli(fixture, ["--json"]).rows
        let rows = try bli(fixture, ["--json", "--means"]).rows
        #expect(rows.map { $0["layer"] as? Int } == [1, 2] && rows.allSatisfy { $0["pairs"] as? Int == 2 })
        for row in rows {
            let own = try pairs.filter { $0["layer"] as? Int == row["layer"] as? Int }.map {
                try #require($0["mrr"] as? Double)
            }
            let mrr = try #require(row["mrr"] as? Double)
            #expect(abs(mrr - (own[0] + own[1]) / 2) < 1e-12)
            let interval = try bounds(row, "mrr")
            #expect(interval.lower <= mrr && mrr <= interval.upper)
            #expect(close(try bounds(row, "mrr", level: "_pairs"), Bootstrap.intervalOverGroups(own)))
            #expect(try bounds(row, "p1").lower <= (row["p1"] as? Double ?? 0))
        }
        let csv = try bli(fixture, ["--csv", "-", "--means"]).output.split(separator: "\n")
        #expect(csv.count == 3 && csv[0].hasPrefix("task,dataset,checkpoint,layer,pairs,coverage,mrr,mrr_all,p1,"))
        #expect(csv[0].contains(",mrr_lower,mrr_upper,mrr_lower_pairs,mrr_upper_pairs,p1_lower,"))
        #expect(try bli(fixture, ["--means"]).status == 64)
    }

    @Test func tablesShowThem() throws {
        let fixture = try fixture()
        let rows = try bli(fixture, ["--json", "--layers", "2"]).rows
        let table = try bli(fixture, ["--layers", "2"]).output
        for row in rows { #expect(table.contains("  \(try bounds(row, "mrr").text)  ")) }
        let mean = try #require(try bli(fixture, ["--json", "--means", "--layers", "2"]).rows.first)
        #expect(
            table.contains("  \(try bounds(mean, "mrr").text)  \(try bounds(mean, "mrr", level: "_pairs").text)  "))
        #expect(table.contains("95 % queries") && table.contains("bootstrap over a pair's queries"))
        // A mean that is all there is of pairs has no interval over pairs.
        #expect(try bli(fixture, ["--layers", "2", "--pairs", "en-fi"]).output.contains("  –  "))
    }
}
