import Foundation
import TestSupport
import Testing

@Suite struct InduceCommandTests {
    private func induce(_ fixture: QueryFixture, _ arguments: [String]) throws -> QueryProcess.Outcome {
        try QueryProcess.run(["induce", "--store", fixture.storeFolder] + arguments)
    }

    @Test func mutualNeighboursAsMUSEReadsThem() throws {
        let fixture = try QueryFixture.words()
        let path = fixture.folder + "/en-fi.tsv"
        let outcome = try induce(
            fixture, ["--from", "en", "--to", "fi", "--layer", "1", "--scoring", "cosine", "--out", path])
        #expect(outcome.status == 0, "\(outcome.messages)")
        // "radio" and "talo" share a vector: the more frequent one is the pair.
        #expect(
            try String(contentsOfFile: path, encoding: .utf8) == "dog\tkoira\ncat\tkissa\nhouse\tradio\nblue\tsininen\n"
        )
        #expect(outcome.output.contains("4 pairs of 4 en and 6 fi words · mini · layer 1 · cosine, mutual"))
        // What is written is a dictionary for `bli`.
        let scores = try QueryProcess.run([
            "bli", "--dictionaries", "en-fi=\(path)", "--store", fixture.storeFolder, "--layers", "1", "--json",
        ])
        #expect(try scores.rows.first?["mrr"] as? Double == 1)
    }

    @Test func scoresSelectionAndSummary() throws {
        let fixture = try QueryFixture.words()
        let forward = try induce(
            fixture,
            [
                "--from", "fi", "--to", "en", "--layer", "1", "--scoring", "cosine", "--select", "forward", "--scores",
                "--out", "-", "--quiet",
            ])
        let rows = forward.output.split(separator: "\n").map { $0.split(separator: "\t").map(String.init) }
        #expect(rows.map { $0[0] } == ["koira", "radio", "talo", "kissa", "dog", "sininen"])
        #expect(rows.map { $0[1] } == ["dog", "house", "house", "cat", "dog", "blue"])
        #expect(rows.allSatisfy { $0.count == 3 && (Double($0[2]) ?? 0) > 0.9 })
        let summary = try induce(
            fixture,
            [
                "--from", "fi", "--to", "en", "--layer", "1", "--select", "forward", "--drop-identical", "--top", "5",
                "--out", fixture.folder + "/x.tsv.gz", "--json",
            ])
        let object = try summary.object
        #expect(object["pairs"] as? Int == 4 && object["spelled_alike"] as? Int == 1 && object["sources"] as? Int == 5)
        #expect(object["scoring"] as? String == "csls" && object["selection"] as? String == "forward")
        #expect(summary.messages.contains("1 pair is spelled alike and left out"))
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/x.tsv.gz")).prefix(2) == Data([0x1F, 0x8B]))
    }

    @Test func mistakesAreNamed() throws {
        let fixture = try QueryFixture.words()
        let out = fixture.folder + "/x.tsv"
        let same = try induce(fixture, ["--from", "fi", "--to", "fin", "--out", out])
        #expect(same.status == 64 && same.messages.contains("'fi' and 'fin' are the same vocabulary"))
        #expect(try induce(fixture, ["--from", "fi", "--to", "xx", "--out", out]).status == 66)
        #expect(try induce(fixture, ["--from", "fi", "--to", "en", "--out", out, "--top", "0"]).status == 64)
        #expect(try induce(fixture, ["--from", "fi", "--to", "en", "--out", "-", "--json"]).status == 64)
        #expect(try induce(fixture, ["--from", "fi", "--to", "en", "--out", "/nowhere/x/y.tsv"]).status == 66)
        #expect(!FileManager.default.fileExists(atPath: out))
    }

    /// NumPy in float64 makes the same dictionary of vectors it reads through `indexer export`.
    @Test func asNumPyMakesIt() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 12)
        var random = SeededGenerator(state: 8)
        for (language, count) in [("en", 400), ("fi", 550)] {
            try fixture.publish(
                "words/\(language)", (0..<count).map { "\(language)\($0)" },
                layers: [1: (0..<count).map { _ in (0..<12).map { _ in random.unit() } }], checkpoint: checkpoint,
                codec: .fp16)
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("tools/parity/check-induction").path
        let folder = URL(fileURLWithPath: try ProgramProcess.path(of: "query")).deletingLastPathComponent().path
        let outcome = try PythonProcess.run(
            [script, folder, fixture.storeFolder, "--checkpoint", "mini", "--layer", "1"], withErrors: true)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.split(separator: "\n").count == 4)
    }
}
