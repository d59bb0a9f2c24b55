import Testing

@testable import Console

@Suite struct DisplayWidthTests {
    @Test(arguments: [
        ("abc", 3), ("", 0), ("žluťoučký", 9), ("z\u{30C}", 1), ("漢字", 4), ("한국", 4), ("\u{1112}\u{1161}\u{11AB}", 2),
        ("क्षि", 3), ("a\u{200D}b", 2), ("ｱ", 1), ("Ａ", 2), ("🙂", 2), ("שָׁלוֹם", 4),
    ])
    func columns(text: String, width: Int) {
        #expect(DisplayWidth.of(text) == width)
    }
}
