import Evaluation
import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

/// `--select-on` of the evaluations, and what the leaderboard says of it.
@Suite struct LayerSelectionTests {
    /// Three pairs of random words at four layers, each of which is noisier for another language.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture()
        var random = SeededGenerator(state: 11)
        let languages = ["en", "de", "fi", "it"]
        let vectors = (0..<40).map { _ in (0..<6).map { _ in random.unit() } }
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 6, layerCount: 4)
        for (place, language) in languages.enumerated() {
            var layers: [Int: [[Float]]] = [:]
            for layer in 1...4 {
                let noise: Float = layer == place ? 1.4 : 0.9
                layers[layer] = vectors.map { row in row.map { $0 + noise * random.unit() } }
            }
            try fixture.publish(
                "words/\(language)", (0..<40).map { "\(language)\($0)" }, layers: layers, checkpoint: checkpoint)
        }
        for language in languages.dropFirst() {
            try fixture.file("d/en-\(language).tsv", (0..<40).map { "en\($0)\t\(language)\($0)\n" }.joined())
        }
        return fixture
    }

    private func bli(_ fixture: QueryFixture, _ arguments: [String]) throws -> ProgramProcess.Outcome {
        try QueryProcess.run(
            ["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder] + arguments)
    }

    private func scores(_ rows: [[String: Any]]) -> [[Double]] {
        (1...4).map { layer in
            rows.filter { $0["layer"] as? Int == layer }.sorted { "\($0["pair"] ?? "")" < "\($1["pair"] ?? "")" }
                .compactMap { $0["mrr"] as? Double }
        }
    }

    @Test func onOtherPairs() throws {
        let fixture = try fixture()
        let plain = try bli(fixture, ["--json"])
        let rows = try bli(fixture, ["--json", "--select-on", "other-pairs"]).rows
        let scores = scores(rows)
        let chosen = LayerSelection.onOtherPairs(scores).compactMap { $0 }
        #expect(rows.count == 12 && chosen.count == 3)
        for row in rows {
            let pair = try #require(["en-de", "en-fi", "en-it"].firstIndex(of: row["pair"] as? String ?? ""))
            #expect(row["selected_on"] as? String == "other-pairs")
            #expect(row["selected_layers"] as? [String] == ["\(chosen[pair] + 1)"])
            #expect(row["mrr_selected"] as? Double == scores[chosen[pair]][pair])
        }
        // The columns stand behind the others, and are not there unless asked for.
        let first = try #require(plain.output.split(separator: "\n").first?.dropLast())
        #expect(
            try bli(fixture, ["--json", "--select-on", "other-pairs"]).output.hasPrefix(first + ",\"selected_on\":"))
        let own = chosen.enumerated().map { scores[$0.element][$0.offset] }
        let mean = own.reduce(0, +) / 3
        let means = try bli(fixture, ["--json", "--means", "--select-on", "other-pairs"]).rows
        #expect(means.allSatisfy { abs(($0["mrr_selected"] as? Double ?? 0) - mean) < 1e-12 })
        let table = try bli(fixture, ["--select-on", "other-pairs"]).output
        #expect(table.contains("layer chosen on other-pairs; layer "))
        #expect(table.contains(String(format: "\nmean          %.4f\n", mean)), "\(table)")
        let row = try #require(
            try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--json"]).rows.first)
        #expect(abs((row["score_other_pairs"] as? Double ?? 0) - mean) < 1e-12)
        #expect(row["score"] as? Double ?? 0 >= mean)
        #expect((row["layers_other_pairs"] as? [String])?.isEmpty == false)
        let path = fixture.folder + "/report.html"
        _ = try QueryProcess.run(["report", "--out", path, "--store", fixture.storeFolder])
        #expect(try String(contentsOfFile: path, encoding: .utf8).contains(String(format: "\">%.4f</td>", mean)))
        let alone = try bli(fixture, ["--select-on", "other-pairs", "--pairs", "en-fi"])
        #expect(
            alone.status == 0
                && alone.messages.contains(
                    "warning: mini: d: no layer is chosen on other-pairs, because there is one pair only")
        )
    }

    @Test func onHalvesOfTheQueries() throws {
        let fixture = try fixture()
        let halves = (0..<40).map { query -> Int in
            var word = "en\(query)"
            return word.withUTF8 { QueryHalves.half(of: $0) }
        }
        let rows = try bli(fixture, ["--json", "--select-on", "half"]).rows
        // Ranks as trec_eval's runs have them.
        var chosen: [[LayerSelection.HalfScores]] = []
        for layer in 1...4 {
            let runs = fixture.folder + "/runs-\(layer)"
            _ = try QueryProcess.run([
                "results", "--trec", runs, "--layer", "\(layer)", "--store", fixture.storeFolder, "--quiet",
            ])
            chosen.append(
                try ["en-de", "en-fi", "en-it"].map { pair in
                    var sums = LayerSelection.HalfScores()
                    let lines = try String(contentsOfFile: "\(runs)/bli/d/\(pair).mini.run", encoding: .utf8)
                    for line in lines.split(separator: "\n") {
                        let parts = line.split(separator: " ")
                        guard parts[2] == "gold", let query = Int(parts[0]), let rank = Double(parts[3]) else {
                            continue
                        }
                        sums.add(1 / rank, half: halves[query])
                    }
                    return sums
                })
        }
        let expected = try #require(LayerSelection.onHalves(chosen))
        for (pair, score) in zip(["en-de", "en-fi", "en-it"], expected.scores) {
            let own = rows.filter { $0["pair"] as? String == pair }
            #expect(own.count == 4)
            #expect(own.allSatisfy { abs(($0["mrr_selected"] as? Double ?? 0) - score) < 1e-12 })
            let names = [expected.chosen[1] + 1, expected.chosen[0] + 1].map(String.init)
            #expect(own[0]["selected_layers"] as? [String] == (names[0] == names[1] ? [names[0]] : names))
        }
        // The leaderboard and the report read the dictionaries again.
        func board() throws -> [String: Any] {
            try #require(
                try QueryProcess.run([
                    "leaderboard", "--store", fixture.storeFolder, "--json", "--select-on", "half",
                ]).rows.first)
        }
        let mean = expected.scores.reduce(0, +) / 3
        let row = try board()
        #expect(abs((row["score_half"] as? Double ?? 0) - mean) < 1e-12 && row["no_half"] is NSNull)
        let names = [expected.chosen[1] + 1, expected.chosen[0] + 1].map(String.init)
        #expect(row["layers_half"] as? [String] == (names[0] == names[1] ? [names[0]] : names))
        #expect(row["score_other_pairs"] is Double)
        let plain = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--json"])
        #expect(try plain.rows.first?["score_half"] == nil)
        let table = try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--select-on", "half"]).output
        #expect(table.contains("  halves  ") && !table.contains("others") && table.contains("\nhalves: each half"))
        #expect(table.contains(String(format: "  %.4f  ", mean)), "\(table)")
        func page() throws -> String {
            try QueryProcess.run([
                "report", "--out", "-", "--store", fixture.storeFolder, "--select-on", "half",
            ]).output
        }
        let text = try page()
        #expect(text.contains("<th scope=\"col\">layer chosen on half</th>"))
        #expect(text.contains(String(format: "\">%.4f</td>", mean)))
        // Other words by now, and no file: no score, and why.
        let words = try String(contentsOfFile: fixture.folder + "/d/en-fi.tsv", encoding: .utf8)
        try fixture.file("d/en-fi.tsv", words + "en1\tfi2\n")
        let changed = try board()
        #expect(changed["score_half"] is NSNull && changed["layers_half"] is NSNull)
        #expect((changed["no_half"] as? String)?.contains("/d/en-fi.tsv holds other words by now (") == true)
        try FileManager.default.removeItem(atPath: fixture.folder + "/d/en-fi.tsv")
        #expect(
            (try board()["no_half"] as? String)?.hasPrefix("the words of en-fi cannot be read again (") == true)
        #expect(try page().contains("[1] no score on the other half of the queries: the words of en-fi cannot"))
        try fixture.file("d/en-fi.tsv", words)
        #expect(try board()["score_half"] as? Double == row["score_half"] as? Double)
        for wrong in ["validation", "scored-pairs"] {
            #expect(
                try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder, "--select-on", wrong]).status == 64
            )
        }
        // From the store, and with another checkpoint's, the same.
        #expect(try bli(fixture, ["--json", "--select-on", "half"]).messages.contains("from the store"))
    }

    @Test func onValidationDictionaries() throws {
        let fixture = try fixture()
        try fixture.file("v/de-it.tsv", (0..<40).map { "de\($0)\tit\($0)\n" }.joined())
        try fixture.file("v/it-de.tsv", (0..<40).map { "it\($0)\tde\($0)\n" }.joined())
        let arguments = ["--select-on", "validation", "--validation", fixture.folder + "/v"]
        let rows = try bli(fixture, ["--json"] + arguments).rows
        #expect(rows.count == 12 && rows.allSatisfy { $0["dataset"] as? String == "d" })
        let means = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/v", "--store", fixture.storeFolder, "--json", "--means",
        ]).rows.compactMap { $0["mrr"] as? Double }
        let best = try #require(means.firstIndex(of: means.max() ?? 0)) + 1
        for row in rows {
            #expect(row["selected_layers"] as? [String] == ["\(best)"])
            let there = rows.first { $0["pair"] as? String == row["pair"] as? String && $0["layer"] as? Int == best }
            #expect(row["mrr_selected"] as? Double == there?["mrr"] as? Double)
        }
        #expect(try bli(fixture, ["--select-on", "validation"]).messages.contains("scores the last layer alone"))
        #expect(try bli(fixture, ["--validation", fixture.folder + "/v"]).status == 64)
        let same = try bli(fixture, ["--select-on", "validation", "--validation", fixture.folder + "/d/en-fi.tsv"])
        #expect(same.status == 64 && same.messages.contains("the same pairs of words as d en-fi"))
        // A layer that is not among the scored ones is no answer.
        try fixture.file("w/de-en.tsv", "nothing\tstored\n")
        let other = try bli(
            fixture, ["--select-on", "validation", "--validation", "xx-yy=\(fixture.folder)/w/de-en.tsv"])
        #expect(other.messages.contains("none of the validation dictionaries could be scored"), "\(other.messages)")
    }

    @Test func sentencesAndJudgements() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 4)
        for (set, swapped) in [("fra-eng", 1), ("deu-eng", 2)] {
            for side in [String(set.prefix(3)), "eng"] {
                let rows: [[Float]] = [[1, 0, 0, 0], [0, 1, 0, 0], [0, 0, 1, 0]]
                let other: [[Float]] = [rows[1], rows[0], rows[2]]
                try fixture.publish(
                    "sentences/\(set)/\(side)", ["one \(side)", "two \(side)", "three \(side)"],
                    layers: [
                        1: side != "eng" && swapped == 1 ? other : rows,
                        2: side != "eng" && swapped == 2 ? other : rows,
                    ],
                    checkpoint: checkpoint)
            }
        }
        // Each set is best where the other is not: chosen on the other it finds one sentence of three.
        let rows = try QueryProcess.run([
            "tatoeba", "--store", fixture.storeFolder, "--json", "--select-on", "other-pairs",
        ]).rows
        #expect(rows.count == 4 && rows.allSatisfy { $0["accuracy_selected"] as? Double == 1.0 / 3 })
        let halves = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--select-on", "half"])
        #expect(halves.status == 0 && halves.output.contains("layer chosen on half"), "\(halves.messages)")
        let means = try QueryProcess.run([
            "tatoeba", "--store", fixture.storeFolder, "--select-on", "half", "--json", "--means",
        ]).rows
        let board = try QueryProcess.run([
            "leaderboard", "--store", fixture.storeFolder, "--select-on", "half", "--json",
        ]).rows
        #expect(board.first?["score_half"] as? Double == means.first?["accuracy_selected"] as? Double)
        #expect(board.first?["score_half"] is Double)
        #expect(
            try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--select-on", "validation"]).status == 64)
        #expect(
            try QueryProcess.run(["xlsim", "--pairs", fixture.folder, "--store", "x", "--select-on", "half"]).status
                == 64)
    }
}
