import Diagnostics
import Files
import TestSupport
import Testing

@testable import Lexicon

@Suite struct SentenceSetTests {
    let folder = try! TemporaryFolder(inMemory: true)

    @Test func readsEveryLayoutOfAFolder() throws {
        try folder.write("tatoeba.fra-eng.fra", "Bonjour.\nMerci \u{a0}!\nMerci \u{a0}!\n")
        try folder.write("tatoeba.fra-eng.eng", "Hello.\nThanks!\nThank you!\n")
        try folder.write("deu-eng.deu.gz", gzip("Hallo.\n"))
        try folder.write("deu-eng.eng", "Hello.\n")
        try folder.write("europarl.fr-en.fr", "Oui.\n")
        try folder.write("europarl.fr-en.en", "Yes.\n")
        try folder.write("fi-en.tsv", "Hei.\tHello.\nKiitos.\tThanks.\n")
        try folder.write("README.md", "x")
        let sets = try SentenceSetReader.readFolder(folder.path)
        #expect(sets.map(\.name) == ["deu-eng", "europarl.fr-en", "fi-en", "fra-eng"])
        let french = sets[3]
        #expect((french.firstLanguage, french.secondLanguage) == ("fra", "eng"))
        #expect(french.first.rows == bytes(["Bonjour.", "Merci \u{a0}!", "Merci \u{a0}!"]))
        #expect(french.second.rows == bytes(["Hello.", "Thanks!", "Thank you!"]))
        #expect(french.path == folder.path + "/tatoeba.fra-eng.fra")
        #expect((sets[1].firstLanguage, sets[1].secondLanguage) == ("fr", "en"))
        #expect(sets[2].second.rows == bytes(["Hello.", "Thanks."]))
        #expect(try SentenceFolder(folder.path).ignored == ["README.md"])
        #expect(Set(sets.map(\.fingerprint)).count == 4)
    }

    @Test func aPairCanNameItsSecondLanguageFirst() throws {
        try folder.write("eng-fra.fra", "Bonjour.\n")
        try folder.write("eng-fra.eng", "Hello.\n")
        let set = try #require(try SentenceSetReader.readFolder(folder.path).first)
        #expect((set.firstLanguage, set.secondLanguage) == ("eng", "fra"))
        #expect(set.first.string(at: 0) == "Hello.")
    }

    private static let latin1 = Array("caf".utf8) + [0xe9, 0x0a]

    /// A pair goes with either of its lines; the others keep their lines' numbers.
    @Test func badLinesAreLeftOutOnBothSides() throws {
        let first = try folder.write("a.fra", Array("un\n".utf8) + Self.latin1 + Array("trois\nquatre\ncinq\n".utf8))
        let second = try folder.write("a.eng", "one\ncoffee\nthree\n \nfive\n")
        func read(skippingBadLines: Bool) throws -> SentenceSet {
            try SentenceSetReader.read(
                first: first, second: second, name: "x", firstLanguage: "fra", secondLanguage: "eng",
                skippingBadLines: skippingBadLines)
        }
        let error = #expect(throws: FileError.self) { try read(skippingBadLines: false) }
        #expect(error?.description.contains("a.fra: line 2") == true)
        let set = try read(skippingBadLines: true)
        #expect(set.first.rows == bytes(["un", "trois", "cinq"]))
        #expect(set.second.rows == bytes(["one", "three", "five"]))
        #expect(set.lines == [1, 3, 5] && set.leftOut == 2)
        // The same sentences in other lines are another set: their numbers are stored.
        try folder.write("b.fra", "un\ntrois\ncinq\n")
        try folder.write("b.eng", "one\nthree\nfive\n")
        let whole = try [false, true].map {
            try SentenceSetReader.read(
                first: folder.path + "/b.fra", second: folder.path + "/b.eng", name: "x", firstLanguage: "fra",
                secondLanguage: "eng", skippingBadLines: $0)
        }
        #expect(whole[0].fingerprint == whole[1].fingerprint && whole[0].fingerprint != set.fingerprint)
        #expect(whole[1].lines == nil && whole[1].leftOut == 0)
    }

