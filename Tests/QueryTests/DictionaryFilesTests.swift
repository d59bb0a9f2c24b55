import TestSupport
import Testing

/// What `--dictionaries` takes, and what is said of rows and files that are not used.
@Suite struct DictionaryFilesTests {
    private func run(_ fixture: QueryFixture, _ dictionaries: [String], _ more: [String] = []) throws
        -> QueryProcess.Outcome
    {
        try QueryProcess.run(
            ["bli", "--dictionaries"] + dictionaries.map { $0.hasPrefix("en") ? $0 : fixture.folder + "/" + $0 }
                + ["--store", fixture.storeFolder, "--json"] + more)
    }

    @Test func museSetsAreReadAsTheyAre() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("muse/en-fi.5000-6500.txt", "dog koira\ncat\tkissa\n")
        try fixture.file("muse/en-fi.0-5000.txt", "house talo\n")
        try fixture.file("muse/en-fi.txt", "house talo\ndog koira\ncat kissa\n")
        let outcome = try run(fixture, ["muse"])
        #expect(outcome.status == 0, "\(outcome.messages)")
        #expect(try outcome.rows.allSatisfy { $0["rows"] as? Int == 2 && $0["dataset"] as? String == "muse" })
        #expect(outcome.messages.contains("left out: en-fi.0-5000.txt, en-fi.txt"))
        #expect(!(try run(fixture, ["muse"], ["--quiet"]).messages.contains("left out")))
    }

    @Test func filesAndFoldersInFolders() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("sets/one/en-fi.tsv", "dog\tkoira\n")
        try fixture.file("sets/two/en-fi.tsv", "dog\tkoira\ncat\tkissa\n")
        try fixture.file("sets/two/odd.tsv", "cat\tkissa\n")
        let inner = try run(fixture, ["sets"])
        #expect(try inner.rows.map { $0["dataset"] as? String } == ["one", "one", "two", "two"], "\(inner.messages)")
        let file = try run(fixture, ["sets/two/en-fi.tsv"])
        #expect(
            try file.rows.allSatisfy { $0["dataset"] as? String == "two" && $0["rows"] as? Int == 2 },
            "\(file.messages)")
        let named = try run(fixture, ["en-fi=\(fixture.folder)/sets/two/odd.tsv"])
        #expect(
            try named.rows.allSatisfy { $0["pair"] as? String == "en-fi" && $0["rows"] as? Int == 1 },
            "\(named.messages)")
        let unknown = try run(fixture, ["sets/two/odd.tsv"])
        #expect(unknown.status == 65 && unknown.messages.contains("en-de="))
        #expect(try run(fixture, ["sets/three"]).status == 66)
        #expect(try run(fixture, ["sets/one", "sets/one/en-fi.tsv"]).status == 65)
    }

    /// As the paper's code and xling-eval keep them.
    @Test func aFolderForEachPairIsOneDataSet() throws {
        let fixture = try QueryFixture.words()
        let name = "bli/glavas/en-fi/yacle.test.freq.2k.en-fi.tsv"
        try fixture.file(name, "dog\tkoira\n")
        try fixture.file("bli/glavas/en-fi/yacle.train.freq.500.en-fi.tsv", "cat\tkissa\n")
        try fixture.file("bli/glavas/en-fi/yacle.train.freq.5k.en-fi.tsv", "cat\tkissa\n")
        for argument in ["bli", "bli/glavas", "bli/glavas/en-fi", name] {
            let outcome = try run(fixture, [argument])
            #expect(try outcome.rows.allSatisfy { $0["dataset"] as? String == "glavas" }, "\(argument)")
            #expect(try outcome.rows.allSatisfy { $0["rows"] as? Int == 1 }, "\(outcome.messages)")
        }
        let told = try run(fixture, ["bli"]).messages
        #expect(told.contains("glavas: left out: en-fi/yacle.train.freq.500.en-fi.tsv, en-fi/yacle.train.freq.5k"))
    }

    @Test func badRowsAreLeftOutOrAnError() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.tsv", "dog \tkoira\n\nhouse\ttalo\ttoo many\ncat kissa\n")
        let outcome = try run(fixture, ["d"])
        #expect(try outcome.rows.allSatisfy { $0["rows"] as? Int == 2 && $0["queries"] as? Int == 2 })
        #expect(
            outcome.messages.contains("left out 2 rows that are not two words, the first: ")
                && outcome.messages.contains("line 2"))
        let strict = try run(fixture, ["d"], ["--strict"])
        #expect(strict.status == 65 && strict.messages.contains("line 2"))
    }

    @Test func aDictionaryThatFindsNothingIsSaid() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.tsv", "nobody\tknows\nthese\twords\n")
        let outcome = try run(fixture, ["d"], ["--quiet"])
        #expect(outcome.status == 0)
        #expect(
            outcome.messages.contains("mini: d en-fi: none of the 2 rows has both words in the stored vocabularies"))
        // Also when the results come from the store.
        #expect(try run(fixture, ["d"], ["--quiet"]).messages.contains("none of the 2 rows"))
    }
}
