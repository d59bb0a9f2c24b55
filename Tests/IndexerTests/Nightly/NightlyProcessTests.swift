import Console
import Foundation
import TestSupport
import Testing

@testable import Indexer

/// Whole nights with the bundled model and the samples: what is done, what a failure stops, who is told.
@Suite(.serialized) struct NightlyProcessTests {
    private let night: NightlyFixture
    private var folder: TemporaryFolder { night.folder }

    init() throws { night = try NightlyFixture() }

    private static let steps = [
        "build mini", "bli dictionaries mini", "xlsim similarity mini", "tatoeba mini", "report",
    ]

    @Test func aNightIsDoneOnceAndSilentWhenNothingChanged() throws {
        try night.write()
        let dry = try night.run(["--dry-run"])
        #expect(dry.status == 0, "\(dry.errors)")
        for step in Self.steps { #expect(dry.output.contains("\(step): ")) }
        #expect(dry.output.contains("disk: at most "))
        #expect(!folder.holds("indexes") && !folder.holds("summary.json"))

        let first = try night.run(["--json"])
        #expect(first.status == 0, "\(first.errors)")
        let told = try night.summary()
        #expect(told.outcome == "done" && told.exit_status == 0 && told.changed)
        #expect(told.steps.map(\.step) == Self.steps)
        #expect(told.steps.allSatisfy { $0.state == "done" && $0.exit_status == 0 })
        #expect(folder.holds("report.html"))
        let steps = try #require(first.object["steps"] as? [[String: Any]])
        // What was forecast is what was done.
        let built = try #require((steps[0]["result"] as? [String: Any])?["checkpoints"] as? [[String: Any]])
        let sequences = try #require(built.first?["sequences"] as? Int)
        #expect(sequences > 1000)
        let forecast = "build mini: 4 collections, \(Quantity.grouped(sequences)) sequences, "
        #expect(dry.output.contains(forecast) && first.errors.contains(forecast), "\(dry.output)")
        let means = try #require(steps[1]["result"] as? [[String: Any]])
        #expect(means.count == 2 && means.allSatisfy { $0["dataset"] as? String == "dictionaries" })
        #expect(means.compactMap { $0["mrr"] as? Double }.max() ?? 0 > 0.1)

        let second = try night.run(["--quiet"])
        #expect(second.status == 0 && second.output.isEmpty && second.errors.isEmpty, "\(second.errors)")
        let unchanged = try night.summary()
        #expect(unchanged.outcome == "unchanged" && !unchanged.changed)
        #expect(unchanged.steps.allSatisfy { $0.state == "unchanged" })

        // A new word: its vocabulary, the dictionary over it and the report are others; sentences are not.
        let words = try folder.read("words/fi.txt")
        try folder.write("words/fi.txt", words + "revontuli\n")
        let third = try night.run(["--quiet"])
        #expect(third.status == 0 && third.errors.isEmpty && third.output.contains("done, in all"), "\(third.errors)")
        let states = try night.summary().states
        #expect(states["build mini"] == "done" && states["bli dictionaries mini"] == "done")
        #expect(states["tatoeba mini"] == "unchanged" && states["report"] == "done")
    }

    @Test func aWorseCheckpointIsAStatusOfItsOwn() throws {
        try night.writeNoise("tonight")
        let rest = NightlyFixture.evaluations + "compare:\n  baseline: mini\n"
        try night.write(checkpoints: ["mini", "tonight"], rest)
        let both = try night.run(["--quiet"])
        #expect(both.status == 1, "\(both.errors)")
        #expect(both.errors.contains("compare mini tonight: query: worse"), "\(both.errors)")
        let told = try night.summary()
        #expect(told.outcome == "worse" && told.exit_status == 1)
        #expect(told.states["compare mini tonight"] == "worse" && told.states["report"] == "done")

        // The baseline of an earlier night is in the store alone.
        try night.write(checkpoints: ["tonight"], rest)
        #expect(try night.run().status == 1)
        #expect(try night.summary().states["bli dictionaries mini"] == "unchanged")

        try night.write(checkpoints: ["tonight"], rest + "  fail-if-worse: false\n")
        #expect(try night.run().status == 0)
    }

    /// The disk holds the vectors of one checkpoint at a time; in the end none, and every result.
    @Test func anEphemeralNightKeepsResultsAlone() throws {
        try night.writeNoise("tonight")
        let rest = "ephemeral: true\n" + NightlyFixture.evaluations + "compare:\n  baseline: mini\n"
        try night.write(checkpoints: ["mini", "tonight"], rest)
        let first = try night.run()
        #expect(first.status == 1, "\(first.errors)")
        let told = try night.summary()
        #expect(
            told.steps.map(\.step) == [
                "build mini", "bli dictionaries mini", "xlsim similarity mini", "tatoeba mini", "drop mini",
                "build tonight", "bli dictionaries tonight", "xlsim similarity tonight", "tatoeba tonight",
                "drop tonight", "compare mini tonight", "report",
            ])
        #expect(told.states["drop mini"] == "done" && told.states["compare mini tonight"] == "worse")
        #expect(TemporaryFolder.files(in: folder.path + "/indexes", ending: ".faiss").isEmpty)
        #expect(try IndexerProcess.run(["verify", "--store", folder.path + "/indexes"]).status == 0)

        // Nothing has changed, so nothing is encoded again.
        #expect(try night.run(["--quiet"]).status == 1)
        let again = try night.summary()
        for step in again.steps where step.step != "compare mini tonight" {
            #expect(step.state == "unchanged", "\(step.step)")
        }
        // The same numbers as a night that keeps everything.
        let kept = try NightlyFixture()
        try kept.writeNoise("tonight")
        try kept.write(checkpoints: ["mini", "tonight"], NightlyFixture.evaluations)
        #expect(try kept.run().status == 0)
        let boards = try [night, kept].map {
            try QueryProcess.run(["leaderboard", "--store", $0.folder.path + "/indexes", "--json"])
        }
        #expect(boards[0].status == 0 && !boards[0].output.isEmpty && boards[0].output == boards[1].output)
    }

