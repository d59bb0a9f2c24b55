import Foundation
import TestSupport
import Testing

@testable import Store

@Suite struct HubsCommandTests {
    private func hubs(_ fixture: QueryFixture, _ arguments: [String]) throws -> QueryProcess.Outcome {
        try QueryProcess.run(["hubs", "--store", fixture.storeFolder] + arguments)
    }

    private func strings(_ row: [String: Any], _ key: String) -> [String] {
        (row["hubs"] as? [[String: Any]])?.map { "\($0[key] ?? "")" } ?? []
    }

    /// The two nearest of four English words at layer 1: dog koira, dog; cat kissa, dog; house radio, talo; blue
    /// sininen, radio (which has talo's vector and the smaller row).
    @Test func byHand() throws {
        let fixture = try QueryFixture.words()
        let outcome = try hubs(fixture, ["--from", "en", "--to", "fi", "--k", "2", "--layers", "1", "--json"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        let row = try outcome.object
        #expect(strings(row, "word") == ["radio", "dog", "koira", "talo", "kissa", "sininen"])
        #expect(strings(row, "occurrences") == ["2", "2", "1", "1", "1", "1"])
        #expect(strings(row, "frequency_rank") == ["20", "50", "10", "30", "40", "60"])
        #expect(row["queries"] as? Int == 4 && row["candidates"] as? Int == 6 && row["k"] as? Int == 2)
        #expect(row["largest"] as? Int == 2 && row["anti_hubs"] as? Double == 0)
        #expect(row["pair"] as? String == "en-fi" && row["dataset"] as? String == "words (k 2, top 20000)")
        // One neighbour: "talo" and "dog" are nobody's. Of ones and zeros the skewness is (1 - 2p) / √(p (1 - p)).
        let text = try hubs(fixture, ["--from", "en", "--to", "fi", "--k", "1", "--layers", "1", "--top", "2"])
        #expect(
            text.output == """
                hubs · mini · en → fi · layer 1
                4 words ask for the 1 nearest of 6 by cosine: skewness -0.7071, 33.3 % are nobody's neighbour

                rank  word   neighbour of   share  frequency rank
                ────  ─────  ────────────  ──────  ──────────────
                   1  koira             1  0.2500              10
                   2  radio             1  0.2500              20

                """)
        let few = try hubs(
            fixture, ["--from", "en", "--to", "fi", "--k", "1", "--layers", "1", "--top-words", "2", "--json"]
        ).object
        #expect(few["queries"] as? Int == 2 && few["candidates"] as? Int == 2)
        #expect(strings(few, "word") == ["koira"] && strings(few, "occurrences") == ["2"])
    }

    @Test func countsAreKeptAndShownAgain() throws {
        let fixture = try QueryFixture.words()
        let arguments = ["--from", "en", "--to", "fi", "--k", "1", "--layers", "all"]
        let first = try hubs(fixture, arguments)
        let lines = first.output.components(separatedBy: "\n")
        #expect(first.status == 0 && lines[0] == "hubs · mini · en → fi", "\(first.output)")
        #expect(lines[3] == "layer  skewness  anti_hubs  largest  the first hubs")
        #expect(lines[5] == "    1   -0.7071     0.3333        1  koira, radio, kissa, sininen")
        #expect(try fixture.store.results(task: "hubs", checkpoint: nil).count == 2)
        #expect(try fixture.store.verify() == [])
        // Damaged counts are computed again, and the same: what the store keeps is what is shown.
        let key = try #require(
            try fixture.store.results(task: "hubs", checkpoint: nil).first { $0.layer == 1 }.map {
                CatalogueKey.result(task: $0.task, fingerprint: $0.fingerprint)
            })
        try fixture.store.environment.write { transaction in
            let database = try #require(transaction.databases.outcomes)
            var value = try #require(try transaction.value(database, key))
            value[value.count - 1] ^= 1
            try transaction.put(database, key, value)
        }
        let second = try hubs(fixture, arguments)
        #expect(second.output == first.output && second.messages.contains("it is computed again"))
        let third = try hubs(fixture, arguments)
        #expect(third.output == first.output && third.messages.isEmpty, "\(third.messages)")
        // They are results, but no scores.
        let rows = try QueryProcess.run(["results", "--json", "--store", fixture.storeFolder]).rows
        #expect(rows.map { $0["task"] as? String } == ["hubs", "hubs"] && rows[0]["largest"] as? Int == 1)
        #expect(rows[0]["skewness"] as? Double ?? 0 < -0.7 && rows[0]["weights"] is String)
        #expect(try QueryProcess.run(["leaderboard", "--store", fixture.storeFolder]).status == 66)
        let exported = try QueryProcess.run([
            "results", "--mteb", fixture.folder + "/mteb", "--store", fixture.storeFolder,
        ])
        #expect(exported.status == 66 && exported.messages.contains("hold no results with a score"))
    }

