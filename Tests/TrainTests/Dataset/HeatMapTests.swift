import Testing

@testable import Train

@Suite struct HeatMapTests {
    @Test(arguments: [
        (0, "0"), (999, "999"), (1_000, "1k"), (1_234, "1.2k"), (9_960, "10k"), (44_696, "45k"), (449_600, "450k"),
        (999_600, "1M"), (1_234_567, "1.2M"), (45_678_900, "46M"),
    ])
    func countsFitTheirCells(count: Int, text: String) { #expect(HeatMap.short(count) == text) }

    @Test func coloursRunFromLightToDark() {
        #expect(SequentialColor.hexadecimal(0) == "#ffffd9" && SequentialColor.hexadecimal(1) == "#081d58")
        #expect(SequentialColor.hexadecimal(-1) == "#ffffd9" && SequentialColor.hexadecimal(2) == "#081d58")
        #expect(SequentialColor.hexadecimal(0.5) == "#41b6c4")
        #expect(!SequentialColor.isDark(0.1) && SequentialColor.isDark(0.9))
    }

    @Test func everyPairStandsAtBothPlaces() throws {
        let language = { ConstraintStatistics.Language(code: $0, rows: 1, monolingualRows: 0, words: 1) }
        let matrix = try PairMatrix(
            ConstraintStatistics(
                rows: 12, monolingualRows: 2, rowsWithoutGloss: 0, words: 4, wordsPerSynset: [4],
                languages: [language("de"), language("en")],
                pairs: [
                    LanguagePairCount(first: "de", second: "de", rows: 2),
                    LanguagePairCount(first: "de", second: "en", rows: 10),
                ], glossLanguages: []))
        #expect(matrix[0, 0] == 2 && matrix[0, 1] == 10 && matrix[1, 0] == 10 && matrix[1, 1] == 0)
        #expect(matrix.maximum == 10)
        let picture = HeatMap(matrix: matrix, title: "a < b & \"c\"", subtitle: "").svg
        #expect(try XML.isWellFormed(picture))
        #expect(picture.contains("<title>a &lt; b &amp; &quot;c&quot;</title>"))
        #expect(picture.contains("<title>en-en: 0</title>"))
    }
}
