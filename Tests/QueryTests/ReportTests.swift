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

    /// Skewness and shares are those of `query hubs`, for each checkpoint, pair and layer; what was replaced is left
    /// out.
    @Test func hubnessIsThatOfHubs() throws {
        let fixture = try QueryFixture.words()
        try evaluate(fixture)
        let without = try page(fixture)
        #expect(
            without.contains(
                "<h2>Hubness</h2>\n<p>No hubs have been counted. query hubs --from en --to fi --layers all counts and"))
        let name = "other"
        try fixture.publishWords(QueryFixture.checkpoint(name, version: 2, hiddenSize: 4))
        let counting = ["hubs", "--from", "en,fi", "--to", "fi,en", "--k", "1", "--layers", "all"]
        let rows = try QueryProcess.run(counting + ["--json", "--store", fixture.storeFolder]).rows
        #expect(rows.count == 8)
        let counted = try page(fixture)
        #expect(!counted.contains("No hubs have been counted"))
        #expect(counted.contains("<h3>words (k 1, top 20000)</h3>"))
        #expect(counted.contains("words (k 1, top 20000): skewness by layer, mean over pairs"))
        // Without what columns are sorted by.
        let shown = counted.replacingOccurrences(
            of: " data-value=\"[^\"]*\"", with: "", options: .regularExpression)
        for row in rows {
            func number(_ key: String) -> Double { row[key] as? Double ?? .nan }
            let queries = row["queries"] as? Int ?? 0
            let line =
                "<tr><td class=\"text\">\(row["checkpoint"] ?? "")</td><td class=\"text\">\(row["pair"] ?? "")</td>"
                + "<td>\(row["layer"] ?? "")</td><td>\(queries)</td><td>\(10 - queries)</td>"
                + String(
                    format: "<td>%.4f</td><td>%.2f %%</td><td>%.2f %%</td></tr>", number("skewness"),
                    100 * number("anti_hubs"), 100 * number("largest") / Double(queries))
            #expect(shown.contains(line), "\(line)")
        }
        #expect(try page(fixture) == counted)
        _ = try QueryProcess.run(counting + ["--scoring", "csls", "--store", fixture.storeFolder])
        #expect(try page(fixture).contains("<h3>words (k 1, top 20000, csls)</h3>"))
        // Weights that were replaced have no hubs any more.
        for checkpoint in ["mini", name] {
            try fixture.publishWords(QueryFixture.checkpoint(checkpoint, version: 9, hiddenSize: 4))
        }
        let after = try QueryProcess.run(["report", "--out", "-", "--store", fixture.storeFolder])
        #expect(after.status == 66)
    }

    /// A store from somebody else may hold records with any names.
    @Test func markupInHubCountsStaysText() {
        func record(_ layer: Int, mean: String? = nil) -> ResultRecord {
            ResultRecord(
                task: "hubs", dataset: "<d>", pair: "<p>-&q", checkpoint: "<script>", layer: layer, mean: mean,
                fingerprint: .init(high: 1, low: UInt64(layer)),
                values: ["queries": 0, "candidates": 3, "k": 1, "skewness": -0.5, "anti_hubs": 1, "largest": 0],
                provenance: [:], created: 1)
        }
        for records in [[], [record(1), record(2), record(2, mean: "<m>")], (0..<50).map { record($0) }] {
            let html = HubnessSection(records: records, example: "<p>-&q").html
            for raw in ["<d>", "<p>-", "<script>", "<m>", "&q"] { #expect(!html.contains(raw), "\(raw)") }
            #expect(html.contains(records.isEmpty ? "--from en --to fi " : "&lt;script&gt;"))
            // Of no words that ask nobody is a hub.
            #expect(records.isEmpty || html.contains("<td>–</td></tr>"))
        }
        #expect(HubnessSection(records: [], example: "de-it").html.contains("--from de --to it --layers all"))
    }

    /// A store may hold nothing but hub counts; of many rows each checkpoint has a table to be opened.
    @Test func hubsAloneAndManyOfThem() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 2, layerCount: 21)
        for language in ["en", "fi"] {
            let rows: [[Float]] = [[1, 0], [0, 1], [1, 1]]
            try fixture.publish(
                "words/\(language)", ["a", "b", "c"],
                layers: Dictionary(uniqueKeysWithValues: (0...20).map { ($0, rows) }), checkpoint: checkpoint)
        }
        _ = try QueryProcess.run([
            "hubs", "--from", "en,fi", "--to", "fi,en", "--layers", "all", "--store", fixture.storeFolder,
        ])
        let page = try page(fixture)
        #expect(page.contains("<summary>mini: hubness of 2 pairs at every layer</summary>"))
        // "on" a minute, or "between" two where the run met a full one.
        #expect(!page.contains("Leaderboard") && page.contains("42 results, computed "))
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
