import Testing

@testable import Console

@Suite struct MarkupTextTests {
    @Test func nothingBecomesMarkup() {
        #expect(
            MarkupText.escaped("<a b='1' c=\"2\">&amp;</a>")
                == "&lt;a b=&#39;1&#39; c=&quot;2&quot;&gt;&amp;amp;&lt;/a&gt;")
        #expect(Array(MarkupText.escaped("é e\u{301} 日\r\n").utf8) == Array("é e\u{301} 日\r\n".utf8))
    }
}
