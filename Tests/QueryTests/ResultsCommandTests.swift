import Foundation
import TestSupport
import Testing

@testable import Query

/// `query results`: every stored result for other programs. MTEB's own loader and trec_eval read the files in
/// `tools/parity/check-results`.
@Suite struct ResultsCommandTests {
    /// Results of `bli` at two layers, of two checkpoints, and of `tatoeba`.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture.words()
        let other = QueryFixture.checkpoint("other", version: 2, hiddenSize: 4)
        try fixture.publishWords(other)
        for side in ["eng", "fra"] {
            try fixture.publish(
                "sentences/fra-eng/\(side)", ["one \(side)", "two \(side)"],
                layers: [1: [[1, 0, 0, 0], [0, 1, 0, side == "eng" ? 0.1 : 0.2]]], checkpoint: other)
        }
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\nblue\tsininen\n")
        for arguments in [["bli", "--dictionaries", fixture.folder + "/d"], ["tatoeba"]] {
            let run = try QueryProcess.run(arguments + ["--store", fixture.storeFolder, "--quiet"])
            #expect(run.status == 0, "\(run.messages)")
        }
        return fixture
    }

    private func results(_ fixture: QueryFixture, _ arguments: [String]) throws -> QueryProcess.Outcome {
        try QueryProcess.run(["results", "--store", fixture.storeFolder] + arguments)
    }

    @Test func everyResultAsRows() throws {
        let fixture = try fixture()
        let rows = try results(fixture, ["--json"]).rows
        #expect(rows.count == 5)
        let bli = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json",
        ]).rows
        // The rows of the evaluation itself, with two keys more.
        for row in bli {
            let same = try #require(
                rows.first {
                    $0["checkpoint"] as? String == row["checkpoint"] as? String
                        && $0["layer"] as? Int == row["layer"] as? Int && $0["task"] as? String == "bli"
                })
            for (key, value) in row { #expect("\(same[key] ?? "")" == "\(value)", "\(key)") }
            #expect(same["created"] as? Int ?? 0 > 0 && (same["weights"] as? String)?.count == 32)
        }
        let csv = try results(fixture, ["--csv", "-"]).output.split(separator: "\n", omittingEmptySubsequences: false)
        let header = csv[0].split(separator: ",").map(String.init)
        #expect(header.starts(with: ["task", "dataset", "pair", "checkpoint", "layer", "queries", "coverage", "mrr"]))
        #expect(header.contains("accuracy_reverse") && Set(header).count == header.count && csv.count == 7)
        for line in csv.dropLast() {
            #expect(line.split(separator: ",", omittingEmptySubsequences: false).count == header.count)
        }
        let some = try results(fixture, ["--json", "--tasks", "bli", "--checkpoint", "mini", "--layer", "2"]).rows
        #expect(some.count == 1 && some[0]["layer"] as? Int == 2)
        #expect(try results(fixture, []).output.contains("bli      d          en-fi    mini"))
    }

    @Test func namesOfSpreadsheetFormulasAreDefused() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\n")
        _ = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--dataset", "=1+1", "--store", fixture.storeFolder,
        ])
        #expect(try results(fixture, ["--csv", "-"]).output.contains("\nbli,'=1+1,en-fi"))
        #expect(try results(fixture, ["--csv", "-", "--csv-raw"]).output.contains("\nbli,=1+1,en-fi"))
        let path = fixture.folder + "/r.csv"
        #expect(try results(fixture, ["--csv", path]).status == 0)
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains("'=1+1"))
        // As a name of files it is harmless.
        #expect(try results(fixture, ["--trec", fixture.folder + "/runs"]).status == 0)
        #expect(FileManager.default.fileExists(atPath: fixture.folder + "/runs/bli/=1_1/en-fi.qrels") == false)
        #expect(FileManager.default.fileExists(atPath: fixture.folder + "/runs/bli/=1+1/en-fi.qrels"))
    }

    /// What trec_eval computes, from the files alone: documents sorted by score, the gold's reciprocal place.
    @Test func runsGiveTheStoredScores() throws {
        let fixture = try fixture(), folder = fixture.folder + "/runs"
        let outcome = try results(fixture, ["--trec", folder, "--layer", "2"])
        #expect(outcome.status == 0 && outcome.output.isEmpty, "\(outcome.messages)")
        let qrels = try String(contentsOfFile: folder + "/bli/d/en-fi.qrels", encoding: .utf8)
        #expect(qrels == "0 0 gold 1\n1 0 gold 1\n2 0 gold 1\n3 0 gold 1\n")
        func reciprocalRanks(_ depth: [String]) throws -> [Double] {
            #expect(try results(fixture, ["--trec", folder, "--layer", "2"] + depth).status == 0)
            var documents: [String: [(name: String, score: Double)]] = [:]
            for line in try String(contentsOfFile: folder + "/bli/d/en-fi.mini.run", encoding: .utf8)
                .split(separator: "\n")
            {
                let parts = line.split(separator: " ").map(String.init)
                #expect(parts.count == 6 && parts[1] == "Q0" && parts[5] == "mini")
                documents[parts[0], default: []].append((parts[2], try #require(Double(parts[4]))))
            }
            return documents.sorted { $0.key < $1.key }.map { _, list in
                let sorted = list.sorted { $0.score > $1.score }
                return sorted.firstIndex { $0.name == "gold" }.map { 1 / Double($0 + 1) } ?? 0
            }
        }
        let row = try #require(
            try results(fixture, ["--json", "--checkpoint", "mini", "--layer", "2", "--tasks", "bli"]).rows.first)
        let found = try reciprocalRanks([])
        #expect(found.count == 4 && abs(found.reduce(0, +) / 4 - (row["mrr"] as? Double ?? -1)) < 1e-12)
        #expect(found.contains { $0 < 1 })
        // Deeper golds count as not found, and their queries are there.
        let shallow = try reciprocalRanks(["--depth", "1"])
        #expect(shallow == found.map { $0 == 1 ? 1 : 0 })
        #expect(try results(fixture, ["--trec", folder]).status == 0)
        let reverse = try String(
            contentsOfFile: folder + "/tatoeba/sentences/fra-eng.reverse.other.run", encoding: .utf8)
        #expect(reverse == "1 Q0 gold 1 -1 other\n2 Q0 gold 1 -1 other\n")
    }

    @Test func resultFilesOfMTEB() throws {
        let fixture = try fixture(), folder = fixture.folder + "/mteb"
        #expect(try results(fixture, ["--mteb", folder, "--tasks", "tatoeba", "bli"]).status == 0)
        let weights = "00000000000000020000000000000007"
        func object(_ name: String) throws -> [String: Any] {
            let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/other/\(weights)/\(name).json"))
            return try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        }
        let sentences = try object("Polylex-tatoeba-sentences")
        #expect(sentences["task_name"] as? String == "Polylex-tatoeba-sentences" && sentences["mteb_version"] is NSNull)
        let subset = try #require((sentences["scores"] as? [String: [[String: Any]]])?["test"]?.first)
        #expect(subset["main_score"] as? Double == 1 && subset["hf_subset"] as? String == "fra-eng")
        #expect(subset["f1_reverse"] as? Double == 1)
        #expect(subset["languages"] as? [String] == ["fra", "eng"] && subset["layer"] as? String == "1")
        #expect(try object("Polylex-bli-d")["dataset_revision"] as? String == "d")
        #expect(try object("model_meta")["name"] as? String == "other")
    }

    @Test func mistakesAreNamed() throws {
        let empty = try QueryFixture.words()
        #expect(try results(empty, []).status == 66)
        let fixture = try fixture()
        let unknown = try results(fixture, ["--datasets", "glavas"])
        #expect(unknown.status == 66 && unknown.messages.contains("no result of a data set 'glavas'"))
        #expect(try results(fixture, ["--tasks", "xyz"]).status == 64)
        #expect(try results(fixture, ["--json", "--csv", "-"]).status == 64)
        #expect(try results(fixture, ["--csv-raw"]).status == 64)
        #expect(try results(fixture, ["--trec", "x", "--depth", "0"]).status == 64)
        #expect(FileNameText.of("glavas (csls)") == "glavas__csls_" && FileNameText.of("../x") == "_._x")
    }
}