    @Test func aFailedStepStopsWhatNeedsItAndNothingElse() throws {
        try night.writeNoise("broken")
        let weights = folder.path + "/broken/model.safetensors"
        let whole = try #require(FileManager.default.contents(atPath: weights))
        try whole.prefix(1 << 20).write(to: URL(fileURLWithPath: weights))
        try night.write(checkpoints: ["broken", "mini"])
        let failed = try night.run()
        #expect(failed.status == 65)
        #expect(failed.errors.contains("broken/model.safetensors"), "\(failed.errors)")
        #expect(failed.output.contains("bli dictionaries broken: it needs 'build broken'"), "\(failed.output)")
        let told = try night.summary()
        #expect(told.outcome == "failed" && told.exit_status == 65)
        for step in Self.steps { #expect(told.states[step] == "done", "\(step)") }
        #expect(told.states["build broken"] == "failed" && told.states["tatoeba broken"] == "skipped")
        #expect(told.steps[0].reason?.contains("broken/model.safetensors") == true)

        try whole.write(to: URL(fileURLWithPath: weights))
        let repaired = try night.run()
        #expect(repaired.status == 0, "\(repaired.errors)")
        let states = try night.summary().states
        #expect(states["build mini"] == "unchanged" && states["build broken"] == "done")
        #expect(states["tatoeba broken"] == "done")
    }

    @Test func aStoppedNightGoesOn() throws {
        try folder.write("words/de.txt", (0..<30_000).map { "wort\(String($0, radix: 5))\n" }.joined())
        try night.write(NightlyFixture.evaluations + "threads: 1\n")
        let process = try IndexerProcess(["nightly", folder.path + "/night.yaml"])
        let spools = { TemporaryFolder.files(in: folder.path + "/indexes/work", ending: ".spool").values }
        while process.isRunning, spools().allSatisfy(\.isEmpty) { usleep(2000) }
        process.signal(SIGTERM)
        let stopped = try process.wait()
        #expect(stopped.status == 75, "\(stopped.errors)")
        let told = try night.summary()
        #expect(told.outcome == "stopped" && told.exit_status == 75)
        #expect(told.states["build mini"] == "stopped" && told.states["report"] == "not begun")
        #expect(spools().contains { !$0.isEmpty })

        #expect(try night.run().status == 0)
        #expect(try night.summary().steps.allSatisfy { $0.state == "done" })
        #expect(try IndexerProcess.run(["verify", "--store", folder.path + "/indexes"]).status == 0)
    }

    @Test func aHookThatFailsIsSaid() throws {
        try night.write("hook: [/bin/sh, -c, 'echo no mail today >&2; exit 9']\n#")
        let outcome = try night.run()
        #expect(outcome.status == 74)
        #expect(outcome.errors.contains("hook: no mail today"))
        #expect(outcome.errors.contains("hook: ended with exit status 9"), "\(outcome.errors)")
        try night.write("hook: [./nosuch]\n#")
        let missing = try night.run(["--quiet"])
        #expect(missing.status == 74 && missing.errors.contains("./nosuch"), "\(missing.errors)")
    }

    @Test func everyLineOfTheLogIsJSONWhenAskedFor() throws {
        try night.write()
        let outcome = try night.run(["--log-format", "json"])
        #expect(outcome.status == 0)
        let lines = try outcome.errors.split(separator: "\n").map { line in
            try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
        }
        #expect(lines.allSatisfy { $0["level"] as? String == "info" && $0["message"] is String })
        #expect(Set(lines.compactMap { $0["step"] as? String }) == Set(Self.steps))
        #expect(lines.first?["step"] is NSNull)

        try night.write(checkpoints: ["gone"])
        let wrong = try night.run(["--log-format", "json", "--quiet"])
        #expect(wrong.status == 66 && wrong.output.isEmpty)
        let line = try JSONSerialization.jsonObject(with: Data(wrong.errors.utf8)) as? [String: Any]
        #expect(line?["level"] as? String == "error")
        #expect((line?["message"] as? String)?.contains("checkpoints.gone") == true)
    }

    @Test func twoNightsOfOneFileDoNotMix() throws {
        try night.write()
        let descriptor = open(folder.path + "/night.yaml", O_RDONLY)
        #expect(flock(descriptor, LOCK_EX) == 0)
        let refused = try night.run()
        #expect(refused.status == 75 && refused.errors.contains("another `indexer nightly`"), "\(refused.errors)")
        #expect(!folder.holds("indexes"))
        close(descriptor)
    }
}
