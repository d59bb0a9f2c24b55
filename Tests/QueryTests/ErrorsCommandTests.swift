import Foundation
import TestSupport
import Testing

@testable import Lookup
@testable import Store

@Suite struct ErrorsCommandTests {
    /// One query of every kind at layer 0: each English word's vector is that of the Finnish word it finds first.
    private func fixture() throws -> QueryFixture {
        let fixture = try QueryFixture()
        let checkpoint = QueryFixture.checkpoint(hiddenSize: 12)
        func unit(_ place: Int) -> [Float] { (0..<12).map { $0 == place ? 1 : 0 } }
        let english = ["dog", "hound", "radio", "letter", "house", "moss", "blue", "cat"]
        let finnish: [(word: String, rank: UInt32)] = [
            ("hauva", 3), ("kissa", 4), ("kirjeen", 5), ("ja", 6), ("Radio", 7), ("koira", 8), ("sininen", 9),
            ("vihreä", 10), ("kirje", 11), ("sammal", 60), ("building", 70), ("talo", 71),
        ]
        let found = ["dog": 0, "hound": 5, "radio": 4, "letter": 2, "house": 10, "moss": 3, "blue": 7, "cat": 1]
        try fixture.publish(
            "words/en", english + ["building"],
            layers: [0: english.map { unit(found[$0] ?? 0) } + [(0..<12).map { _ in 1 }]],
            ranks: [1, 2, 3, 4, 5, 6, 8, 9, 7], checkpoint: checkpoint)
        try fixture.publish(
            "words/fi", finnish.map(\.word), layers: [0: finnish.indices.map(unit)], ranks: finnish.map(\.rank),
            checkpoint: checkpoint)
        try fixture.file(
            "d/en-fi.tsv",
            "dog\tkoira\ndog\thauva\nradio\tkissa\nletter\tkirje\nhouse\ttalo\nmoss\tsammal\nblue\tsininen\n"
                + "cat\tkissa\n")
        return fixture
    }

    private static let kinds = [
        "other_sense", "spelled_like_query", "inflected_gold", "foreign_word", "rare_gold", "other",
    ]

    @Test func everyKindByHand() throws {
        let fixture = try fixture()
        let out = fixture.folder + "/wrong.tsv"
        let command = [
            "errors", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--out", out,
        ]
        let outcome = try QueryProcess.run(command + ["--json"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        let row = try outcome.object
        #expect(row["queries"] as? Int == 8 && row["right"] as? Int == 2 && row["wrong"] as? Int == 6)
        for kind in Self.kinds { #expect(row[kind] as? Int == 1, "\(kind)") }
        let examples = try #require(row["examples"] as? [[String: Any]])
        #expect(examples.map { $0["kind"] as? String } == Self.kinds)
        #expect(
            examples.map { $0["first"] as? String } == ["hauva", "Radio", "kirjeen", "building", "ja", "vihreä"])
        #expect(examples.map { $0["row"] as? Int } == [0, 2, 3, 4, 5, 6])
        #expect(examples[3]["language"] as? String == "en" && examples[4]["language"] is NSNull)
        let lines = try String(contentsOfFile: out, encoding: .utf8).split(separator: "\n").map(String.init)
        #expect(lines.count == 7)
        #expect(lines[4] == "d\ten-fi\tmini\t0\t4\tforeign_word\thouse\ttalo\t12\tbuilding\ten\t5\t71\t70")

        let text = try QueryProcess.run(command + ["--examples", "1"])
        #expect(text.output.contains("errors · mini · d · layer 0"))
        #expect(text.output.contains("en-fi        8      2      6"))
        #expect(text.output.contains("foreign word:\n  en-fi  house → building (en); gold talo at 12\n"))
        #expect(text.messages.contains("wrong.tsv: 6 wrong answers"))
        // Ranks are those of `bli`, kept as there.
        #expect(try fixture.store.results(task: "bli", checkpoint: "mini").count == 1)
    }

    @Test func whatDecides() {
        #expect(WrongAnswers.isInflected("koiran", of: "Koira") && WrongAnswers.isInflected("talossa", of: "talon"))
        #expect(!WrongAnswers.isInflected("koiratarha", of: "koe") && !WrongAnswers.isInflected("oma", of: "omatunto"))
        // Half of the longer word, not less.
        #expect(WrongAnswers.isInflected("talo", of: "taloissa"))
        #expect(!WrongAnswers.isInflected("talo", of: "taloissani"))
        func word(_ rank: Int) -> InductionVocabularies.Word { .init(text: "x", frequencyRank: rank) }
        #expect(WrongAnswers.isRare(word(100), beside: word(10)) && !WrongAnswers.isRare(word(99), beside: word(10)))
        #expect(!WrongAnswers.isRare(word(.max), beside: word(.max)))
    }

    @Test func theBestLayerUnlessAnotherIsAskedFor() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\n")
        let command = ["errors", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--json"]
        let best = try QueryProcess.run(command).object
        #expect(best["layer"] as? Int == 1 && best["wrong"] as? Int == 1)
        let second = try QueryProcess.run(command + ["--layer", "2", "--examples", "0"]).object
        #expect(second["layer"] as? Int == 2 && second["wrong"] as? Int == 3)
        #expect((second["examples"] as? [Any])?.isEmpty == true)
        let mean = try QueryProcess.run(command + ["--layer", "1-2:mean"]).object
        #expect(mean["layer"] as? String == "1-2:mean")
        #expect(try QueryProcess.run(command + ["--layer", "9"]).status == 66)
        #expect(try QueryProcess.run(command + ["--layer", "x"]).status == 64)
        #expect(try QueryProcess.run(command + ["--out", "-"]).status == 64)
        #expect(try QueryProcess.run(command + ["--out", "/nowhere/x.tsv"]).status == 66)
        #expect(try QueryProcess.run(command + ["--csv-raw"]).status == 64)
    }
}
