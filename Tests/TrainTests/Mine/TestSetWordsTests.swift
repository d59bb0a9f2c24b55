import Lexicon
import TestSupport
import Testing

@testable import Train

@Suite struct TestSetWordsTests {
    private let folder = try! TemporaryFolder()

    @Test func foldersAreReadWithTheFoldersInThem() throws {
        try folder.write("sets/glavas/de-fi.test.tsv", "Haus\ttalo\n")
        try folder.write("sets/glavas/de-fi.train.tsv", "Hof\tpiha\n")
        try folder.write("sets/muse/en-de.5000-6500.txt", "cat katze\n\nbad row here\n")
        try folder.write("sets/muse/en-de.0-5000.txt", "dog hund\n")
        try folder.write("sets/muse/en-de.txt", "cat katze\ndog hund\n")
        try folder.write("sets/xlsim/deep/ENG-FIN.csv", "ID,ENG,FIN,PoS,score\n1,boat,vene,noun,2\n")
        var words = ExcludedWords()
        try TestSetWords.read(folder.path + "/sets", into: &words)
        #expect(words.count == 6)
        for (word, language) in [
            ("haus", "de"), ("talo", "fi"), ("cat", "en"), ("katze", "de"), ("boat", "en"), ("vene", "fi"),
        ] {
            #expect(words.contains(word, lowered: word, language: language), "\(word)")
        }
        let strict = #expect(throws: LexiconError.self) {
            try TestSetWords.read(folder.path + "/sets", isStrict: true, into: &words)
        }
        #expect(strict?.description.contains("en-de.5000-6500.txt") == true)
        #expect(strict?.description.contains("line 2") == true)
        #expect(!words.contains("dog", lowered: "dog", language: "en"))
        try folder.write("empty/notes.md", "x")
        #expect(throws: TrainError.self) { try TestSetWords.read(folder.path + "/empty", into: &words) }
    }
}
