import Console
import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

@Suite struct LeaderboardTests {
    /// Two checkpoints with the same words and one evaluation, whose data set's name looks like markup.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture.words()
        try fixture.publishWords(QueryFixture.checkpoint("alpha", version: 2, hiddenSize: 4))
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\ncat\tkissa\n")
        let run = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--dataset", "a<b>&c", "--store", fixture.storeFolder,
            "--quiet",
        ])
        #expect(run.status == 0, "\(run.messages)")
        return fixture
    }

    @Test func bestLayersOfAllCheckpoints() throws {
        let fixture = try fixture()
        let rows = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--json"]).rows
        #expect(rows.map { $0["checkpoint"] as? String } == ["alpha", "mini"])
        #expect(
            rows.allSatisfy { $0["layer"] as? Int == 1 && $0["score"] as? Double == 1 && $0["last_layer"] as? Int == 2 }
        )
        #expect(rows.allSatisfy { $0["measure"] as? String == "mrr" && $0["pairs"] as? Int == 1 })
        // Replaced weights: their results say nothing about the new ones.
        try fixture.publishWords(QueryFixture.checkpoint(version: 3, hiddenSize: 4))
        let after = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder])
        #expect(after.output.contains("alpha") && !after.output.contains("mini"))
        #expect(after.messages.contains("2 results of weights that have been replaced are left out"))
    }

    private func bli(_ fixture: QueryFixture, _ arguments: [String]) throws -> [[String: Any]] {
        let run = try QueryProcess.run(
            ["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json", "--quiet"]
                + arguments)
        #expect(run.status == 0, "\(run.messages)")
        return try run.rows
    }

    private func board(_ fixture: QueryFixture) throws -> [[String: Any]] {
        try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--json"]).rows
    }

    /// "alpha" and "mini" over the same words; three rows, of which the third has a rank of 2 at layer 1.
    private func pair() throws -> QueryFixture {
        let fixture = try QueryFixture.words()
        try fixture.publishWords(QueryFixture.checkpoint("alpha", version: 2, hiddenSize: 4))
        try fixture.file("d/en-fi.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\nice\tjää\n")
        return fixture
    }

    @Test func queriesCoverageAndIntervalsAreThoseOfTheEvaluation() throws {
        let fixture = try pair()
        try fixture.file("d/fi-en.tsv", "koira\tdog\nkissa\tcat\ntalo\thouse\n")
        _ = try bli(fixture, [])
        let means = try bli(fixture, ["--means", "--layers", "1"])
        let rows = try board(fixture)
        #expect(rows.count == 2 && means.count == 2)
        for (row, mean) in zip(rows, means) {
            #expect(row["checkpoint"] as? String == mean["checkpoint"] as? String && row["layer"] as? Int == 1)
            #expect(row["pairs"] as? Int == 2 && row["queries"] as? Int == 6)
            #expect(row["coverage"] as? Double == 0.875 && row["layers"] as? Int == 2)
            #expect(row["selected_on"] as? String == "scored-pairs")
            for key in ["", "_lower", "_upper", "_lower_pairs", "_upper_pairs"] {
                let found = try #require(row["score\(key)"] as? Double)
                #expect(found == mean["mrr\(key)"] as? Double, "\(key)")
            }
            #expect(row["comparable"] as? Bool == true && (row["differences"] as? [String])?.isEmpty == true)
        }
        let table = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder]).output
        let (lower, upper) = (means[0]["mrr_lower"] as? Double ?? 0, means[0]["mrr_upper"] as? Double ?? 0)
        #expect(table.contains(String(format: "  %.4f–%.4f  ", lower, upper)) && !table.contains("not comparable"))
    }

    /// A few words of a short vocabulary are easily found: the higher score is marked and stands last.
    @Test func otherVocabulariesAreMarked() throws {
        let fixture = try pair()
        let short = QueryFixture.checkpoint("a-short", version: 3, hiddenSize: 4)
        let vectors: [[Float]] = [[1, 0, 0, 0.1], [0.8, 0.6, 0, 0]]
        for (language, words) in [("en", ["dog", "cat"]), ("fi", ["koira", "kissa"])] {
            try fixture.publish(
                "words/\(language)", words, layers: [1: vectors, 2: vectors], checkpoint: short, top: 2)
        }
        _ = try bli(fixture, [])
        let rows = try board(fixture)
        #expect(rows.map { $0["checkpoint"] as? String } == ["alpha", "mini", "a-short"])
        #expect(rows.map { $0["comparable"] as? Bool } == [true, true, false])
        #expect(rows.map { $0["coverage"] as? Double } == [0.75, 0.75, 0.5])
        let scores = rows.compactMap { $0["score"] as? Double }
        #expect(scores[2] == 1 && scores[0] < 0.9)
        let questions = rows.compactMap { $0["questions"] as? String }
        #expect(questions[0] == questions[1] && questions[1] != questions[2])
        #expect(rows.allSatisfy { $0["reference"] as? String == "alpha" })
        let differences = try #require(rows[2]["differences"] as? [String])
        #expect(
            differences.count == 1 && differences[0].hasPrefix("other texts: words/en [made by hand, --top 2, 2 rows (")
        )
        #expect(differences[0].contains("); not made by hand, without --top, 4 rows ("))
        #expect(differences[0].contains(", words/fi ["))
        let table = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder]).output
        #expect(
            table.contains(
                "\n[2] not comparable: bli d: a-short was asked other questions than alpha: \(differences[0])\n"))
        // The mark in its row, the note, and no other.
        #expect(table.components(separatedBy: "[2]").count == 3 && !table.contains("[3]"))
        let path = fixture.folder + "/report.html"
        _ = try QueryProcess.run(["report", "--out", path, "--store", fixture.storeFolder])
        let page = try String(contentsOfFile: path, encoding: .utf8)
        #expect(page.contains(">not comparable [2]</td>"))
        #expect(page.contains(">[2] not comparable: bli d: a-short was asked"))
    }

    /// Every line of the tables, and above them what is the same in all rows.
    @Test func theTablesFit80Columns() throws {
        let fixture = try pair()
        let long = String(repeating: "long-", count: 5) + "name"
        try fixture.publishWords(QueryFixture.checkpoint(long, version: 4, hiddenSize: 4))
        try fixture.file("d/fi-en.tsv", "koira\tdog\nkissa\tcat\ntalo\thouse\n")
        _ = try bli(fixture, ["--dataset", "data set (csls, centred)"])
        let table = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder]).output
        let lines = table.components(separatedBy: "\n")
        #expect(lines[0] == "bli · data set (csls, centred) · mrr")
        #expect(lines[1] == "2 pairs · 6 queries · coverage 0.8750 · best of 2 layers · last layer 2")
        #expect(lines.allSatisfy { DisplayWidth.of($0) <= 80 }, "\(table)")
        let rows = lines.prefix { !$0.hasPrefix("layer: ") }
        // Too wide with such a name: two tables, each with the names.
        #expect(rows.count { $0.hasPrefix("checkpoint ") } == 2 && rows.count { $0.hasPrefix("alpha ") } == 2)
        #expect(rows.count { $0.contains("95 % pairs") } == 1 && !table.contains("["))
    }

    @Test func aNoteIsSaidOnceForAllItsRows() throws {
        let fixture = try pair()
        let vectors: [[Float]] = [[1, 0, 0, 0.1], [0.8, 0.6, 0, 0]]
        for name in ["a-short", "b-short"] {
            let checkpoint = QueryFixture.checkpoint(name, version: name == "a-short" ? 5 : 6, hiddenSize: 4)
            for (language, words) in [("en", ["dog", "cat"]), ("fi", ["koira", "kissa"])] {
                try fixture.publish(
                    "words/\(language)", words, layers: [1: vectors, 2: vectors], checkpoint: checkpoint, top: 2)
            }
        }
        try fixture.publishWords(QueryFixture.checkpoint("third", version: 7, hiddenSize: 4))
        _ = try bli(fixture, [])
        let table = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder]).output
        #expect(table.components(separatedBy: "not comparable: ").count == 2)
        #expect(table.contains("\n[2] not comparable: bli d: a-short, b-short were asked other questions than alpha: "))
        // Of five rows none has another pair to choose a layer on.
        #expect(table.components(separatedBy: "  [1]  ").count == 6)
        #expect(table.contains("\n[1] no score on other pairs: there is one pair only\n"))
        let rows = try board(fixture)
        #expect(rows.allSatisfy { $0["no_other_pairs"] as? String == "there is one pair only" })
        #expect(rows.allSatisfy { $0["score_other_pairs"] is NSNull })
        try fixture.file("d/fi-en.tsv", "koira\tdog\nkissa\tcat\n")
        _ = try bli(fixture, ["--layers", "1", "--dataset", "one layer"])
        let single = try board(fixture).filter { $0["dataset"] as? String == "one layer" }
        #expect(single.count == 5)
        #expect(
            single.allSatisfy { $0["no_other_pairs"] as? String == "there is one layer only, which leaves no choice" })
        _ = try bli(fixture, ["--dataset", "two"])
        let chosen = try board(fixture).filter { $0["dataset"] as? String == "two" }
        #expect(chosen.count == 5 && chosen.allSatisfy { $0["no_other_pairs"] is NSNull })
    }

    @Test func otherPairsDictionariesAndReplacedVocabulariesAreMarked() throws {
        let fixture = try pair()
        _ = try bli(fixture, [])
        #expect(try board(fixture).allSatisfy { $0["comparable"] as? Bool == true })
        try fixture.file("d/fi-en.tsv", "koira\tdog\n")
        _ = try bli(fixture, ["--checkpoint", "mini"])
        // Of two the one with more queries is what the other is compared with.
        func marked() throws -> (checkpoint: String?, differences: [String]) {
            let rows = try board(fixture)
            #expect(rows.map { $0["comparable"] as? Bool } == [true, false])
            return (rows[1]["checkpoint"] as? String, rows[1]["differences"] as? [String] ?? [])
        }
        #expect(try marked() == ("alpha", ["without fi-en"]))
        try fixture.file("d/en-fi.tsv", "dog\tkoira\ncat\tkissa\n")
        _ = try bli(fixture, ["--checkpoint", "alpha"])
        let other = try marked()
        #expect(other.checkpoint == "alpha", "\(other)")
        _ = try bli(fixture, ["--checkpoint", "mini"])
        #expect(try board(fixture).allSatisfy { $0["comparable"] as? Bool == true })
        try fixture.file("d/en-fi.tsv", "dog\tkoira\n")
        _ = try bli(fixture, ["--checkpoint", "alpha", "--pairs", "en-fi"])
        let dictionary = try marked()
        #expect(dictionary.checkpoint == "alpha" && dictionary.differences.count == 1)
        #expect(dictionary.differences[0].hasPrefix("other data: en-fi [\(fixture.folder)/d/en-fi.tsv ("))
        _ = try bli(fixture, [])
        try fixture.publish(
            "words/fi", ["koira"], layers: [1: [[1, 0, 0, 0]], 2: [[1, 0, 0, 0]]],
            checkpoint: QueryFixture.checkpoint(hiddenSize: 4))
        let replaced = try marked()
        #expect(replaced.checkpoint == "mini" && replaced.differences.count == 1)
        #expect(replaced.differences[0].contains("words/fi [replaced since; not made by hand, without --top, 6 rows ("))
    }

    @Test func anotherScoringOfTheSameNameIsMarked() throws {
        let fixture = try pair()
        _ = try bli(fixture, ["--checkpoint", "alpha", "--dataset", "d (csls)"])
        _ = try bli(fixture, ["--checkpoint", "mini", "--scoring", "csls"])
        let rows = try board(fixture)
        #expect(rows.map { $0["dataset"] as? String } == ["d (csls)", "d (csls)"])
        #expect(rows.map { ($0["differences"] as? [String])?.first } == [nil, "other scoring: en-fi"])
    }

    @Test func withoutRanksThereIsNoInterval() throws {
        let fixture = try pair()
        _ = try bli(fixture, [])
        try fixture.store.environment.write { transaction in
            let database = try #require(transaction.databases.outcomes)
            for result in try transaction.results(task: "bli", checkpoint: "mini") {
                try transaction.remove(
                    database, CatalogueKey.result(task: result.task, fingerprint: result.fingerprint))
            }
        }
        let run = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--json"])
        let rows = try run.rows
        #expect(rows[0]["score_lower"] is Double && rows[1]["score_lower"] is NSNull)
        #expect(run.messages.contains("1 result has no interval, because ranks were not kept"), "\(run.messages)")
    }

    @Test func thePageIsSelfContainedEscapedAndTheSameEveryTime() throws {
        let fixture = try fixture()
        let path = fixture.folder + "/report.html"
        let command = try QueryProcess.run(["report", "--out", path, "--store", fixture.storeFolder])
        #expect(command.status == 0, "\(command.messages)")
        let page = try String(contentsOfFile: path, encoding: .utf8)
        #expect(page.contains("a&lt;b&gt;&amp;c") && !page.contains("a<b>"))
        #expect(page.contains("<svg") && page.contains("mean MRR by layer"))
        // One script of its own (ReportTests), and nothing from elsewhere.
        #expect(page.components(separatedBy: "<script").count == 2)
        for outside in ["http:", "https:", "href", " src=", "url(", "@import"] { #expect(!page.contains(outside)) }
        #expect(page.hasSuffix("</html>\n"))
        _ = try QueryProcess.run(["report", "--out", path, "--store", fixture.storeFolder])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == page)
        #expect(
            try FileManager.default.contentsOfDirectory(atPath: fixture.folder).sorted() == [
                "d", "report.html", "store",
            ])
        let failing = try QueryProcess.run([
            "report", "--out", fixture.folder + "/none/report.html", "--store", fixture.storeFolder,
        ])
        #expect(failing.status == 66 && failing.messages.contains("no such file or folder"))
    }

    @Test func withoutResults() throws {
        let fixture = try QueryFixture.words()
        for arguments in [["leaderboard"], ["report", "--out", fixture.folder + "/r.html"]] {
            let command = try QueryProcess.run(arguments + ["--store", fixture.storeFolder])
            #expect(command.status == 66 && command.messages.contains("no results are stored yet"))
        }
    }
}
