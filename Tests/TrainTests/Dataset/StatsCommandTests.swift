import Foundation
import TestSupport
import Testing

@testable import Train

@Suite struct StatsCommandTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    static let table = """
        lang1\tword1\tlang2\tword2\tgloss1_lang\tgloss1\tgloss2_lang\tgloss2\tsynset_id
        de\tHaus\ten\thouse\ten\ta dwelling\tde\tein Bau\ts:1
        en\thouse\tde\tHeim\tde\tein Bau\ten\ta dwelling\ts:1
        de\tHaus\tde\tHeim\ten\ta dwelling\ten\ta dwelling\ts:1
        en\thouse\tfr\tmaison\t\t\t\t\ts:2

        """

    @Test func countsEverythingOnce() throws {
        let path = try folder.write("c.tsv", Self.table)
        let command = try TrainProcess.run(["stats", path, "--json"])
        #expect(command.status == 0 && command.messages.isEmpty)
        let found = try command.object
        #expect(found["pairs"] as? Int == 4 && found["monolingual"] as? Int == 1)
        #expect(found["monolingual_share"] as? Double == 0.25)
        #expect(found["languages"] as? Int == 3 && found["language_pairs"] as? Int == 3)
        // Haus, Heim, house, maison; house is in two synsets and one word.
        #expect(found["words"] as? Int == 4 && found["synsets"] as? Int == 2)
        #expect(found["without_gloss"] as? Int == 1)
        let perSynset = try #require(found["words_per_synset"] as? [String: Any])
        #expect(perSynset["mean"] as? Double == 2.5 && perSynset["median"] as? Double == 2.5)
        #expect(perSynset["least"] as? Int == 2 && perSynset["most"] as? Int == 3)
        let languages = try #require(found["per_language"] as? [[String: Any]])
        #expect(languages.map { $0["language"] as? String } == ["de", "en", "fr"])
        #expect(languages.map { $0["pairs"] as? Int } == [3, 3, 1])
        #expect(languages.map { $0["monolingual"] as? Int } == [1, 0, 0])
        #expect(languages.map { $0["words"] as? Int } == [2, 1, 1])
        let pairs = try #require(found["per_language_pair"] as? [[String: Any]])
        #expect(pairs.map { $0["pair"] as? String } == ["de-de", "de-en", "en-fr"])
        #expect(pairs.map { $0["pairs"] as? Int } == [1, 2, 1])
        let glosses = try #require(found["gloss_languages"] as? [[String: Any]])
        #expect(glosses.map { $0["language"] as? String } == ["en", "de"])
        #expect(glosses.map { $0["gloss1"] as? Int } == [2, 1])
        #expect(glosses.map { $0["gloss2"] as? Int } == [2, 1])
        let examples = try #require(found["examples"] as? [[String: Any]])
        #expect(examples.map { $0["row"] as? Int } == [1, 2, 3, 4])
        #expect(examples.last?["word2"] as? String == "maison")
    }

    @Test func readsTheReleasedLayout() throws {
        let path = try folder.write(
            "c.csv",
            """
            ,word1,word2,lang1,lang2,sent1,sent2,synsetID
            0,Haus,house,de,en,"a ""dwelling"", large",ein Bau,s:1
            1,null,NA,de,en,"two
            lines",,s:2

            """)
        let found = try TrainProcess.run(["stats", path, "--json"]).object
        #expect(found["format"] as? String == "csv" && found["pairs"] as? Int == 2 && found["words"] as? Int == 4)
        let glosses = try #require(found["gloss_languages"] as? [[String: Any]])
        #expect(glosses.count == 1 && glosses[0]["language"] is NSNull)
        #expect(glosses[0]["gloss1"] as? Int == 2 && glosses[0]["gloss2"] as? Int == 1)
        let examples = try #require(found["examples"] as? [[String: Any]])
        #expect(examples[0]["gloss1"] as? String == "a \"dwelling\", large")
        #expect(examples[1]["gloss1"] as? String == "two\nlines" && examples[1]["word1"] as? String == "null")
    }

    /// Composed and decomposed spellings are two words, as everywhere in Polylex.
    @Test func wordsAreDistinctByBytes() throws {
        let path = try folder.write(
            "c.tsv", "lang1\tword1\tlang2\tword2\tsynset_id\nfr\t\u{e9}t\u{e9}\tfr\te\u{301}te\u{301}\ts\n")
        #expect(try TrainProcess.run(["stats", path, "--json"]).object["words"] as? Int == 2)
    }

    @Test func writesTheMatrixAndThePicture() throws {
        let path = try folder.write("c.tsv", Self.table)
        let arguments = ["stats", path, "--matrix", "\(folder.path)/m.csv", "--heat-map", "\(folder.path)/m.svg"]
        let command = try TrainProcess.run(arguments)
        #expect(command.status == 0)
        #expect(try folder.read("m.csv") == "language,de,en,fr\nde,1,2,0\nen,2,0,1\nfr,0,1,0\n")
        let picture = try folder.read("m.svg")
        #expect(picture.contains("<title>de-en: 2</title>") && picture.contains("4 constraints, 3 languages"))
        #expect(try XML.isWellFormed(picture))
        #expect(try TrainProcess.run(arguments).status == 0)
        #expect(try folder.read("m.svg") == picture)
        #expect(command.output.contains("house [en]  maison [fr]  s:2  row 4\n"))
        #expect(command.output.contains("    a dwelling [en]\n"))
    }

    @Test func examplesAreTheSameForASeed() throws {
        let rows = (0..<1_000).map { "de\tw\($0)\ten\tv\($0)\ts:\($0)\n" }.joined()
        let path = try folder.write("c.tsv", "lang1\tword1\tlang2\tword2\tsynset_id\n" + rows)
        let drawn = { (seed: String) in
            let examples =
                try TrainProcess.run(["stats", path, "--json", "--seed", seed]).object["examples"] as? [[String: Any]]
            return try #require(examples).compactMap { $0["row"] as? Int }
        }
        let first = try drawn("1")
        #expect(first.count == 5 && first == first.sorted() && Set(first).count == 5)
        #expect(try drawn("1") == first)
        #expect(try drawn("2") != first)
        #expect(try TrainProcess.run(["stats", path, "--examples", "0"]).output.contains("row ") == false)
    }

    @Test func badTablesAreNamedByLine() throws {
        let broken = try folder.write("c.tsv", Self.table + "de\tHaus\ten\n")
        let command = try TrainProcess.run(["stats", broken, "--matrix", "\(folder.path)/m.csv"])
        #expect(command.status == 65 && command.messages.contains("c.tsv: line 6: expected 9 cells"))
        #expect(!folder.holds("m.csv"))
        let header = try folder.write("h.tsv", "lang1\tword1\n")
        #expect(try TrainProcess.run(["stats", header]).status == 65)
        #expect(try TrainProcess.run(["stats", "\(folder.path)/nowhere.tsv"]).status == 66)
        let code = try folder.write("l.tsv", "lang1\tword1\tlang2\tword2\tsynset_id\nde\ta\tEnglish!\tb\ts\n")
        #expect(
            try TrainProcess.run(["stats", code]).messages.contains("line 2: expected a language code in column lang2"))
        #expect(try TrainProcess.run(["stats", header, "--examples", "-1"]).status == 64)
        let empty = try folder.write("e.tsv", "lang1\tword1\tlang2\tword2\tsynset_id\n")
        let none = try TrainProcess.run(["stats", empty, "--json", "--heat-map", "\(folder.path)/e.svg"])
        #expect(try none.status == 0 && none.object["pairs"] as? Int == 0)
        #expect(try XML.isWellFormed(folder.read("e.svg")))
    }

    /// Half a gigabyte of text: seconds in a release build, minutes in a debug build.
    private static var runsOnTheWholeTable: Bool {
        #if DEBUG
        false
        #else
        SharedData.isPresent
        #endif
    }

    @Test(.enabled(if: runsOnTheWholeTable, "\(SharedData.absence), and a release build"))
    func agreesWithTheIndependentCounts() throws {
        let path = SharedData.path("constraints/constraints.tsv.gz")
        let found = try TrainProcess.run(["stats", path, "--json"]).object
        let data = try Data(contentsOf: URL(fileURLWithPath: SharedData.path("constraints/stats.json")))
        let expected = try #require(JSONSerialization.jsonObject(with: data) as? [String: Any])
        for (key, other) in [
            ("pairs", "pairs"), ("monolingual", "monolingual"), ("synsets", "synset_ids"),
            ("language_pairs", "language_pairs"), ("languages", "languages"),
        ] {
            #expect(found[key] as? Int == expected[other] as? Int, "\(key)")
        }
        let pairs = try #require(found["per_language_pair"] as? [[String: Any]])
        let expectedPairs = try #require(expected["per_language_pair"] as? [String: Int])
        #expect(pairs.count == expectedPairs.count)
        for pair in pairs { #expect(pair["pairs"] as? Int == expectedPairs[pair["pair"] as? String ?? ""]) }
        let words = try #require(expected["words_per_language"] as? [String: Int])
        let sides = try #require(expected["per_language"] as? [String: Int])
        for language in try #require(found["per_language"] as? [[String: Any]]) {
            let code = language["language"] as? String ?? ""
            #expect(language["words"] as? Int == words[code])
            // stats.json counts the two sides of a row, so a monolingual row twice.
            #expect((language["pairs"] as? Int ?? 0) + (language["monolingual"] as? Int ?? 0) == sides[code])
        }
    }
}
