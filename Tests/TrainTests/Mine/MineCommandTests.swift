import Foundation
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

    private func mine(_ synsets: String, _ arguments: [String] = [], out: String = "c.tsv") throws -> Command {
        try lists()
        let input = try folder.write("synsets.jsonl", synsets)
        return try Command(
            ["mine", "--synsets", input, "--frequencies", "\(folder.path)/lists", "--out", "\(folder.path)/\(out)",
                "--languages", "en,de,fr"] + arguments)
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
        let command = try Command([
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
        #expect(command.messages.contains("not one pair is left of 1 synsets"))
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
