import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

@Suite struct ReportTests {
    private func page(_ fixture: QueryFixture) throws -> String {
        let path = fixture.folder + "/report.html"
        let command = try QueryProcess.run(["report", "--out", path, "--store", fixture.storeFolder])
        #expect(command.status == 0, "\(command.messages)")
        return try String(contentsOfFile: path, encoding: .utf8)
    }

    private func evaluate(_ fixture: QueryFixture) throws {
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\nblue\tsininen\n")
        try fixture.file("d/fi-en.test.tsv", "koira\tdog\nkissa\tcat\n")
        let run = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--quiet",
        ])
        #expect(run.status == 0, "\(run.messages)")
    }

    @Test func standardOutputGetsTheFilesBytesAndNothingElse() throws {
        let fixture = try QueryFixture.words()
        try evaluate(fixture)
        let file = try page(fixture)
        let piped = try QueryProcess.run(["report", "--out", "-", "--store", fixture.storeFolder])
        #expect(piped.status == 0 && piped.output == file)
        #expect(piped.errors.contains("results, "))
        #expect(!FileManager.default.fileExists(atPath: "-"))
        #expect(try QueryProcess.run(["report", "--out", "-", "--json"]).status == 64)
    }

    /// What is told of two checkpoints is what `compare` and `bli` tell.
    @Test func gainsIntervalsAndMatrices() throws {
        let fixture = try QueryFixture.words()
        let worse = QueryFixture.checkpoint("worse", version: 2, hiddenSize: 4)
        try fixture.publishWords(worse)
        // Dogs and cats change places in all its layers.
        let (dog, cat): ([Float], [Float]) = ([1, 0, 0, 0.1], [0.8, 0.6, 0, 0])
        try fixture.publish(
            "words/fi", ["koira", "radio", "talo", "kissa", "dog", "sininen"],
            layers: [1: [cat, [0, 0, 1, 0.1], [0, 0, 1, 0.2], dog, [0.9, 0.1, 0, 0], [0, 0.2, 0.1, 1]]],
            ranks: [10, 20, 30, 40, 50, 60], checkpoint: worse)
        try evaluate(fixture)
        let page = try page(fixture)
        let compared = try QueryProcess.run([
            "compare", "worse", "mini", "--store", fixture.storeFolder, "--json", "--quiet",
        ])
        let rows = try compared.rows
        #expect(rows.count == 3, "\(compared.messages)")
        for row in rows {
            let difference = try #require(row["difference"] as? Double)
            #expect(page.contains(GainChart.signed(difference)), "\(row)")
        }
        #expect(page.contains("mini against worse") && page.contains("for each pair"))
        #expect(page.contains("MRR from row to column"))
        let means = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--quiet", "--json",
            "--means",
            "--checkpoint", "worse", "--layers", "1",
        ]).rows
        let lower = try #require(means.first?["mrr_lower"] as? Double)
        #expect(page.contains(" to ") && page.contains("\(String(format: "%.4f", lower)) to "))
    }

    @Test func markupInNamesStaysText() throws {
        let fixture = try QueryFixture()
        var checkpoint = QueryFixture.checkpoint(hiddenSize: 4, source: fixture.folder + "/run")
        checkpoint.training = #"{"settings":{"loss":"</script><script>alert(1)</script>","a&b":[1,2]}}"#
        try fixture.publishWords(checkpoint)
        try evaluate(fixture)
        let page = try page(fixture)
        #expect(page.components(separatedBy: "<script").count == 2 && page.contains("&lt;script&gt;alert(1)"))
        #expect(page.contains("settings.a&amp;b"))
        #expect(page.contains("No curves: "))
    }

    @Test func curvesOfTheRunThatWasStored() throws {
        let fixture = try QueryFixture()
        var checkpoint = QueryFixture.checkpoint(hiddenSize: 4, source: fixture.folder + "/run")
        checkpoint.training = #"{"settings":{"loss":"ntxent"}}"#
        try fixture.publishWords(checkpoint)
        try evaluate(fixture)
        try fixture.file("run/training.json", checkpoint.training ?? "")
        let steps = (1...900).map { #"{"step":\#($0),"loss":\#(3.0 / Double($0))}"# }
        let validations = [300, 600, 900].map { #"{"step":\#($0),"pair":"en-fi","mrr":0.5,"gain":0.1,"queries":4}"# }
        // Cut in the middle of its last line.
        try fixture.file("run/metrics.jsonl", (steps + validations).joined(separator: "\n") + "\n{\"step\":901,\"lo")
        let page = try page(fixture)
        #expect(page.contains("training loss of mini, means of 3 steps"))
        #expect(page.contains("validation MRR of mini, by pair of languages"))
        try fixture.file("run/training.json", "{}")
        #expect(try self.page(fixture).contains("holds another training run by now: no curves"))
    }

    /// The policy in the page names the script by its hash: nothing else runs, whatever a name holds.
    @Test func onlyTheReportsOwnScriptRuns() throws {
        let code = """
            import base64, hashlib, sys
            print(base64.b64encode(hashlib.sha256(sys.argv[1].encode()).digest()).decode(), end="")
            """
        let outcome = try PythonProcess.run(["-c", code, ReportStyle.script])
        #expect(outcome.status == 0 && "sha256-" + outcome.output == ReportStyle.scriptHash)
    }

    @Test func matrices() {
        func record(_ pair: String, _ value: Double) -> ResultRecord {
            ResultRecord(
                task: "bli", dataset: "d", pair: pair, checkpoint: "mini", layer: 1,
                fingerprint: .init(high: 1, low: 2),
                values: ["mrr": value], provenance: [:], created: 1)
        }
        let records = [record("de-en", 0.25), record("de-fi", 0.75), record("en-fi", 0.5)]
        let html = PairMatrix(title: "mini", measure: "MRR", records: records, key: "mrr").html
        #expect(html.contains("<th scope=\"row\" class=\"text\">de</th>") && html.contains("MRR from row to column"))
        #expect(html.contains("0%,transparent)\">0.250") && html.contains("55%,transparent)\">0.750"))
        #expect(PairMatrix(title: "mini", measure: "MRR", records: [records[0]], key: "mrr").html.isEmpty)
    }
}