    /// The best layer is that of the pair; CSLS stands beside the cosine.
    @Test func bestLayerAndScaling() throws {
        let fixture = try QueryFixture.words()
        let arguments = ["--from", "en", "--to", "fi", "--k", "1", "--json"]
        #expect(try hubs(fixture, arguments).object["layer"] as? Int == 2)
        try fixture.file("d/en-fi.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\n")
        _ = try QueryProcess.run(["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder])
        let cosine = try hubs(fixture, arguments).object
        #expect(cosine["layer"] as? Int == 1 && cosine["skewness_by_cosine"] is NSNull)
        let scaled = try hubs(fixture, arguments + ["--scoring", "csls"]).object
        #expect(
            scaled["scoring"] as? String == "csls" && scaled["dataset"] as? String == "words (k 1, top 20000, csls)")
        #expect(scaled["skewness_by_cosine"] as? Double == cosine["skewness"] as? Double)
        #expect(scaled["largest_by_cosine"] as? Int == 1)
        let before = zip(strings(cosine, "word"), strings(cosine, "occurrences"))
        let known = Dictionary(uniqueKeysWithValues: before.map { ($0, $1) })
        for (word, count) in zip(strings(scaled, "word"), strings(scaled, "occurrences_by_cosine")) {
            #expect(count == known[word] ?? "0")
        }
        let text = try hubs(fixture, ["--from", "en", "--to", "fi", "--k", "1", "--scoring", "csls"]).output
        #expect(text.contains("nearest of 6 by CSLS: ") && text.contains("\nby cosine: skewness -0.7071, 33.3 % are"))
        #expect(text.contains("neighbour of   share  by cosine  frequency rank"))
        let layers = try hubs(
            fixture, ["--from", "en", "--to", "fi", "--k", "1", "--scoring", "csls", "--layers", "1,2"]
        ).output
        #expect(layers.contains("layer  skewness  anti_hubs  largest  by cosine  anti_hubs  the first hubs"))
        let mean = try hubs(fixture, arguments + ["--layers", "1-2:mean"]).object
        #expect(mean["layer"] as? String == "1-2:mean")
    }

    @Test func severalLanguagesAndMistakes() throws {
        let fixture = try QueryFixture.words()
        let all = try hubs(fixture, ["--from", "en,fi", "--to", "fin,en", "--layers", "1", "--json"])
        #expect(try all.rows.map { $0["pair"] as? String } == ["en-fi", "fi-en"], "\(all.messages)")
        let unknown = try hubs(fixture, ["--from", "en", "--to", "xx"])
        #expect(unknown.status == 66 && unknown.messages.contains("has no words in 'xx'"), "\(unknown.messages)")
        let some = try hubs(fixture, ["--from", "en", "--to", "fi,xx"])
        #expect(some.status == 0 && some.messages.contains("skipped: ") && some.messages.contains("'xx'"))
        let same = try hubs(fixture, ["--from", "fi", "--to", "fin"])
        #expect(same.status == 64 && same.messages.contains("'fi' and 'fin' are the same"), "\(same.messages)")
        #expect(try hubs(fixture, ["--from", "en", "--to", "fi", "--layers", "7"]).status == 66)
        for wrong in [
            ["--k", "0"], ["--top", "0"], ["--top-words", "0"], ["--layers", "first"], ["--scoring", "x"],
        ] {
            #expect(try hubs(fixture, ["--from", "en", "--to", "fi"] + wrong).status == 64, "\(wrong)")
        }
        #expect(try hubs(fixture, ["--from", "en", "--to", "fi,"]).status == 64)
    }

    /// NumPy and SciPy count the same words of vectors they read through `indexer export`.
    @Test func asNumPyAndSciPyCount() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 12)
        var random = SeededGenerator(state: 8)
        for (language, count) in [("en", 400), ("fi", 550)] {
            try fixture.publish(
                "words/\(language)", (0..<count).map { "\(language)\($0)" },
                layers: [1: (0..<count).map { _ in (0..<12).map { _ in random.unit() + 0.2 } }], checkpoint: checkpoint,
                codec: .fp16)
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("tools/parity/check-hubs").path
        let folder = URL(fileURLWithPath: try ProgramProcess.path(of: "query")).deletingLastPathComponent().path
        for more in [[], ["--k", "3", "--top-words", "450"]] {
            let outcome = try PythonProcess.run(
                [script, folder, fixture.storeFolder, "--checkpoint", "mini", "--layer", "1"] + more, withErrors: true)
            #expect(outcome.status == 0, "\(outcome.output)")
            #expect(outcome.output.split(separator: "\n").count { $0.contains("\"faults\": 0") } == 2)
        }
    }
}
