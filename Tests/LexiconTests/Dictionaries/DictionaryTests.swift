import Diagnostics
import TestSupport
import Testing

@testable import Lexicon

@Suite struct DictionaryTests {
    let folder = try! TemporaryFolder(inMemory: true)

    @Test func keepsEveryRow() throws {
        let path = try folder.write(
            "de-fi.test.tsv",
            "Haus\ttalo\nnull\tNA\nHaus\ttalo\nnan\t nolla \nguten Tag\thyv\u{e4}\u{e4} p\u{e4}iv\u{e4}\u{e4}\n")
        let dictionary = try DictionaryReader.read(path: path)
        #expect(dictionary.name == "de-fi")
        #expect((dictionary.sourceLanguage, dictionary.targetLanguage) == ("de", "fi"))
        #expect(dictionary.source.rows == bytes(["Haus", "null", "Haus", "nan", "guten Tag"]))
        #expect(
            dictionary.target.rows == bytes(["talo", "NA", "talo", "nolla", "hyv\u{e4}\u{e4} p\u{e4}iv\u{e4}\u{e4}"]))
        let compressed = try DictionaryReader.read(
            path: folder.write("de-fi.tsv.gz", gzip("Haus\ttalo\r\nHof\tpiha\r\n")))
        #expect(compressed.target.rows == bytes(["talo", "piha"]))
        #expect(compressed.fingerprint != dictionary.fingerprint)
    }

    @Test func readsSpaceSeparatedPairs() throws {
        let path = try folder.write("en-de.5000-6500.txt", "house haus\ncat  katze\ndog\thund\nice cream\teis\n")
        let dictionary = try DictionaryReader.read(path: path)
        #expect(dictionary.source.rows == bytes(["house", "cat", "dog", "ice cream"]))
        #expect(dictionary.target.rows == bytes(["haus", "katze", "hund", "eis"]))
        #expect(throws: LexiconError.self) {
            try DictionaryReader.read(path: folder.write("en-de.txt", "ice cream eis\n"))
        }
    }

    @Test(arguments: [
        ("a\tb\nc\n", 2), ("a\tb\nc d e\n", 2), ("a\tb\tc\n", 1), ("a\tb\n\nc\td\n", 2), ("a\t\n", 1), ("\tb\n", 1),
        ("\t\n", 1),
    ])
    func malformedRowsNameTheirLine(text: String, line: Int) throws {
        let path = try folder.write("de-fi.tsv", text)
        let error = #expect(throws: LexiconError.self) { try DictionaryReader.read(path: path, isStrict: true) }
        guard case .malformedLine(path, line, _, _, _) = error else {
            Issue.record("\(text): \(String(describing: error))")
            return
        }
        #expect(error?.exitStatus == .badInput)
    }

    @Test func emptyFilesAndUnknownNamesAreErrors() throws {
        #expect(throws: LexiconError.self) { try DictionaryReader.read(path: folder.write("de-fi.tsv", "")) }
        let path = try folder.write("words.tsv", "a\tb\n")
        let error = #expect(throws: LexiconError.self) { try DictionaryReader.read(path: path) }
        guard case .unknownName(path, _) = error else {
            Issue.record("\(String(describing: error))")
            return
        }
        let given = try DictionaryReader.read(path: path, sourceLanguage: "de", targetLanguage: "fi")
        #expect(given.name == "de-fi")
    }

    @Test(
        arguments: [
            ("de-fi.tsv", "de-fi", false), ("de-fi.test.tsv", "de-fi", false), ("de-fi.train.tsv.gz", "de-fi", true),
            ("th-et.test.2000.cc.trans", "th-et", false), ("th-et.train.5000.cc.trans", "th-et", true),
            ("yacle.test.freq.2k.de-fi.tsv", "de-fi", false), ("en-de.txt", "en-de", false),
            ("en-de.0-5000.txt", "en-de", true),
            ("en-de.5000-6500.txt", "en-de", false), ("deu-fin.tsv", "deu-fin", false),
            ("ALL_PAIRS.txt", nil, false), ("de-fi.csv", nil, false), ("de-fi-ru.tsv", nil, false),
            ("de-fi.en-ru.tsv", nil, false),
            ("DE-FI.tsv", nil, false), ("tsv", nil, false), ("de-fi", nil, false),
        ] as [(String, String?, Bool)])
    func tellsLanguagesFromNames(name: String, pair: String?, isTraining: Bool) {
        let file = DictionaryFolder.file("/some/where.else/" + name)
        #expect(file?.name == pair)
        #expect(file?.isTraining ?? false == isTraining)
    }

    @Test func listsTestDictionariesAndTrainingOnesWhenAsked() throws {
        for name in ["ru-it.test.tsv", "de-fi.test.tsv", "de-fi.train.tsv.gz", "ALL_PAIRS.txt"] {
            try folder.write(name, "a\tb\n")
        }
        let listing = try DictionaryFolder(folder.path)
        #expect(listing.files.map(\.name) == ["de-fi", "ru-it"])
        #expect(listing.ignored == ["ALL_PAIRS.txt", "de-fi.train.tsv.gz"])
        #expect(
            try DictionaryFolder(folder.path, includingTraining: true).files.map(\.isTraining) == [false, true, false])
        try folder.write("de-fi.tsv.gz", "x")
        #expect(
            throws: LexiconError.ambiguous(
                folder: folder.path, what: "test dictionaries of 'de-fi'", first: "de-fi.test.tsv",
                second: "de-fi.tsv.gz")
        ) { try DictionaryFolder(folder.path) }
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
    func readsTheTestAndTrainingSets() throws {
        let general = try DictionaryFolder(SharedData.path("bli/glavas"), includingTraining: true).files
        #expect(general.count == 56)
        for file in general {
            #expect(try DictionaryReader.read(file).count == (file.isTraining ? 5000 : 2000), "\(file.path)")
        }
        let panlex = try DictionaryFolder(SharedData.path("bli/panlex"))
        #expect(panlex.files.count == 190)
        #expect(panlex.ignored.count == 9)
    }
}
