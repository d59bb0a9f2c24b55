import Foundation
import TestSupport
import Testing

/// What shells ask `indexer` for while a name from the store is typed.
@Suite struct CompletionTests {
    /// Candidates for the last word, asked for as the scripts of --generate-completion-script do.
    private func candidates(_ option: String, _ words: [String]) throws -> [String] {
        let line = ["indexer"] + words + [option, ""]
        let outcome = try IndexerProcess.run(
            ["---completion", words[0], "--", option] + [String(line.count - 1), "0"] + line,
            environment: ["SAP_SHELL": "bash"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
        return outcome.output.split(separator: "\n").map(String.init)
    }

    @Test func collectionsAreThoseOfTheCheckpoint() throws {
        let fixture = try QueryFixture.words()
        let other = QueryFixture.checkpoint("other", hiddenSize: 2)
        try fixture.publish("words/tr", ["ev"], layers: [1: [[1, 0]]], checkpoint: other)
        let export = ["export", "--store", fixture.storeFolder]
        #expect(try candidates("--checkpoint", export) == ["mini", "other"])
        #expect(try candidates("--collection", export + ["--checkpoint", "other"]) == ["words/tr"])
        #expect(try candidates("--collection", export) == ["words/en", "words/fi", "words/tr"])
    }
}
