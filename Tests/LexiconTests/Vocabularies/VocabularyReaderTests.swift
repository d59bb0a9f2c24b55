import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Lexicon

@Suite struct VocabularyReaderTests {
    let folder = try! TemporaryFolder(inMemory: true)

    private func read(_ name: String, _ text: String, top: Int? = nil) throws -> Vocabulary {
        try VocabularyReader.read(path: folder.write(name, text), language: "fi", top: top)
    }

    @Test func readsPlainLists() throws {
        let texts = ["the", "leading", "trailing\u{a0}", "\u{a0}", "\u{2028}", "two words", "\u{3000}", "tab\there"]
        let vocabulary = try read("fi.txt", texts.joined(separator: "\n") + "\n")
        #expect(vocabulary.words.rows == bytes(texts))
        #expect(vocabulary.ranks == Array(1...8))
        #expect(vocabulary.language == "fi")
        #expect(vocabulary.duplicates == 0)
        #expect(vocabulary.emptyEntries == 0)
        let compressed = try VocabularyReader.read(
            path: folder.write("fi.txt.gz", gzip(texts.joined(separator: "\n") + "\n")), language: "xx")
        #expect(compressed.words == vocabulary.words)
        #expect(compressed.fingerprint == vocabulary.fingerprint)
    }

    @Test func mergesRepeatsByBytesAndCountsEmptyLines() throws {
        let vocabulary = try read("fi.txt", "a\nb\n\na\n\u{e9}\ne\u{301}\n\nb\nc")
        #expect(vocabulary.words.rows == bytes(["a", "b", "\u{e9}", "e\u{301}", "c"]))
        #expect(vocabulary.ranks == [1, 2, 5, 6, 9])
        #expect(vocabulary.duplicates == 2)
        #expect(vocabulary.emptyEntries == 2)
    }

    @Test func topCountsEntriesOfTheFile() throws {
        let vocabulary = try read("fi.txt", "a\na\n\nb\nc\n", top: 4)
        #expect(vocabulary.words.rows == bytes(["a", "b"]))
        #expect(vocabulary.ranks == [1, 4])
        #expect(try read("fi.txt", "a\nb\n", top: 100).words.count == 2)
    }

    @Test func fingerprintsTellWordsAndRanks() throws {
        let fingerprint = try read("fi.txt", "a\nb\n").fingerprint
        #expect(try read("other.txt", "a\nb").fingerprint == fingerprint)
        #expect(try read("fi.txt", "b\na\n").fingerprint != fingerprint)
        #expect(try read("fi.txt", "a\na\nb\n").fingerprint != fingerprint)
        #expect(try read("fi.txt", "ab\n").fingerprint != fingerprint)
    }

    @Test func readsVectorsFromTheRight() throws {
        let words = [
            "</s>", "\u{a0}", "\u{2028}", "x\u{3000}y", "1999", "3.14", "two words", "nan", "\u{2007}\u{2007}", "-",
            "a",
        ]
        let body = words.map { "\($0) 0.1 -2.5e-3 nan" }
        for (header, ending) in [("11 3\n", " \n"), ("11 3 \n", "\n"), ("", "\n")] {
            let vocabulary = try read("fi.vec", header + body.joined(separator: ending) + ending)
            #expect(vocabulary.words.rows == bytes(words))
            #expect(vocabulary.ranks == Array(1...11))
        }
    }

    @Test func toleratesOddWhitespace() throws {
        let vocabulary = try read("fi.vec", "3  2\na  1 \t 2  \nb\t1\t2\n  c 1 2\n")
        #expect(vocabulary.words.rows == bytes(["a", "b", "c"]))
    }

    @Test func countsVectorRowsWithoutAWord() throws {
        let vocabulary = try read("fi.vec", "4 2\na 1 2\n 1 2\nb 1 2\na 3 4\n")
        #expect(vocabulary.words.rows == bytes(["a", "b"]))
        #expect(vocabulary.ranks == [1, 3])
        #expect(vocabulary.emptyEntries == 1)
        #expect(vocabulary.duplicates == 1)
    }

