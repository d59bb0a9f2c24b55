import Foundation
import TestSupport
import Testing

/// The help texts are part of the command contract: a change to them is a change users see.
@Suite struct SpecializeHelpTests {
    @Test func helpIsAsCommitted() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/help-specialize.txt")
        var found = ""
        for command in ["specialize", "search", "distill", "interpolate"] {
            let help = try TrainProcess.run([command, "--help"])
            #expect(help.status == 0 && help.messages.isEmpty)
            #expect(help.output.contains("Example: train \(command)"))
            found += "$ train \(command) --help\n\(help.output)\n"
        }
        // To take over a change that is meant: write `found` to the file and read the difference.
        #expect(found == (try? String(contentsOf: path, encoding: .utf8)))
    }

    @Test func optionsThatMakeNoSenseAreUsageErrors() throws {
        let base = ["specialize", "--model", "m", "--constraints", "c.tsv", "--out", "o"]
        let cases: [([String], String)] = [
            (["--temperature", "0"], "--temperature must be positive"), (["--learning-rate", "-1"], "--learning-rate"),
            (["--batch-size", "0"], "--batch-size"), (["--batch-size", "1"], "words of another synset"),
            (["--batch-size", "4", "--pairs-per-synset", "4"], "words of another synset"),
            (["--epochs", "0"], "--epochs"),
            (["--dropout", "1"], "--dropout"),
            (["--warmup", "1.5"], "--warmup"), (["--validate-every", "0"], "--validate-every"),
            (["--validation", "en-it=x.tsv"], "--validation needs --vocabularies"),
            (["--vocabularies", "v"], "--validation"),
            (["--patience", "2"], "--patience needs --validation"), (["--clip-norm", "0"], "--clip-norm"),
            (["--method", "lora"], "method"), (["--alpha", "-1"], "--alpha"),
        ]
        for (more, says) in cases {
            let outcome = try TrainProcess.run(base + more)
            #expect(outcome.status == 64 && outcome.messages.contains(says), "\(more): \(outcome.messages)")
        }
        let missing = try TrainProcess.run(base)
        #expect(missing.status == 66, "\(missing.messages)")
    }
}
