import Diagnostics
import Files
import TestSupport
import Testing

@testable import Lexicon

@Suite struct ConstraintFileTests {
    private let folder = try! TemporaryFolder(inMemory: true)
    private let rows = [
        Constraint(
            firstLanguage: "de", firstWord: "Haus", secondLanguage: "en", secondWord: "house",
            firstGlossLanguage: "fr", firstGloss: "une \"maison\", petite", secondGlossLanguage: "de",
            secondGloss: "ein Bau", synset: "s:1"),
        Constraint(
            firstLanguage: "ar", firstWord: "قادر", secondLanguage: "ja", secondWord: "出来る", firstGloss: "\u{200f}x",
            secondGloss: "", synset: "s:2"),
    ]

    private func write(_ name: String, _ rows: [Constraint]) throws -> ConstraintWriter {
        let writer = try ConstraintWriter(path: "\(folder.path)/\(name)")
        for row in rows { try writer.write(row) }
        try writer.finish()
        return writer
    }

    private func read(_ path: String) throws -> [Constraint] {
        let reader = try ConstraintReader(path: path)
        var rows: [Constraint] = []
        while let row = try reader.next() { rows.append(row) }
        return rows
    }

    @Test(arguments: ["c.tsv", "c.tsv.gz", "c.csv", "c.csv.gz"])
    func whatIsWrittenIsRead(name: String) throws {
        _ = try write(name, rows)
        let found = try read("\(folder.path)/\(name)")
        var expected = rows
        if name.hasPrefix("c.csv") {
            for at in expected.indices {
                expected[at].firstGlossLanguage = ""
                expected[at].secondGlossLanguage = ""
            }
        }
        #expect(found == expected)
    }

    /// In CSV, which spreadsheets open; and back, whatever the words are.
    @Test func formulasAreMarkedInCSVAndReadWithoutTheMark() throws {
        let words = ["=cmd|'/C calc'!A0", "@SUM(1)", "-ness", "+1", "-0.5", "'=x", "'s", "''", "-a,\"b\""]
        let formulas = words.map { word in
            var row = rows[1]
            (row.firstWord, row.secondGloss) = (word, word)
            return row
        }
        let writer = try write("f.csv", formulas)
        #expect(writer.markedCells == 2 * 5)
        #expect(try read("\(folder.path)/f.csv") == formulas)
        let begins = try lines(of: "\(folder.path)/f.csv").dropFirst().map { String($0.prefix(3)) }
        #expect(begins == ["'=c", "'@S", "'-n", "+1,", "-0.", "''=", "'s,", "'',", "\"'-"])
        let raw = try ConstraintWriter(path: "\(folder.path)/raw.csv", marksFormulas: false)
        for row in formulas { try raw.write(row) }
        try raw.finish()
        #expect(raw.markedCells == 0)
        #expect(try lines(of: "\(folder.path)/raw.csv")[1].hasPrefix("=cmd|"))
        // TSV has no such readers; its cells are what they are.
        #expect(try write("f.tsv", formulas).markedCells == 0)
        #expect(try read("\(folder.path)/f.tsv").map(\.firstWord) == words)
    }

    @Test func compressedBytesAreTheSameEveryTime() throws {
        let many = Array(repeating: rows, count: 20_000).flatMap { $0 }
        _ = try write("one.tsv.gz", many)
        _ = try write("two.tsv.gz", many)
        let one = try lines(of: "\(folder.path)/one.tsv.gz")
        #expect(one.count == 40_001)
        #expect(one == (try lines(of: "\(folder.path)/two.tsv.gz")))
        #expect(try rawBytes("\(folder.path)/one.tsv.gz") == rawBytes("\(folder.path)/two.tsv.gz"))
    }

    @Test func tabsAndLineEndsBecomeSpacesInTSVAndStayInCSV() throws {
        var row = rows[0]
        row.firstGloss = "a\tb\nc\r"
        #expect(try write("c.tsv", [row]).replacedCells == 1)
        #expect(try read("\(folder.path)/c.tsv").first?.firstGloss == "a b c ")
        _ = try write("c.csv", [row])
        #expect(try read("\(folder.path)/c.csv").first?.firstGloss == "a\tb\nc\r")
    }

    @Test func columnsAreFoundByName() throws {
        let path = try folder.write(
            "d.csv", ",synsetID,sent1,sent2,lang2,lang1,word2,word1\n0,bn:1n,\"a, b\",c,en,de,house,Haus\n")
        let row = try #require(try read(path).first)
        #expect(
            row.firstWord == "Haus" && row.firstLanguage == "de" && row.firstGloss == "a, b" && row.synset == "bn:1n")
        let few = try folder.write("e.tsv", "word1\tlang1\tword2\tlang2\tsynset_id\na\ten\tb\tde\tx\n")
        #expect(try read(few).count == 1)
    }

    @Test func badTablesSayWhere() throws {
        let header = "lang1\tword1\tlang2\tword2\tsynset_id\n"
        for (text, line, words) in [
            ("word1,word2\n", 1, "lang1"), ("", 0, "a header"), (header + "en\ta\tde\tb\n", 2, "5 cells"),
            (header + "en\ta\tde\tb\tx\nen\t\tde\tb\tx\n", 3, "word1"),
            (header + "en\ta\t??\tb\tx\n", 2, "language code"),
            ("lang1\tlang1\tword1\tlang2\tword2\tsynset_id\n", 1, "one column lang1"),
        ] {
            let path = try folder.write("bad.tsv", text)
            let error = try #require(throws: LexiconError.self) { try read(path) }
            #expect(error.description.contains(words), "\(error)")
            if line > 0 { #expect(error.description.contains("line \(line): ")) }
        }
    }

    @Test func nothingIsLeftWithoutFinish() throws {
        do {
            let writer = try ConstraintWriter(path: "\(folder.path)/x.tsv")
            try writer.write(rows[0])
        }
        #expect(try FolderListing.names(of: folder.path).isEmpty)
    }

    /// Flips and truncations of both layouts: rows with words and languages, or an error.
    @Test(arguments: ["c.tsv", "c.csv", "c.csv.gz"])
    func damagedTablesParseOrThrow(name: String) throws {
        _ = try write(name, rows)
        let whole = try rawBytes("\(folder.path)/\(name)")
        var generator = SeededGenerator(state: 13)
        var refused = 0
        for round in 0..<1_000 {
            let bytes = generator.damaged(whole, round: round)
            do {
                for row in try read(folder.write("damaged-\(name)", bytes)) {
                    #expect(!row.firstWord.isEmpty && LanguageCode.isWellFormed(row.secondLanguage))
                }
            } catch is any Diagnosable {
                refused += 1
            }
        }
        #expect(refused > 100 && (refused < 1_000 || name.hasSuffix(".gz")), "\(refused) refused")
    }
}