    @Test func anAbsurdHeaderIsNotTrusted() throws {
        for header in [
            "99999999999999999999999 300", "5 99999999999", "0 300", "5 0", "9223372036854775807 9223372036854775807",
        ] {
            let error = #expect(throws: LexiconError.self) { try read("fi.vec", header + "\na 1 2\n") }
            guard case .malformedLine(_, 1, _, _, _) = error else {
                Issue.record("\(header): \(String(describing: error))")
                continue
            }
        }
        let path = folder.path + "/fi.vec"
        #expect(throws: LexiconError.rowCount(path: path, expected: 9_223_372_036_854_775_807, found: 1)) {
            try read("fi.vec", "9223372036854775807 2\na 1 2\n")
        }
        #expect(try read("fi.vec", "9223372036854775807 2\na 1 2\n", top: 1).words.count == 1)
    }

    @Test func aFileCutShortIsAnErrorUnlessTopIsReached() throws {
        let path = folder.path + "/fi.vec"
        let text = "5 2\na 1 2\nb 1 2\nc 1 2\n"
        #expect(throws: LexiconError.rowCount(path: path, expected: 5, found: 3)) { try read("fi.vec", text) }
        #expect(throws: LexiconError.rowCount(path: path, expected: 5, found: 3)) { try read("fi.vec", text, top: 4) }
        #expect(throws: LexiconError.rowCount(path: path, expected: 5, found: 3)) { try read("fi.vec", text, top: 99) }
        #expect(try read("fi.vec", text, top: 3).words.count == 3)
        #expect(throws: LexiconError.rowCount(path: path, expected: 2, found: 3)) {
            try read("fi.vec", "2 2\na 1 2\nb 1 2\nc 1 2\n")
        }
        #expect(try read("fi.vec", "2 2\na 1 2\nb 1 2\nc 1 2\n", top: 2).words.count == 2)
        #expect(try read("fi.vec", "2 2\na 1 2\nb 1 2\n", top: 5).words.count == 2)
    }

    @Test(arguments: [
        ("2 3\na 1 2 3\nb 1 2\n", 3),  // too few numbers
        ("2 3\na 1 2 3\nb 1 2 x\n", 3),  // a word among the numbers
        ("2 3\na 1 2 3\nb 1\u{a0}2 3\n", 3),  // a no-break space is no separator
        ("2 3\na 1 2 3\n1 2 3\n", 3),  // numbers alone
        ("2 3\na 1 2 3\n\n", 3),  // an empty row
        ("word\n", 1), ("word 1\n", 1),  // no header, no vectors
        ("word 1 2 3\nnext 1 2\n", 2),
    ])
    func malformedRowsNameTheirLine(text: String, line: Int) throws {
        let error = #expect(throws: LexiconError.self) { try read("fi.vec", text) }
        guard case .malformedLine(_, line, _, _, _) = error else {
            Issue.record("\(text): \(String(describing: error))")
            return
        }
        #expect(error?.exitStatus == .badInput)
    }

    @Test func emptyFilesAreErrors() throws {
        for name in ["fi.txt", "fi.vec"] {
            let error = #expect(throws: LexiconError.self) { try read(name, "") }
            guard case .empty = error else {
                Issue.record("\(name): \(String(describing: error))")
                continue
            }
        }
        #expect(throws: LexiconError.self) { try read("fi.txt", "\n\n") }
        #expect(throws: LexiconError.self) { try read("fi.vec", "1 2\n 1 2\n") }
    }

    @Test func vectorsUnderTheNameOfAListAreRefused() throws {
        #expect(throws: LexiconError.self) { try read("fi.txt", "2 300\nthe 1 2 3 4 5 6 7 8 9\n") }
        #expect(try read("fi.txt", "1 2 3\n4 5 6\n").words.count == 2)
    }

    @Test(.enabled(if: SharedData.isPresent, "\(SharedData.absence)"), arguments: ["de", "ru", "th"])
    func readsPublishedRowsAsRecorded(language: String) throws {
        let path = SharedData.path("vec/\(language)")
        let expected = try JSONDecoder().decode(
            [String].self, from: Data(contentsOf: URL(fileURLWithPath: path + ".words.json")))
        let vocabulary = try VocabularyReader.read(path: path + ".vec.gz", language: language)
        #expect(vocabulary.words.rows == bytes(expected))
        #expect(vocabulary.ranks == (1...2000).map { UInt32($0) })
    }
}
