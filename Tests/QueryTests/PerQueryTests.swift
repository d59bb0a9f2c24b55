import Foundation
import TestSupport
import Testing

@testable import Store

/// `query bli --per-query`
@Suite struct PerQueryTests {
    private func bli(_ fixture: QueryFixture, _ arguments: [String]) throws -> QueryProcess.Outcome {
        try QueryProcess.run(
            ["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder] + arguments)
    }

    private func rows(_ path: String) throws -> [[String: String]] {
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n").map {
            $0.split(separator: "\t", omittingEmptySubsequences: false).map(String.init)
        }
        return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(lines[0], $0)) }
    }

    @Test func rowsByHand() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.tsv", "House\ttalo\ndog\thauva\ndog\tkoira\n")
        let path = fixture.folder + "/q.tsv"
        let outcome = try bli(fixture, ["--per-query", path])
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(outcome.messages.contains("4 queries; 2 rows are none, because a word is in no stored vocabulary"))
        #expect(
            try String(contentsOfFile: path, encoding: .utf8) == """
                dataset\tpair\tcheckpoint\tlayer\trow\tquery\tgold\trank\tties\tquery_frequency_rank\t\
                gold_frequency_rank\ttop1\ttop2\ttop3\ttop4\ttop5
                d\ten-fi\tmini\t1\t0\thouse\ttalo\t2\t1\t3\t30\tradio\ttalo\tsininen\tkoira\tkissa
                d\ten-fi\tmini\t1\t2\tdog\tkoira\t1\t0\t1\t10\tkoira\tdog\tkissa\tsininen\tradio
                d\ten-fi\tmini\t2\t0\thouse\ttalo\t2\t0\t3\t30\tradio\ttalo\tsininen\tkissa\tkoira
                d\ten-fi\tmini\t2\t2\tdog\tkoira\t3\t0\t1\t10\tkissa\tdog\tkoira\tsininen\ttalo

                """)
        // What is stored gives the same file; one layer and a packed name.
        let again = try bli(fixture, ["--per-query", fixture.folder + "/again.tsv"])
        #expect(again.messages.contains("all 2 results are from the store"))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: path))
                == Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/again.tsv")))
        _ = try bli(fixture, ["--layers", "2", "--per-query", fixture.folder + "/one.tsv.gz"])
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/one.tsv.gz")).prefix(2) == Data([0x1F, 0x8B]))
    }

    /// Random words: against NumPy by cosine; in every scoring and for means, against the scores of the same run.
    @Test func everyScoringAgreesWithItsScores() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 8)
        var random = SeededGenerator(state: 4)
        for (language, count) in [("de", 90), ("en", 120), ("fi", 150)] {
            func rows() -> [[Float]] { (0..<count).map { _ in (0..<8).map { _ in random.unit() + 0.3 } } }
            try fixture.publish(
                "words/\(language)", (0..<count).map { "\(language)\($0)" }, layers: [0: rows(), 2: rows()],
                checkpoint: checkpoint, codec: .fp16)
        }
        for (source, count) in [("de", 90), ("en", 120)] {
            let lines = (0..<40).map { _ in "\(source)\(random.next() % UInt64(count))\tfi\(random.next() % 150)\n" }
            try fixture.file("d/\(source)-fi.tsv", lines.joined())
        }
        let path = fixture.folder + "/q.tsv"
        for options in [[], ["--scoring", "csls"], ["--center"], ["--layers", "0,2:mean"]] {
            let outcome = try bli(fixture, options + ["--per-query", path, "--json", "--quiet"])
            #expect(outcome.status == 0, "\(outcome.messages)")
            let queries = try rows(path)
            #expect(queries.count == (options.first == "--layers" ? 1 : 2) * 80)
            for query in queries {
                let rank = try #require(query["rank"].flatMap { Int($0) })
                for place in 1...5 { #expect((query["top\(place)"] == query["gold"]) == (rank == place)) }
            }
            for row in try outcome.rows {
                let layer = (row["layer"] as? Int).map { "\($0)" } ?? row["layer"] as? String
                let own = queries.filter {
                    $0["layer"] == layer && $0["pair"] == row["pair"] as? String
                        && $0["dataset"] == row["dataset"] as? String
                }
                let mean = own.compactMap { $0["rank"].flatMap { Double($0) } }.reduce(0) { $0 + 1 / $1 } / 40
                let stored = try #require(row["mrr"] as? Double)
                #expect(own.count == 40 && abs(mean - stored) < 1e-12, "\(options)")
            }
        }
        _ = try bli(fixture, ["--per-query", path, "--quiet"])
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("tools/parity/check-per-query").path
        let folder = URL(fileURLWithPath: try ProgramProcess.path(of: "query")).deletingLastPathComponent().path
        let compared = try PythonProcess.run([script, folder, fixture.storeFolder, path], withErrors: true)
        #expect(compared.status == 0 && compared.output == "160 queries compared, 0 differ\n", "\(compared.output)")
    }

    /// A file takes its name when it is complete, and what stood there stays until then.
    @Test func filesAreDurable() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.tsv", "dog\tkoira\n")
        #expect(try bli(fixture, ["--per-query", "-"]).status == 64)
        #expect(try bli(fixture, ["--per-query", "/nowhere/q.tsv"]).status == 66)
        // Before any work: no result is kept.
        #expect(try fixture.store.results(task: "bli", checkpoint: nil).isEmpty)
        #expect(try bli(fixture, ["--csv", "/nowhere/q.csv"]).status == 66)
        let old = try fixture.file("q.tsv", "old"), csv = try fixture.file("q.csv", "old")
        try fixture.file("e/xx-yy.tsv", "a\tb\n")
        let nothing = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/e", "--store", fixture.storeFolder, "--per-query", old, "--csv",
            csv,
        ])
        #expect(nothing.status == 66)
        for path in [old, csv] { #expect(try String(contentsOfFile: path, encoding: .utf8) == "old") }
        #expect(try bli(fixture, ["--csv", csv]).status == 0)
        #expect(try String(contentsOfFile: csv, encoding: .utf8).hasPrefix("task,dataset,pair"))
        // Nothing half-written is left behind.
        let left = try FileManager.default.contentsOfDirectory(atPath: fixture.folder).sorted()
        #expect(left == ["d", "e", "q.csv", "q.tsv", "store"])
    }
}