    @Test func badRowsOfColumnsAreLeftOut() throws {
        let path = try folder.write(
            "fi-en.tsv", Array("Hei.\tHello.\n".utf8) + Self.latin1 + Array("yksi\n\tfour\nviisi\tfive\n".utf8))
        func read(skippingBadLines: Bool) throws -> SentenceSet {
            try SentenceSetReader.read(
                columns: path, name: "x", firstLanguage: "fi", secondLanguage: "en", skippingBadLines: skippingBadLines)
        }
        #expect(throws: FileError.self) { try read(skippingBadLines: false) }
        let set = try read(skippingBadLines: true)
        #expect(set.first.rows == bytes(["Hei.", "viisi"]) && set.second.rows == bytes(["Hello.", "five"]))
        #expect(set.lines == [1, 5] && set.leftOut == 3)
    }

    /// Lengths are compared as they are, and a set without a good pair is none.
    @Test func whatSkippingDoesNotExcuse() throws {
        let first = try folder.write("a.fra", Self.latin1 + Self.latin1)
        func read(_ text: String) throws -> SentenceSet {
            try SentenceSetReader.read(
                first: first, second: folder.write("a.eng", text), name: "x", firstLanguage: "fra",
                secondLanguage: "eng", skippingBadLines: true)
        }
        let lengths = #expect(throws: LexiconError.self) { try read("one\n") }
        #expect(lengths?.description.contains("2 lines") == true)
        let none = #expect(throws: FileError.self) { try read("one\ntwo\n") }
        #expect(none?.description.contains("line 1") == true)
    }

    @Test func unequalLengthsNameBothFiles() throws {
        let first = try folder.write("a-b.fra", "1\n2\n3\n")
        let second = try folder.write("a-b.eng", "1\n2\n")
        let error = #expect(
            throws: LexiconError.lineCounts(first: first, firstLines: 3, second: second, secondLines: 2)
        ) {
            try SentenceSetReader.read(
                first: first, second: second, name: "x", firstLanguage: "fra", secondLanguage: "eng")
        }
        #expect(error?.description.contains("3 lines") == true)
        #expect(error?.exitStatus == .badInput)
    }

    @Test func blankLinesAreErrors() throws {
        let first = try folder.write("a", "1\n \t\n3\n")
        let second = try folder.write("b", "1\n2\n3\n")
        for (one, other) in [(first, second), (second, first)] {
            #expect(throws: LexiconError.blankLine(path: first, line: 2)) {
                try SentenceSetReader.read(
                    first: one, second: other, name: "x", firstLanguage: "fra", secondLanguage: "eng")
            }
        }
        let columns = try folder.write("fi-en.tsv", "a\tb\nc\t  \n")
        #expect(throws: LexiconError.blankLine(path: columns, line: 2)) {
            try SentenceSetReader.readFolder(folder.path)
        }
        #expect(throws: FileError.self) { try SentenceSetReader.readFolder("/nowhere") }
    }

    @Test func aSetWithoutItsOtherHalfIsAnError() throws {
        let path = try folder.write("tatoeba.fra-eng.fra.gz", gzip("x\n"))
        let error = #expect(throws: LexiconError.missingPartner(path: path, expected: "tatoeba.fra-eng.eng")) {
            try SentenceFolder(folder.path)
        }
        #expect(error?.exitStatus == .missingInput)
    }

    @Test(arguments: [
        ["fra-eng.fra", "fra-eng.eng", "fra-eng.tsv"], ["fra-eng.fra", "fra-eng.fra.gz"],
        ["fra-eng.fra", "fra-eng.eng", "fra-eng.eng.gz"], ["fra-eng.fra", "fra-eng.eng", "tatoeba.fra-eng.fra"],
        ["fra-eng.tsv", "fra-eng.tsv.gz"],
    ])
    func filesThatClaimOneSetAreAnError(names: [String]) throws {
        for name in names { try folder.write(name, "x\n") }
        let error = #expect(throws: LexiconError.self) { try SentenceFolder(folder.path) }
        guard case .ambiguous = error else {
            Issue.record("\(names): \(String(describing: error))")
            return
        }
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"))
    func readsTatoeba() throws {
        let sets = try SentenceSetReader.readFolder(SharedData.path("tatoeba"))
        #expect(sets.count == 102)
        #expect(sets.allSatisfy { $0.secondLanguage == "eng" && $0.name == "\($0.firstLanguage)-eng" })
        #expect(sets.allSatisfy { (104...1000).contains($0.first.count) })
        #expect(sets.first { $0.firstLanguage == "deu" }?.first.count == 1000)
    }
}
