import Foundation
import TestSupport
import Testing

/// `train mine` as a user runs it.
@Suite struct MineCommandTests {
    private let folder = try! TemporaryFolder()

    private static let house = """
        {"id":"s:1","pos":"n","named_entity":false,"lemmas":[{"lang":"en","lemma":"house","source":"wn"},\
        {"lang":"de","lemma":"Haus"},{"lang":"fr","lemma":"maison"}],\
        "glosses":[{"lang":"en","gloss":"a\\tdwelling"},{"lang":"de","gloss":"ein \\"Bau\\", klein"}]}

        """

    private func lists() throws {
        try folder.write("lists/en.txt", "the\nhouse\nhome\n")
        try folder.write("lists/de.txt", "haus\n")
        try folder.write("lists/fr.txt", "maison\n")
    }

    private func mine(_ synsets: String, _ arguments: [String] = [], out: String = "c.tsv") throws
        -> TrainProcess.Outcome
    {
        try lists()
        let input = try folder.write("synsets.jsonl", synsets)
        return try TrainProcess.run(
            [
                "mine", "--synsets", input, "--frequencies", "\(folder.path)/lists", "--out", "\(folder.path)/\(out)",
                "--languages", "en,de,fr",
            ] + arguments)
    }

    @Test func writesATableAndAReport() throws {
        let command = try mine(Self.house)
        #expect(command.status == 0, "\(command.messages)")
        #expect(
            try folder.read("c.tsv") == """
                lang1\tword1\tlang2\tword2\tgloss1_lang\tgloss1\tgloss2_lang\tgloss2\tsynset_id
                de\tHaus\ten\thouse\ten\ta dwelling\tde\tein "Bau", klein\ts:1
                de\tHaus\tfr\tmaison\ten\ta dwelling\tde\tein "Bau", klein\ts:1
                en\thouse\tfr\tmaison\tde\tein "Bau", klein\ten\ta dwelling\ts:1

                """)
        #expect(command.output.contains("named-entities"))
        #expect(command.output.contains("c.tsv: 3 pairs"))
        #expect(try folder.names == ["c.tsv", "lists", "synsets.jsonl"])
    }

    @Test func writesTheLayoutOfTheReleasedDataset() throws {
        #expect(try mine(Self.house, out: "c.csv").status == 0)
        let text = try folder.read("c.csv")
        #expect(text.hasPrefix("word1,word2,lang1,lang2,sent1,sent2,synsetID\nHaus,house,de,en,a\tdwelling,"))
        #expect(text.contains("\"ein \"\"Bau\"\", klein\",s:1\n"))
    }

    @Test func badRowsAreSkippedAndCountedOrStopTheRun() throws {
        let rows = "{\"id\":\n" + Self.house + Self.house + "[]\n"
        let lenient = try mine(rows, ["--json"])
        #expect(lenient.status == 0)
        #expect(try lenient.object["skipped_rows"] as? Int == 2)
        #expect(try lenient.object["repeated_synsets"] as? Int == 1)
        #expect(try lenient.object["pairs"] as? Int == 3)
        #expect(lenient.messages.contains("synsets.jsonl: line 1: expected"))
        #expect(lenient.messages.contains("line 4: expected an object, found '[]' at byte 0 of the line"))
        let strict = try mine(rows, ["--strict"], out: "strict.tsv")
        #expect(strict.status == 65 && strict.messages.contains("line 1"))
        #expect(!folder.holds("strict.tsv"))
        let repeated = try mine(Self.house + Self.house, ["--strict"], out: "strict.tsv")
        #expect(repeated.status == 65 && repeated.messages.contains("line 2: the synset 's:1' was read before"))
    }

    /// What is otherwise counted ends a strict run, with its place.
    @Test(arguments: [
        (#"{"lang":"fr","lemma":" "}"#, "an empty lemma"), (#"{"lang":"??","lemma":"x"}"#, "no language code"),
    ])
    func strictStopsAtDefects(lemma: String, words: String) throws {
        let row =
            Self.house
            + Self.house.replacingOccurrences(of: "s:1", with: "s:2")
            .replacingOccurrences(of: #"{"lang":"fr","lemma":"maison"}"#, with: lemma)
        #expect(try mine(row).status == 0)
        let strict = try mine(row, ["--strict"], out: "strict.tsv")
        #expect(
            strict.status == 65 && strict.messages.contains("line 2: the synset 's:2' has ")
                && strict.messages.contains(words))
        let gloss = try mine(Self.house.replacingOccurrences(of: "a\\tdwelling", with: ""), ["--strict"])
        #expect(gloss.status == 65 && gloss.messages.contains("an empty gloss"))
        #expect(!folder.holds("strict.tsv"))
    }

    /// The same synset from the three kinds of input: the same pairs and glosses.
    @Test func everyKindOfInputGivesTheSameTable() throws {
        let expected = [
            "de\tHaus\ten\thouse\ten\ta dwelling\tde\tein Bau", "de\tHaus\tfr\tmaison\ten\ta dwelling\tde\tein Bau",
            "en\thouse\tfr\tmaison\tde\tein Bau\ten\ta dwelling",
        ]
        try lists()
        try folder.write(
            "tab/deu/wn-data-deu.tab", "# G\tdeu\tu\tl\n03544360-n\tdeu:lemma\tHaus\n03544360-n\tdeu:def\t0\tein Bau\n")
        try folder.write(
            "tab/eng/wn-data-eng.tab", "# E\teng\tu\tl\n03544360-n\tlemma\thouse\n03544360-n\tdef\t0\ta dwelling\n")
        try folder.write("tab/fra/wn-data-fra.tab", "# W\tfra\tu\tl\n03544360-n\tfra:lemma\tmaison\n")
        for (language, lemma, definition) in [
            ("de", "Haus", "ein Bau"), ("en-GB", "house", "a dwelling"), ("fr", "maison", ""),
        ] {
            let gloss = definition.isEmpty ? "" : "<Definition>\(definition)</Definition>"
            try folder.write(
                "lmf/\(language).xml",
                "<LexicalResource><Lexicon id=\"\(language)\" language=\"\(language)\"><LexicalEntry id=\"1\">"
                    + "<Lemma writtenForm=\"\(lemma)\" partOfSpeech=\"n\"/>"
                    + "<Sense id=\"2\" synset=\"3\"/></LexicalEntry>"
                    + "<Synset id=\"3\" ili=\"i54\">\(gloss)</Synset></Lexicon></LexicalResource>")
        }
        for (input, id) in [("tab", "omw:03544360-n"), ("lmf", "i54")] {
            let command = try TrainProcess.run([
                "mine", "--synsets", "\(folder.path)/\(input)", "--frequencies", "\(folder.path)/lists", "--out",
                "\(folder.path)/\(input).tsv", "--languages", "de,en,fr",
            ])
            #expect(command.status == 0, "\(command.messages)")
            let rows = try folder.read("\(input).tsv").split(separator: "\n").dropFirst().map(String.init)
            #expect(rows == expected.map { "\($0)\t\(id)" })
        }
    }

    @Test func anEntityBombIsRefused() throws {
        try lists()
        let bomb = try folder.write(
            "bomb.xml",
            "<!DOCTYPE lolz [<!ENTITY a \"lol\"><!ENTITY b \"&a;&a;&a;&a;&a;&a;\">]>\n"
                + "<LexicalResource>&b;</LexicalResource>\n"
        )
        let command = try TrainProcess.run([
            "mine", "--synsets", bomb, "--frequencies", "\(folder.path)/lists", "--out", "\(folder.path)/c.tsv",
        ])
        #expect(command.status == 65 && command.messages.contains("bomb.xml: line 1: expected a document type without"))
        #expect(!folder.holds("c.tsv"))
    }

    @Test func aFileCutShortLeavesNothingBehind() throws {
        try lists()
        let whole = try folder.write("s.jsonl", String(repeating: Self.house, count: 50))
        let zip = Process()
        zip.executableURL = URL(fileURLWithPath: "/bin/gzip")
        zip.arguments = [whole]
        try zip.run()
        zip.waitUntilExit()
        let data = try Data(contentsOf: URL(fileURLWithPath: whole + ".gz"))
        try data.prefix(data.count - 12).write(to: URL(fileURLWithPath: "\(folder.path)/cut.jsonl.gz"))
        let command = try TrainProcess.run([
            "mine", "--synsets", "\(folder.path)/cut.jsonl.gz", "--frequencies", "\(folder.path)/lists", "--out",
            "\(folder.path)/c.tsv",
        ])
        #expect(command.status == 65 && command.messages.contains("cut short"))
        #expect(try folder.names == ["cut.jsonl.gz", "lists", "s.jsonl.gz"])
    }

    @Test func aLineOfTenMegabytesIsALine() throws {
        let gloss = String(repeating: "word \u{5d0}", count: 1_400_000)
        let line = Self.house.replacingOccurrences(of: "a\\tdwelling", with: gloss)
        #expect(line.utf8.count > 9_000_000)
        let command = try mine(line, ["--json"])
        #expect(try command.status == 0 && command.object["pairs"] as? Int == 3)
    }

    @Test func testSetsAreLeftOut() throws {
        try folder.write("bli/en-de.test.tsv", "home\tHAUS\n")
        try folder.write("xlsim/ENG-FRA.csv", "ID,ENG,FRA,PoS,score\n1,cat,maison,N,3.5\n")
        let command = try mine(
            Self.house, ["--json", "--exclude", "\(folder.path)/bli", "\(folder.path)/xlsim/ENG-FRA.csv"])
        #expect(command.status == 65)
        #expect(command.messages.contains("not one pair is left of 1 synset"))
        #expect(try command.object["test_words"] as? Int == 4)
        let unknown = try mine(Self.house, ["--exclude", "\(folder.path)/lists"])
        #expect(unknown.status == 66 && unknown.messages.contains("expected test words"))
    }

    @Test func mistakesOnTheCommandLineAreUsage() throws {
        #expect(try mine(Self.house, ["--without", "gravity"]).status == 64)
        #expect(try mine(Self.house, ["--top-k", "0"]).status == 64)
        let twice = try mine(Self.house, ["--languages", "en,eng"])
        #expect(twice.status == 64 && twice.messages.contains("given twice"))
        #expect(try mine(Self.house, ["--frequencies", "\(folder.path)/nowhere"]).status == 66)
    }
}
