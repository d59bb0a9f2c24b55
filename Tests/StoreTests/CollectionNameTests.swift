import Testing

@testable import Store

@Suite struct CollectionNameTests {
    @Test func bothWays() {
        for text in ["words/fi", "words/zh-min-nan", "sentences/fra-eng/fra"] {
            #expect(CollectionName(text)?.description == text)
        }
        guard case .sentences("fra-eng", "fra") = CollectionName("sentences/fra-eng/fra") else {
            Issue.record("not sentences")
            return
        }
        #expect(CollectionName("words/fi")?.language == "fi")
    }

    @Test(arguments: [
        "", "words", "words/fi/x", "sentences/fra", "sentences/a/b/c", "Words/fi", "/words/fi", "other/fi",
    ])
    func otherNamesAreNone(_ text: String) {
        #expect(CollectionName(text) == nil)
    }
}
