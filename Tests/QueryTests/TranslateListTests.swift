import Foundation
import TestSupport
import Testing

@testable import Query

/// `query translate` with lists of words, several languages and several checkpoints.
@Suite struct TranslateListTests {
    private func translate(
        _ fixture: QueryFixture, _ arguments: [String], input: String? = nil
    ) throws -> QueryProcess.Outcome {
        try QueryProcess.run(["translate", "--store", fixture.storeFolder] + arguments, input: input)
    }

    private func asked(_ outcome: QueryProcess.Outcome) throws -> [String] {
        try outcome.rows.map { "\($0["query"] ?? "")>\($0["to"] ?? "")@\($0["checkpoint"] ?? "")" }
    }

    @Test func severalTargetsAndCheckpointsSideBySide() throws {
        let fixture = try QueryFixture.words()
        try fixture.publishWords(QueryFixture.checkpoint("other", version: 2, hiddenSize: 4))
        let rows = try translate(
            fixture,
            [
                "dog", "cat", "--to", "fi,en", "--to", "fi", "--from", "en", "--layer", "1", "--json", "--checkpoint",
                "other", "--checkpoint", "mini",
            ])
        #expect(rows.status == 0, "\(rows.messages)")
        #expect(
            try asked(rows) == [
                "dog>fi@other", "dog>fi@mini", "dog>en@other", "dog>en@mini", "cat>fi@other", "cat>fi@mini",
                "cat>en@other", "cat>en@mini",
            ])
        let table = try translate(
            fixture,
            ["dog", "--to", "fi", "--layer", "1", "--top", "2", "--checkpoint", "other", "--checkpoint", "mini"])
        #expect(
            table.output == """
                dog (en, guessed; also in fi at 50) → fi · other · layer 1 (as asked)
                dog (en, guessed; also in fi at 50) → fi · mini · layer 1 (as asked)

                rank  other  cosine  mini   cosine
                ────  ─────  ──────  ─────  ──────
                   1  koira  1.0000  koira  1.0000
                   2  kissa  0.7960  kissa  0.7960

                other: spelled like the query, set apart: dog (0.9890, frequency rank 50); --keep-identical ranks it
                mini: spelled like the query, set apart: dog (0.9890, frequency rank 50); --keep-identical ranks it

                """)
    }

    @Test func listsFromAFileAndStandardInput() throws {
        let fixture = try QueryFixture.words()
        let list = try fixture.file("list.txt", "dog\n\n  cat \na\tb\nhouse\n")
        let file = try translate(fixture, ["--words", list, "--to", "fi", "--layer", "1", "--json", "--top", "1"])
        #expect(file.status == 0)
        #expect(try asked(file) == ["dog>fi@mini", "cat>fi@mini", "house>fi@mini"])
        #expect(file.messages.contains("list.txt: 1 line left out: empty, the first is line 2"))
        #expect(file.messages.contains("1 line left out: with a tab or another control character"))
        #expect(file.messages.contains("the first is line 4"))
        let piped = try translate(
            fixture, ["blue", "-", "--to", "fi", "--layer", "1", "--json"], input: "cat\r\ndog\r\n")
        #expect(try asked(piped) == ["blue>fi@mini", "cat>fi@mini", "dog>fi@mini"])
        let nothing = try translate(fixture, ["-", "--to", "fi"], input: "\n \n")
        #expect(nothing.status == 65 && nothing.messages.contains("no word was translated"), "\(nothing.messages)")
        #expect(try translate(fixture, ["--to", "fi"]).status == 64)
        #expect(try translate(fixture, ["-", "--words", "-", "--to", "fi"]).status == 64)
        #expect(try translate(fixture, ["--words", fixture.folder + "/none", "--to", "fi"]).status == 66)
    }

    @Test func linesThatAreNoTextAreLeftOut() throws {
        let fixture = try QueryFixture.words()
        let folder = try TemporaryFolder()
        let path = folder.path + "/list"
        let long = String(repeating: "x", count: 5000)
        try Data(Array("dog\n".utf8) + [0xFF, 0x0A] + Array("\(long)\ncat\r\nhouse".utf8)).write(
            to: URL(fileURLWithPath: path))
        let outcome = try translate(fixture, ["--words", path, "--to", "fi", "--layer", "1", "--json"])
        #expect(try asked(outcome) == ["dog>fi@mini", "house>fi@mini"])
        for reason in ["not UTF-8, the first is line 2", "longer than 4096 bytes, the first is line 3", "is line 4"] {
            #expect(outcome.messages.contains(reason), "\(outcome.messages)")
        }
    }

    @Test func tabSeparatedValues() throws {
        let fixture = try QueryFixture()
        try fixture.publish(
            "words/en", ["x", "y"], layers: [0: [[1, 0], [0, 1]]], checkpoint: QueryFixture.checkpoint(hiddenSize: 2))
        try fixture.publish(
            "words/fi", ["=1+1", "b"], layers: [0: [[1, 0], [0, 1]]], ranks: [3, 8],
            checkpoint: QueryFixture.checkpoint(hiddenSize: 2))
        let arguments = ["x", "y", "--to", "fi", "--from", "en", "--tsv", "--top", "1"]
        let header = "query\tfrom\tto\tcheckpoint\tlayer\trank\tword\tscore\tfrequency_rank\n"
        #expect(
            try translate(fixture, arguments).output
                == header + "x\ten\tfi\tmini\t0\t1\t'=1+1\t1\t3\ny\ten\tfi\tmini\t0\t1\tb\t1\t8\n")
        #expect(try translate(fixture, arguments + ["--csv-raw"]).output.contains("\t=1+1\t"))
        #expect(try translate(fixture, arguments + ["--json"]).status == 64)
    }

    @Test func belowTheThresholdIsNoAnswer() throws {
        let fixture = try QueryFixture.words()
        let arguments = ["--to", "fi", "--layer", "1", "--from", "en"]
        // The best candidate of "dog" is "koira", which scores 1; "kissa" scores 0.7960.
        let json = try translate(fixture, ["dog", "--threshold", "0.8", "--json"] + arguments).rows
        #expect((json.first?["results"] as? [[String: Any]])?.map { $0["word"] as? String } == ["koira"])
        #expect(json.first?["sure"] as? Bool == true && json.first?["threshold"] as? Double == 0.8)
        #expect(try translate(fixture, ["dog", "--json"] + arguments).rows.first?["sure"] == nil)
        let table = try translate(fixture, ["dog", "--threshold", "0.9", "--to", "en", "--layer", "1", "--from", "fi"])
        #expect(table.status == 0)
        #expect(
            table.output == """
                dog (fi) → en · mini · layer 1 (as asked)

                not sure: no candidate scores 0.9000 or more; the best is cat (0.8614)

                spelled like the query, set apart: dog (0.9890, frequency rank 1); --keep-identical ranks it

                """)
        let rows = try translate(
            fixture, ["dog", "kissa", "--threshold", "0.9", "--to", "en", "--layer", "1", "--from", "fi", "--tsv"])
        #expect(
            rows.output.split(separator: "\n").map { $0.split(separator: "\t", omittingEmptySubsequences: false)[6] }
                == ["word", "", "cat"])
        #expect(rows.messages.contains("not sure of 1 of 2: no candidate scores 0.9000 or more"))
        // Batches and single words have the same threshold.
        let batch = try translate(
            fixture,
            [
                "dog", "kissa", "koira", "talo", "--threshold", "0.9", "--to", "en", "--layer", "1", "--from", "fi",
                "--json",
            ])
        #expect(try batch.rows.map { $0["sure"] as? Bool } == [false, true, true, true])
        #expect(try translate(fixture, ["dog", "--threshold", "1.5"] + arguments).status == 64)
        #expect(try translate(fixture, ["dog", "--threshold", "nan"] + arguments).status == 64)
    }

    @Test func aForgottenOptionValueIsQuestioned() throws {
        let fixture = try QueryFixture.words()
        let outcome = try translate(fixture, ["dog", "--to", "fi", "en", "--layer", "1", "--from", "en"])
        #expect(outcome.messages.contains("'en' is translated as a word; did you mean --to fi,en?"))
        let silent = try translate(fixture, ["--to", "fi", "dog", "--layer", "1", "--json"])
        #expect(silent.status == 0 && silent.messages.isEmpty)
    }

    @Test func doubtfulWords() {
        func find(_ line: String) -> [String] {
            DoubtfulWord.find(
                in: line.split(separator: " ").map(String.init), languages: ["fi", "de"], checkpoints: ["mbert", "e5"]
            ).map { "\($0.option) \($0.value) \($0.word)" }
        }
        #expect(find("translate dog --to fi de") == ["--to fi de"])
        #expect(find("translate dog --to=fi DEU fi") == ["--to fi DEU", "--to fi fi"])
        #expect(find("translate --to fi dog de") == [])
        #expect(find("translate --to fi -- de") == [])
        #expect(find("translate de --to fi --top 3 de") == [])
        #expect(find("translate dog --checkpoint mbert e5 --to fi") == ["--checkpoint mbert e5"])
    }
}
