import Encoder
import Foundation
import TestSupport
import Testing

@testable import Query
@testable import Store

@Suite struct TranslateCommandTests {
    private func translate(_ fixture: QueryFixture, _ arguments: [String]) throws -> QueryProcess.Outcome {
        try QueryProcess.run(["translate", "--store", fixture.storeFolder] + arguments)
    }

    @Test func jsonOfAStoredWord() throws {
        let fixture = try QueryFixture.words()
        let command = try translate(fixture, ["dog", "--to", "fi", "--layer", "1", "--top", "2", "--json"])
        #expect(command.status == 0, "\(command.messages)")
        let row = try #require(try command.rows.first)
        #expect(row["query"] as? String == "dog" && row["from"] as? String == "en" && row["to"] as? String == "fi")
        #expect(row["checkpoint"] as? String == "mini" && row["layer"] as? Int == 1 && row["stored"] as? Bool == true)
        let results = try #require(row["results"] as? [[String: Any]])
        #expect(results.map { $0["word"] as? String } == ["koira", "kissa"])
        #expect(results.map { $0["rank"] as? Int } == [1, 2] && results.map { $0["row"] as? Int } == [0, 3])
        #expect(results.map { $0["frequency_rank"] as? Int } == [10, 40])
        let score = try #require(results[0]["score"] as? Double)
        #expect(abs(score - 1) < 1e-6)
        // The Finnish list holds the English word: set apart.
        let identical = try #require(row["identical"] as? [[String: Any]])
        #expect(identical.map { $0["word"] as? String } == ["dog"])
        #expect(
            command.output.hasPrefix(
                #"{"query":"dog","from":"en","to":"fi","checkpoint":"mini","layer":1,"stored":true,"results":[{"rank":1,"#
            ))
    }

    @Test func identicalSpellingIsRankedOnRequestAndCaseDoesNotHideIt() throws {
        let fixture = try QueryFixture.words()
        func words(_ arguments: [String]) throws -> [String?] {
            let row = try translate(fixture, arguments + ["--to", "fi", "--layer", "1", "--json"]).rows.first
            return (row?["results"] as? [[String: Any]] ?? []).map { $0["word"] as? String }
        }
        #expect(try words(["dog", "--keep-identical"]).prefix(2) == ["koira", "dog"])
        #expect(try words(["dog"]).contains("dog") == false)
        #expect(try words(["DOG"]).contains("dog") == false)
        #expect(try words(["dog", "--top", "10"]).count == 5)
    }

    @Test func equalScoresByFrequency() throws {
        let fixture = try QueryFixture.words()
        let row = try #require(
            try translate(fixture, ["house", "--to", "fi", "--layer", "1", "--json"]).rows.first)
        let results = try #require(row["results"] as? [[String: Any]])
        #expect(results.prefix(2).map { $0["word"] as? String } == ["radio", "talo"])
    }

    @Test func tableForPeople() throws {
        let fixture = try QueryFixture.words()
        let command = try translate(fixture, ["Dog", "--to", "fi", "--top", "2"])
        #expect(
            command.output == """
                Dog (en, guessed; also in fi at 50) → fi · mini · layer 2 (the last; no evaluation of this checkpoint is stored)
                stored as 'dog'

                rank  word   cosine  frequency rank
                ────  ─────  ──────  ──────────────
                   1  kissa  1.0000              40
                   2  koira  0.7960              10

                spelled like the query, set apart: dog (0.9890, frequency rank 50); --keep-identical ranks it

                """)
    }

    @Test func theBestLayerComesFromStoredEvaluations() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\ncat\tkissa\n")
        _ = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--quiet",
        ])
        let row = try #require(try translate(fixture, ["dog", "--to", "fi", "--json"]).rows.first)
        #expect(row["layer"] as? Int == 1)
        #expect(row["layer_reason"] as? String == "best MRR (1.0000) on en-fi of d")
        // Results of other weights under the same name say nothing about these.
        let other = try QueryFixture()
        try other.publishWords(QueryFixture.checkpoint(version: 9, hiddenSize: 4))
        try other.store.putUnchecked(fixture.store.results(task: nil, checkpoint: nil))
        let unknown = try #require(try translate(other, ["dog", "--to", "fi", "--json"]).rows.first)
        #expect(unknown["layer"] as? Int == 2)
    }

    /// The best layer is that of the guessed pair, word by word, in lists and alone.
    @Test func theBestLayerIsThatOfTheGuessedLanguage() throws {
        let fixture = try QueryFixture.words()
        let dog: [Float] = [1, 0, 0, 0.1]
        try fixture.publish(
            "words/de", ["Katze"], layers: [1: [dog], 2: [dog]], checkpoint: QueryFixture.checkpoint(hiddenSize: 4))
        // Layer 1 is right for English, layer 2 for German and in the mean.
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\ncat\tkissa\nblue\tsininen\n")
        try fixture.file("d/de-fi.test.tsv", "Katze\tkissa\n")
        _ = try QueryProcess.run([
            "bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--quiet",
        ])
        let words = ["dog", "Katze", "talo", "blue", "cat"]
        let rows = try translate(fixture, words + ["--to", "fi", "--json"]).rows
        #expect(rows.map { $0["layer"] as? Int } == [1, 2, 2, 1, 1])
        #expect(rows.map { $0["from"] as? String } == ["en", "de", "fi", "en", "en"])
        #expect(rows[1]["layer_reason"] as? String == "best MRR (1.0000) on de-fi of d")
        #expect((rows[0]["layer_reason"] as? String)?.hasSuffix("on en-fi of d") == true)
        #expect((rows[2]["layer_reason"] as? String)?.hasSuffix("on 2 pairs of d") == true)
        for (word, row) in zip(words, rows) {
            let alone = try #require(try translate(fixture, [word, "--to", "fi", "--json"]).rows.first)
            #expect(NSDictionary(dictionary: alone) == NSDictionary(dictionary: row), "\(word)")
        }
        // A layer asked for is that of all words.
        let given = try translate(fixture, words + ["--to", "fi", "--json", "--layer", "1"]).rows
        #expect(given.allSatisfy { $0["layer"] as? Int == 1 })
    }

    /// "building" is an English word in the Finnish list; "hotel" is as common in both.
    @Test func wordsOfAnotherLanguageAreLeftOutAndSaid() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 3)
        let house: [Float] = [1, 0.1, 0]
        try fixture.publish(
            "words/en", ["house", "building", "hotel"], layers: [0: [house, [1, 0.2, 0], [0.5, 1, 0]]],
            ranks: [1, 5, 6], checkpoint: checkpoint)
        try fixture.publish("words/de", ["bau"], layers: [0: [[0, 0, 1]]], ranks: [3], checkpoint: checkpoint)
        try fixture.publish(
            "words/fi", ["talo", "hotel", "house", "building", "bau"],
            layers: [0: [[1, 0.5, 0], [0.5, 1, 0], house, [1, 0.2, 0], [1, 0, 0.3]]], ranks: [2, 59, 60, 50, 30],
            checkpoint: checkpoint)
        func answer(_ arguments: [String]) throws -> (results: [String?], foreign: [String?], row: [String: Any]) {
            let row = try #require(
                try translate(fixture, ["house", "--to", "fi", "--json"] + arguments).rows.first)
            func words(_ key: String) -> [String?] {
                (row[key] as? [[String: Any]] ?? []).map { $0["word"] as? String }
            }
            return (words("results"), words("foreign"), row)
        }
        let usual = try answer([])
        #expect(usual.results == ["bau", "talo", "hotel"] && usual.foreign == ["building"])
        let left = try #require((usual.row["foreign"] as? [[String: Any]])?.first)
        #expect(left["language"] as? String == "en" && left["frequency_rank"] as? Int == 50 && left["row"] as? Int == 3)
        #expect(usual.row["native"] as? String == "own" && left["rank"] == nil)
        // A list of words is answered as each word is.
        let list = try translate(
            fixture, ["house", "house", "house", "house", "--to", "fi", "--json"]
        ).rows
        for row in list { #expect(NSDictionary(dictionary: row) == NSDictionary(dictionary: usual.row)) }
        let any = try answer(["--native", "any"])
        #expect(any.results == ["talo", "hotel"] && any.foreign == ["building", "bau"])
        let off = try answer(["--native", "off"])
        #expect(off.results == ["building", "bau", "talo", "hotel"] && off.foreign.isEmpty)
        // What is spelled like the query is set apart for that, or ranked on request.
        #expect(try answer(["--keep-identical"]).results == ["house", "bau", "talo", "hotel"])
        // Only what would have been shown; below a threshold nothing is an answer anyway.
        #expect(try answer(["--top", "1", "--native", "any"]).foreign == ["building", "bau"])
        #expect(try answer(["--threshold", "0.999"]).foreign.isEmpty)
        let table = try translate(fixture, ["house", "--to", "fi"]).output
        #expect(table.contains("words of another language, left out: building (en, 0.9952); --native off ranks it"))
        let rows = try translate(fixture, ["house", "--to", "fi", "--tsv"])
        #expect(rows.messages.contains("1 candidate left out as words of another language (building of en)"))
        #expect(!rows.output.contains("building"))
        #expect(try translate(fixture, ["house", "--to", "fi", "--native", "some"]).status == 64)
    }

    /// Sixty words with a translation each, and one that is the mean of six words.
    private func withNonsense() throws -> QueryFixture {
        let fixture = try QueryFixture()
        var random = SeededGenerator(state: 9)
        let english: [[Float]] = (0..<60).map { _ in (0..<16).map { _ in random.unit() - 0.5 } }
        let mixed = (0..<16).map { place in english.prefix(6).reduce(0) { $0 + $1[place] } }
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 16)
        try fixture.publish(
            "words/en", (0..<60).map { "en\($0)" } + ["zzxy"], layers: [1: english + [mixed]], checkpoint: checkpoint)
        try fixture.publish(
            "words/fi", (0..<60).map { "fi\($0)" },
            layers: [1: english.map { $0.map { $0 + 0.02 * (random.unit() - 0.5) } }], checkpoint: checkpoint)
        return fixture
    }

    @Test func nonsenseIsNotSureAndWordsAre() throws {
        let fixture = try withNonsense()
        func ask(_ words: [String], _ arguments: [String]) throws -> [[String: Any]] {
            let run = try translate(fixture, words + ["--from", "en", "--to", "fi", "--json"] + arguments)
            #expect(run.status == 0, "\(run.messages)")
            return try run.rows
        }
        let words = (0..<60).map { "en\($0)" } + ["zzxy"]
        let rows = try ask(words, ["--doubt", "all"])
        #expect(rows.map { $0["sure"] as? Bool } == [Bool?](repeating: true, count: 60) + [false])
        let margin = try #require(rows[60]["margin"] as? Double)
        let limit = try #require(rows[60]["nonsense_margin"] as? Double)
        #expect(margin < limit && (rows[60]["results"] as? [Any])?.count == 10)
        // Alone as in a list, and by the other scoring.
        let alone = try ask(["zzxy"], ["--doubt", "all"])[0]
        #expect(alone["margin"] as? Double == margin && alone["nonsense_margin"] as? Double == limit)
        #expect(try ask(["zzxy"], ["--doubt", "all", "--scoring", "csls"])[0]["sure"] as? Bool == false)
        // A stored word is a word, unless asked.
        #expect(try ask(words, []).allSatisfy { $0["sure"] == nil && $0["margin"] == nil })
        let table = try translate(fixture, ["zzxy", "--from", "en", "--to", "fi", "--doubt", "all"])
        #expect(
            table.output.contains("\nnot sure: the nearest word is 0.")
                && table.output.contains("no more than nonsense's (0."))
        #expect(!table.messages.contains("not sure"))
        let list = try translate(
            fixture, ["en1", "zzxy", "en2", "en3", "--from", "en", "--to", "fi", "--doubt", "all", "--tsv"])
        #expect(list.messages.contains("not sure of 1 of 4: the best candidate stands out no more than nonsense's"))
        #expect(try translate(fixture, ["en1", "--to", "fi", "--doubt", "some"]).status == 64)
    }

    /// What is encoded is asked about by itself, where its language is given.
    @Test func encodedWordsAreComparedWithNonsense() throws {
        let fixture = try QueryFixture()
        let folder = fixture.folder + "/tiny"
        try TinyCheckpoint.ofWords().write(to: folder)
        let record = QueryFixture.checkpoint(
            "tiny", hiddenSize: 8, layerCount: 1, source: folder,
            fingerprint: try Checkpoint(folder: folder).fingerprint)
        var random = SeededGenerator(state: 3)
        let english: [[Float]] = (0..<40).map { _ in (0..<8).map { _ in random.unit() - 0.5 } }
        for language in ["en", "fi"] {
            try fixture.publish(
                "words/\(language)", (0..<40).map { "\(language)\($0)" }, layers: [1: english], checkpoint: record)
        }
        func ask(_ arguments: [String]) throws -> [String: Any] {
            let run = try translate(fixture, ["--to", "fi", "--json"] + arguments)
            #expect(run.status == 0, "\(run.messages)")
            return try run.object
        }
        let encoded = try ask(["dogs", "--from", "en"])
        #expect(encoded["stored"] as? Bool == false && encoded["sure"] is Bool)
        let stored = try ask(["en3", "--from", "en", "--doubt", "all"])
        #expect(encoded["nonsense_margin"] as? Double == stored["nonsense_margin"] as? Double)
        #expect(try ask(["dogs", "--from", "en", "--doubt", "none"])["sure"] == nil)
        // Of a word that no vocabulary has nothing tells the language.
        #expect(try ask(["dogs"])["sure"] == nil)
    }

    @Test func languagesGivenAndGuessed() throws {
        let fixture = try QueryFixture.words()
        // "dog" is at 1 in English and 50 in Finnish; asked in Finnish it is the Finnish list's.
        let given = try #require(
            try translate(fixture, ["dog", "--to", "en", "--from", "fi", "--layer", "1", "--json"]).rows.first)
        #expect(given["from"] as? String == "fi" && given["from_guessed"] as? Bool == false)
        let guessed = try #require(try translate(fixture, ["dog", "--to", "en", "--layer", "1", "--json"]).rows.first)
        #expect(guessed["from"] as? String == "fi" && guessed["from_guessed"] as? Bool == true)
        // A three-letter code finds the two-letter collection.
        let three = try #require(try translate(fixture, ["dog", "--to", "FIN", "--layer", "1", "--json"]).rows.first)
        #expect(three["to"] as? String == "fi")
    }

    @Test func severalWords() throws {
        let fixture = try QueryFixture.words()
        let rows = try translate(fixture, ["dog", "cat", "--to", "fi", "--layer", "1", "--json"]).rows
        #expect(rows.map { $0["query"] as? String } == ["dog", "cat"])
    }

    /// CSLS by hand with two dimensions: with fewer than ten words on a side, r is the mean over all of them.
    @Test func crossDomainScaling() throws {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 2)
        // "hub" is nearer to x than "leaf" but near to y and z as well.
        try fixture.publish(
            "words/en", ["x", "y", "z"], layers: [0: [[1, 0], [0.6, 0.8], [0.8, 0.6]]], checkpoint: checkpoint)
        try fixture.publish(
            "words/fi", ["hub", "leaf"], layers: [0: [[0.96, 0.28], [0.936, -0.352]]], checkpoint: checkpoint)
        func results(_ scoring: String) throws -> [[String: Any]] {
            let row = try translate(fixture, ["x", "--from", "en", "--to", "fi", "--scoring", scoring, "--json"]).rows
                .first
            return row?["results"] as? [[String: Any]] ?? []
        }
        #expect(try results("cosine").map { $0["word"] as? String } == ["hub", "leaf"])
        let scaled = try results("csls")
        #expect(scaled.map { $0["word"] as? String } == ["leaf", "hub"])
        let own = (0.96 + 0.936) / 2
        let leaf = 2 * 0.936 - own - (0.936 + (0.6 * 0.936 - 0.8 * 0.352) + (0.8 * 0.936 - 0.6 * 0.352)) / 3
        let score = try #require(scaled[0]["score"] as? Double)
        #expect(abs(score - leaf) < 1e-6)
    }

    @Test func mistakesAreNamed() throws {
        let fixture = try QueryFixture.words()
        func messages(_ arguments: [String], status: Int32) throws -> String {
            let command = try translate(fixture, arguments)
            #expect(command.status == status, "\(arguments): \(command.status) \(command.messages)")
            #expect(command.output.isEmpty)
            return command.messages
        }
        #expect(
            try messages(["dog", "--to", "fr"], status: 66)
                .contains("checkpoint 'mini' has no words in 'fr'; did you mean 'fi'?; stored: en, fi; add it with"))
        #expect(try messages(["dog", "--to", "fi", "--from", "xx"], status: 66).contains("has no words in 'xx'"))
        #expect(
            try messages(["dog", "--to", "fi", "--layer", "7"], status: 66)
                .contains("mini words/fi has no layer 7; stored: 1, 2; add it with `indexer build --layers 7"))
        #expect(try messages(["dog", "--to", "fi", "--layer", "x"], status: 64).contains("--layer"))
        #expect(
            try messages(["dog", "--to", "fi", "--checkpoint", "mini2"], status: 66).contains("did you mean 'mini'?"))
        #expect(try messages(["dog", "--to", "fi", "--top", "0"], status: 64).contains("--top must be 1 to 10000"))
        #expect(try messages(["", "--to", "fi"], status: 64).contains("an empty word"))
        // Not stored, and the folder the store was built from is gone.
        #expect(try messages(["aardvark", "--to", "fi"], status: 66).contains("/nowhere/mini"))
        try fixture.publishWords(QueryFixture.checkpoint("other", version: 2, hiddenSize: 4))
        #expect(
            try messages(["dog", "--to", "fi"], status: 64)
                .contains("holds 2 checkpoints, say which with --checkpoint: mini, other"))
        let empty = try QueryFixture()
        #expect(try translate(empty, ["dog", "--to", "fi"]).messages.contains("the store holds no checkpoint yet"))
    }
}

extension Store {
    /// Writes results whatever they were computed from.
    func putUnchecked(_ results: [ResultRecord]) throws {
        try environment.write { transaction in
            for result in results {
                try transaction.put(
                    transaction.databases.results,
                    CatalogueKey.result(task: result.task, fingerprint: result.fingerprint),
                    ResultChecksum.encode(result))
            }
        }
    }
}
