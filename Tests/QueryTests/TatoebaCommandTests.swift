import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

@Suite struct TatoebaCommandTests {
    /// Three aligned sentences, and a fourth line that has a vector on the French side only. English asks.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 3)
        try fixture.publish(
            "sentences/fra-eng/eng", ["one", "two", "three"],
            layers: [0: [[1, 0, 0], [0.9, 0.5, 0], [0, 0, 1]], 2: [[1, 0, 0], [0, 1, 0], [0, 0, 1]]],
            checkpoint: checkpoint)
        try fixture.publish(
            "sentences/fra-eng/fra", ["un", "deux", "quatre", "trois"],
            layers: [
                0: [[1, 0.1, 0], [0.2, 1, 0], [0.5, 0.5, 0.5], [0, 0.1, 1]],
                2: [[1, 0, 0], [0, 1, 0], [0.1, 0.2, 0.9], [0, 0, 1]],
            ],
            ranks: [1, 2, 4, 3], checkpoint: checkpoint)
        return fixture
    }

    @Test func bothDirectionsByHand() throws {
        let fixture = try fixture()
        let command = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--json"])
        #expect(command.status == 0, "\(command.messages)")
        let rows = try command.rows
        #expect(rows.map { $0["layer"] as? Int } == [0, 2])
        #expect(rows.allSatisfy { $0["pair"] as? String == "fra-eng" && $0["sentences"] as? Int == 3 })
        #expect(rows.allSatisfy { $0["omitted"] as? Int == 1 })
        // Layer 0: English "two" is nearest to "un"; every French sentence finds its English one.
        #expect(rows[0]["accuracy"] as? Double == 2.0 / 3 && rows[0]["accuracy_reverse"] as? Double == 1)
        #expect(rows[1]["accuracy"] as? Double == 1 && rows[1]["accuracy_reverse"] as? Double == 1)
        // "one" and "two" both find "un": half of that prediction is right.
        let forward = ["f1": 5.0 / 9, "precision": 0.5, "recall": 2.0 / 3]
        for (key, value) in forward {
            #expect(abs((rows[0][key] as? Double ?? -1) - value) < 1e-12, "\(key)")
            #expect(rows[0]["\(key)_reverse"] as? Double == 1 && rows[1][key] as? Double == 1, "\(key)")
        }
        let again = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--json"])
        #expect(again.output == command.output && again.messages.contains("all 2 results are from the store"))
        // MTEB's main score is F1 of the other language asking.
        let folder = fixture.folder + "/mteb", weights = "00000000000000010000000000000007"
        _ = try QueryProcess.run(["results", "--mteb", folder, "--layer", "0", "--store", fixture.storeFolder])
        let path = "\(folder)/mini/\(weights)/Polylex-tatoeba-sentences.json"
        let file =
            try JSONSerialization.jsonObject(with: Data(contentsOf: URL(fileURLWithPath: path))) as? [String: Any]
        let subset = try #require((file?["scores"] as? [String: [[String: Any]]])?["test"]?.first)
        #expect(subset["main_score"] as? Double == 1 && abs((subset["f1"] as? Double ?? 0) - 5.0 / 9) < 1e-12)
    }

    /// A sentence that stands twice finds its first translation, as LASER's evaluation does, from both its lines.
    @Test func ofRepeatedSentencesTheFirstIsFound() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 3)
        let rows: [[Float]] = [[1, 0, 0], [0, 1, 0], [1, 0, 0], [0, 0, 1]]
        for language in ["deu", "eng"] {
            try fixture.publish(
                "sentences/deu-eng/\(language)", ["a", "b", "a", "c"], layers: [0: rows], checkpoint: checkpoint)
        }
        let command = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--json"])
        #expect(command.status == 0, "\(command.messages)")
        #expect(try command.rows.map { $0["accuracy"] as? Double } == [0.75])
        #expect(try command.rows.map { $0["accuracy_reverse"] as? Double } == [0.75])
    }

    @Test func tableMarksTheBestLayer() throws {
        let fixture = try fixture()
        let command = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder])
        #expect(
            command.output == """
                tatoeba · mini · sentences · layer 2, the best of 2

                pair     sentences  accuracy  95 %           accuracy_reverse  omitted      f1  f1_reverse
                ───────  ─────────  ────────  ─────────────  ────────────────  ───────  ──────  ──────────
                fra-eng          3    1.0000  0.4385–1.0000            1.0000        1  1.0000      1.0000

                mean over pairs, best layer marked

                layer  over  accuracy  95 % queries   95 % pairs  accuracy_reverse      f1  f1_reverse
                ─────  ────  ────────  ─────────────  ──────────  ────────────────  ──────  ──────────  ─
                    0     1    0.6667  0.2077–0.9385  –                     1.0000  0.5556      1.0000
                    2     1    1.0000  0.4385–1.0000  –                     1.0000  1.0000      1.0000  ◀

                95 %: Wilson's interval; of means, from the pairs' or by bootstrap over pairs (10,000 samples)

                """)
    }

    /// Results kept before F1 was known are shown without it, said, and computed again when they are asked for.
    @Test func resultsOfAnEarlierVersionGetTheirValues() throws {
        let fixture = try fixture()
        let tatoeba = ["tatoeba", "--store", fixture.storeFolder, "--json"]
        let first = try QueryProcess.run(tatoeba)
        try fixture.store.environment.write { transaction in
            for var result in try transaction.results(task: "tatoeba", checkpoint: nil) {
                for key in ["f1", "precision"] {
                    for way in ["", "_reverse"] { result.values["\(key)\(way)"] = nil }
                }
                try transaction.put(
                    transaction.databases.results,
                    CatalogueKey.result(task: result.task, fingerprint: result.fingerprint),
                    try ResultChecksum.encode(result))
            }
        }
        let said = "of an earlier version lack f1, f1_reverse, precision, precision_reverse; "
        let shown = try QueryProcess.run(["results", "--json", "--store", fixture.storeFolder])
        #expect(try shown.rows.allSatisfy { $0["f1"] is NSNull && $0["accuracy_reverse"] as? Double == 1 })
        #expect(shown.messages.contains("2 results " + said), "\(shown.messages)")
        let exported = try QueryProcess.run([
            "results", "--mteb", fixture.folder + "/mteb", "--store", fixture.storeFolder,
        ])
        #expect(exported.status == 66 && exported.messages.contains("no results with a score"), "\(exported.messages)")
        let second = try QueryProcess.run(tatoeba)
        #expect(second.output == first.output)
        #expect(second.messages.contains("2 of the stored results are of an earlier version, without f1, f1_reverse"))
        let third = try QueryProcess.run(tatoeba)
        #expect(third.output == first.output && third.messages.contains("all 2 results are from the store"))
    }

    @Test func halfASetAndUnknownSets() throws {
        let fixture = try fixture()
        try fixture.publish(
            "sentences/deu-eng/eng", ["one"], layers: [0: [[1, 0, 0]]],
            checkpoint: QueryFixture.checkpoint(hiddenSize: 3))
        let command = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--json"])
        #expect(command.messages.contains("skipped: mini: sentences/deu-eng: expected two languages, found 1 (eng)"))
        #expect(try command.rows.count == 2)
        let unknown = try QueryProcess.run(["tatoeba", "--store", fixture.storeFolder, "--pairs", "fra-en"])
        #expect(unknown.status == 66 && unknown.messages.contains("no pair 'fra-en'; did you mean 'fra-eng'?"))
        let words = try QueryFixture.words()
        let none = try QueryProcess.run(["tatoeba", "--store", words.storeFolder])
        #expect(none.status == 66 && none.messages.contains("mini: no sentence sets are stored"))
    }
}
