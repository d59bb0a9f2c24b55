import Testing

@testable import Console

@Suite struct StoreCompletionTests {
    private func store(_ words: String...) -> String? {
        StoreCompletion.value(of: "--store", in: ["query", "translate"] + words)
    }

    @Test func valuesAsShellsHandThemOver() {
        #expect(store("--store", "night") == "night" && store("--store=night") == "night")
        #expect(store("--store", "=", "night") == "night", "bash takes words apart at '='")
        #expect(store("--store", "one", "--store", "two") == "two", "the parser takes the last one, too")
        #expect(store("--storey", "night") == nil && store() == nil)
    }

    @Test func aValueThatIsNotTypedYetIsNone() {
        #expect(store("--store") == nil && store("--store", "") == nil)
    }

    @Test func quotesAndEscapesAreTakenOff() {
        #expect(store("--store", "'my store'") == "my store" && store("--store", #""my store""#) == "my store")
        #expect(store("--store", #"my\ store"#) == "my store" && store("--store", #"'a\b'"#) == #"a\b"#)
        #expect(store("--store", #""it's""#) == "it's")
    }
}
