import Encoder
import Foundation
import TestSupport
import Testing

@testable import Lookup
@testable import Store

@Suite struct ExplainCommandTests {
    private func explain(_ fixture: QueryFixture, _ arguments: [String]) throws -> QueryProcess.Outcome {
        try QueryProcess.run(["explain", "--store", fixture.storeFolder] + arguments)
    }

    @Test func textForPeople() throws {
        let fixture = try QueryFixture.words()
        let outcome = try explain(fixture, ["dog", "--to", "fi", "--gold", "Koira", "--top", "2"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        let lines = outcome.output.components(separatedBy: "\n")
        #expect(
            lines[0] == "dog (en, guessed; frequency rank 1; also in fi at 50) → Koira (fi; frequency rank 10, stored "
                + "as 'koira') · mini · 6 candidates")
        #expect(lines[1].hasPrefix("pieces: not known: /nowhere/mini"))
        #expect(lines[2].hasPrefix("constraints: not known: the checkpoint has no training.json"))
        #expect(
            lines[3] == "hubs: 'neighbour of', and numbers behind words: how many of 4 words in en have it among their "
                + "10 nearest of 6 in fi")
        // All six are among the ten nearest of everything.
        #expect(
            lines[5...].joined(separator: "\n") == """
                layer  rank  cosine  ties  neighbour of  before it           nearest in en
                ─────  ────  ──────  ────  ────────────  ──────────────────  ─────────────
                    1     1  1.0000     0             4                      cat, blue
                    2     3  0.7960     0             4  kissa (4), dog (4)  cat, blue

                """)
    }

    /// Counts are those of `query hubs`, whether it has kept them or not; a word that is too rare for it has none.
    @Test func hubCountsAreThoseOfHubs() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 5)
        var random = SeededGenerator(state: 21)
        let (asking, found) = (300, HubnessScope.words + 1)
        for (language, count) in [("en", asking), ("fi", found)] {
            func rows() -> [[Float]] { (0..<count).map { _ in (0..<5).map { _ in random.unit() + 0.2 } } }
            try fixture.publish(
                "words/\(language)", (0..<count).map { "\(language)\($0)" }, layers: [1: rows(), 2: rows()],
                checkpoint: checkpoint, codec: .fp16)
        }
        let question = ["en3", "--from", "en", "--to", "fi", "--gold", "fi700", "--top", "40", "--json"]
        /// Word → count at a layer; the gold's, too.
        func counts(_ layer: [String: Any]) -> [String: Int] {
            var known: [String: Int] = [:]
            for word in layer["before"] as? [[String: Any]] ?? [] {
                known[word["word"] as? String ?? ""] = word["occurrences"] as? Int
            }
            known["fi700"] = layer["gold_occurrences"] as? Int
            return known
        }
        let before = try explain(fixture, question).object
        let without = try explain(fixture, question + ["--hubs", "stored"]).object
        #expect(without["hubs"] is NSNull)
        #expect(
            without["hubs_unknown"] as? String
                == "no counts are stored; `query hubs --from en --to fi --checkpoint mini --layers all` keeps them")
        let hubs = try QueryProcess.run([
            "hubs", "--from", "en", "--to", "fi", "--layers", "all", "--top", "10000", "--json", "--store",
            fixture.storeFolder,
        ]).rows
        let stored = try explain(fixture, question + ["--hubs", "stored"])
        #expect(try explain(fixture, question).output == stored.output)
        for explanation in [before, try stored.object] {
            #expect(explanation["hubs"] as? [String: Int] == ["k": 10, "queries": asking, "candidates": found - 1])
            #expect(explanation["hubs_unknown"] is NSNull)
            let layers = try #require(explanation["layers"] as? [[String: Any]])
            #expect(layers.count == 2 && hubs.count == 2)
            for (layer, row) in zip(layers, hubs) {
                var expected: [String: Int] = [:]
                for hub in row["hubs"] as? [[String: Any]] ?? [] {
                    expected[hub["word"] as? String ?? ""] = hub["occurrences"] as? Int
                }
                let known = counts(layer)
                #expect(known.count == 41 && known.values.contains { $0 > 0 })
                for (word, count) in known { #expect(count == expected[word] ?? 0, "\(word)") }
            }
        }
        let rare = try explain(
            fixture, ["en3", "--from", "en", "--to", "fi", "--gold", "fi\(found - 1)", "--layers", "2", "--json"]
        ).object
        let layer = try #require((rare["layers"] as? [[String: Any]])?.first)
        #expect(layer["gold_occurrences"] is NSNull && layer["rank"] is Int && rare["hubs"] is [String: Any])
        // Counts that cannot be read are counted again.
        try fixture.store.environment.write { transaction in
            let database = try #require(transaction.databases.outcomes)
            for result in try transaction.results(task: "hubs", checkpoint: nil) {
                let key = CatalogueKey.result(task: result.task, fingerprint: result.fingerprint)
                var value = try #require(try transaction.value(database, key))
                value[value.count - 1] ^= 1
                try transaction.put(database, key, value)
            }
        }
        #expect(try explain(fixture, question).output == stored.output)
        #expect(try explain(fixture, question + ["--hubs", "stored"]).object["hubs"] is NSNull)
    }

    @Test func hubCountsThatAreNotKnownAreSaid() throws {
        let fixture = try QueryFixture.words()
        let same = try explain(fixture, ["kissa", "--to", "fi", "--gold", "koira"])
        #expect(same.output.contains("\nhubs: not known: the query is a word of the gold's language\n"))
        #expect(same.output.contains("layer  rank  cosine  ties  before it"))
        #expect(try explain(fixture, ["dog", "--to", "fi", "--gold", "koira", "--hubs", "x"]).status == 64)
    }

    /// Every number a second time with NumPy, from exported vectors, and every rank as `query bli` has it.
    @Test func asNumPyAndBliHaveIt() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 10)
        var random = SeededGenerator(state: 11)
        for (language, count) in [("en", 300), ("fi", 400)] {
            func rows() -> [[Float]] { (0..<count).map { _ in (0..<10).map { _ in random.unit() } } }
            try fixture.publish(
                "words/\(language)", (0..<count).map { "\(language)\($0)" }, layers: [0: rows(), 3: rows()],
                ranks: (0..<count).map { UInt32(3 * $0 + 1) }, checkpoint: checkpoint, codec: .fp16)
        }
        let script = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appendingPathComponent("tools/parity/check-explanation").path
        let folder = URL(fileURLWithPath: try ProgramProcess.path(of: "query")).deletingLastPathComponent().path
        try fixture.file("d/en-fi.tsv", "en7\tfi90\n")
        let bli = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json",
        ])
        let object = try explain(fixture, ["en7", "--to", "fi", "--gold", "fi90", "--from", "en", "--json"]).object
        let layers = try #require(object["layers"] as? [[String: Any]])
        #expect(layers.count == 2 && object["frequency_rank"] as? Int == 22 && object["from_guessed"] as? Bool == false)
        for (layer, row) in zip(layers, try bli.rows) {
            let rank = try #require(layer["rank"] as? Int), mrr = try #require(row["mrr"] as? Double)
            #expect(abs(mrr - 1 / Double(rank)) < 1e-15, "\(rank)")
            #expect(layer["layer"] as? Int == row["layer"] as? Int)
        }
        let outcome = try PythonProcess.run(
            [script, folder, fixture.storeFolder, "en7", "fi90", "--checkpoint", "mini"], withErrors: true)
        #expect(outcome.status == 0, "\(outcome.output)")
        #expect(outcome.output.contains("2 layers compared, 0 differences"))
        // A mean of layers is a row of its own.
        let mean = try explain(
            fixture, ["en7", "--to", "fi", "--gold", "fi90", "--layers", "0,3:mean", "--json"]
        ).object
        #expect((mean["layers"] as? [[String: Any]])?.first?["layer"] as? String == "0,3:mean")
    }

    /// A word that is not stored, the pieces, and the constraints of a specialised checkpoint.
    @Test func encodedWordPiecesAndConstraints() throws {
        let fixture = try QueryFixture()
        let folder = fixture.folder + "/tiny"
        try TinyCheckpoint.ofWords().write(to: folder)
        let checkpoint = try Checkpoint(folder: folder)
        let table = try fixture.file(
            "constraints.tsv",
            "lang1\tword1\tlang2\tword2\tsynset_id\neng\tDog\tfin\tkoira\ts1\nen\tdog\tde\tHund\ts1\n"
                + "fi\tdog\tde\tHund\ts2\n")
        let record = QueryFixture.checkpoint(
            "tiny", hiddenSize: 8, layerCount: 1, source: folder, fingerprint: checkpoint.fingerprint,
            training: #"{"constraints":{"path":"\#(table)","rows":{"read":3,"kept":2}}}"#)
        let rows: [[Float]] = (0..<3).map { row in (0..<8).map { $0 == row ? 1 : 0.1 } }
        try fixture.publish("words/en", ["dog", "cat", "house"], layers: [0: rows, 1: rows], checkpoint: record)
        try fixture.publish("words/fi", ["koira", "kissa", "talo"], layers: [0: rows, 1: rows], checkpoint: record)
        let stored = try explain(fixture, ["dogs", "--to", "fi", "--gold", "koira", "--from", "en", "--json"]).object
        #expect(stored["pieces"] as? [String] == ["dog", "##s"] && stored["gold_pieces"] as? [String] == ["koira"])
        #expect(stored["encoded_with"] as? String == folder && stored["frequency_rank"] is NSNull)
        #expect((stored["layers"] as? [[String: Any]])?.count == 2)
        let own = (stored["layers"] as? [[String: Any]])?[0]["own_language"] as? [[String: Any]]
        #expect(own?.count == 3)
        let guessed = try explain(fixture, ["dogs", "--to", "fi", "--gold", "koira", "--json"]).object
        #expect(guessed["hubs_unknown"] as? String == "the query's language is not known")
        let dog = try explain(fixture, ["dog", "--to", "fi", "--gold", "koira", "--from", "en", "--json"]).object
        let tables = try #require(dog["constraints"] as? [[String: Any]])
        #expect(tables.count == 1 && tables[0]["rows"] as? Int == 3 && tables[0]["left_out"] as? Int == 1)
        // The Finnish "dog" is another word.
        #expect(tables[0]["query_rows"] as? Int == 2 && tables[0]["gold_rows"] as? Int == 1)
        #expect(tables[0]["both_rows"] as? Int == 1)
        // The table has moved.
        try FileManager.default.moveItem(atPath: table, toPath: fixture.folder + "/moved.tsv")
        let gone = try explain(fixture, ["dog", "--to", "fi", "--gold", "koira", "--from", "en"])
        #expect(gone.status == 0 && gone.output.contains("constraints: not known: the table training.json names"))
        let found = try explain(
            fixture,
            [
                "dog", "--to", "fi", "--gold", "koira", "--from", "en", "--constraints", fixture.folder + "/moved.tsv",
            ])
        #expect(found.output.contains("dog in 2, koira in 1, both in 1 of 3 rows of \(fixture.folder)/moved.tsv"))
        // A word no vocabulary and no tokenizer knows.
        let nothing = try explain(fixture, ["\u{200B}", "--to", "fi", "--gold", "koira"])
        #expect(nothing.status == 65 && nothing.messages.contains("has no vector"), "\(nothing.messages)")
    }

    @Test func whatIsNotStoredIsSaid() throws {
        let fixture = try QueryFixture.words()
        let outcome = try explain(fixture, ["dog", "--to", "fi", "--gold", "hauva", "--top", "1"])
        #expect(outcome.status == 0 && outcome.output.contains("hauva (fi; not stored)"))
        #expect(outcome.output.contains("the gold is not among the stored words, so it has no rank"))
        #expect(outcome.output.contains("    1     –       –     –             –  koira (4)    cat"))
        // Of checkpoints that nobody named, those without the language are left out; of named ones it is an error.
        try fixture.publish(
            "words/de", ["Hund"], layers: [1: [[1, 0, 0, 0]]],
            checkpoint: QueryFixture.checkpoint("other", hiddenSize: 4)
        )
        let all = try explain(fixture, ["dog", "--to", "fi", "--gold", "koira", "--json"])
        #expect(try all.rows.map { $0["checkpoint"] as? String } == ["mini"])
        #expect(all.messages.contains("skipped:") && all.messages.contains("checkpoint 'other' has no words in 'fi'"))
        let named = try explain(fixture, ["dog", "--to", "fi", "--gold", "koira", "--checkpoint", "mini", "other"])
        #expect(named.status == 66)
        #expect(try explain(fixture, ["dog", "--to", "xx", "--gold", "koira"]).status == 66)
        #expect(try explain(fixture, ["dog", "--to", "fi", "--gold", "koira", "--layers", "7"]).status == 66)
        #expect(try explain(fixture, ["dog", "--to", "fi", "--gold", "koira", "--top", "0"]).status == 64)
        #expect(try explain(fixture, ["dog", "--to", "fi", "--gold", ""]).status == 64)
    }
}
