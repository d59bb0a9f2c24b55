import Testing

@testable import Lexicon

@Suite struct TextIndexTests {
    @Test func findsRowsByBytes() {
        var index = TextIndex()
        let texts = (0..<5000).map { "word\($0 % 3000)" }
        for text in texts { index.insert(text) }
        #expect(index.count == 3000)
        for row in 0..<3000 {
            #expect(index.row(of: "word\(row)") == row)
            #expect(index.table.string(at: row) == "word\(row)")
        }
        #expect(index.row(of: "word3000") == nil)
        #expect(index.row(of: "") == nil)
    }

    @Test func canonicallyEqualTextsAreDifferentEntries() {
        var index = TextIndex()
        #expect(index.insert("\u{e9}") == (0, true))
        #expect(index.insert("e\u{301}") == (1, true))
        #expect(index.insert("\u{c5}") == (2, true))
        #expect(index.insert("\u{212b}") == (3, true))
        #expect(index.insert("e\u{301}") == (1, false))
        #expect(index.row(of: "\u{212b}".utf8) == 3)
        #expect(index.row(of: Array("e\u{301}".utf8)[...]) == 1)
    }

    @Test func anIndexOfATableFindsTheFirstOfEqualRows() {
        let index = TextIndex(of: TextTable(["a", "", "b", "a", "c", ""]))
        #expect(index.count == 6)
        #expect(index.row(of: "a") == 0)
        #expect(index.row(of: "") == 1)
        #expect(index.row(of: "c") == 4)
        #expect(!index.contains("d"))
    }

    @Test func tablesAreEqualByBytesAndBoundaries() {
        #expect(TextTable(["ab", "c"]) == TextTable(["ab", "c"]))
        #expect(TextTable(["ab", "c"]) != TextTable(["a", "bc"]))
        #expect(TextTable(["\u{e9}"]) != TextTable(["e\u{301}"]))
    }
}
