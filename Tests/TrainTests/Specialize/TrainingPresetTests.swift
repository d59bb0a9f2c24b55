import Foundation
import TestSupport
import Testing

@testable import Train

@Suite struct TrainingPresetTests {
    @Test func optionsStandBeforeTheUsersOwn() {
        let typed = ["specialize", "--model", "m", "--preset", "lexical", "--max-steps", "7"]
        #expect(TrainingPreset.expanded(typed) == ["specialize"] + TrainingPreset.lexical.options + typed.dropFirst())
        #expect(TrainingPreset.expanded(["specialize", "--preset=paper"]).contains("1e-6"))
        for other in [
            [], ["specialize", "--preset"], ["specialize", "--preset", "best"], ["search", "--preset", "paper"],
        ] {
            #expect(TrainingPreset.expanded(other) == other)
        }
    }

    /// The settings a run keeps are the preset's, but for those that were given.
    @Test func aRunHasThePresetsSettings() throws {
        let small = try SmallRun()
        var arguments = small.arguments("out", validation: false, ["--preset", "lexical", "--max-steps", "3"])
        if let at = arguments.firstIndex(of: "--batch-size") { arguments.removeSubrange(at...(at + 1)) }
        let outcome = try TrainProcess.run(arguments)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let record =
            try JSONSerialization.jsonObject(with: Data(small.folder.read("out/training.json").utf8)) as? [String: Any]
        let settings = try #require(record?["settings"] as? [String: Any])
        #expect(settings["method"] as? String == "adapter" && settings["learning_rate"] as? Double == 1e-4)
        #expect(settings["batch_size"] as? Int == 32 && settings["max_steps"] as? Int == 3)
    }

    /// Spelling the paper's recipe out changes nothing today; should a default change one day, this preset stays.
    @Test func thePapersPresetIsTheDefaults() throws {
        let small = try SmallRun()
        for (out, more) in [("plain", []), ("preset", ["--preset", "paper"])] as [(String, [String])] {
            var arguments = small.arguments(out, validation: false, more + ["--max-steps", "2"])
            if let at = arguments.firstIndex(of: "--batch-size") { arguments.removeSubrange(at...(at + 1)) }
            #expect(try TrainProcess.run(arguments).status == 0)
        }
        #expect(small.bytes("plain/training.json") == small.bytes("preset/training.json"))
    }

    @Test func aNameThatIsNoPresetsIsAUsageError() throws {
        let outcome = try TrainProcess.run(
            ["specialize", "--preset", "best", "--model", "m", "--constraints", "c", "--out", "o"])
        #expect(outcome.status == 64 && outcome.errors.contains("paper"), "\(outcome.errors)")
    }
}
