import Foundation
import TestSupport
import Testing

@testable import Train

@Suite struct InterpolateCommandTests {
    private let model = "\(SmallRun.fixture)/model"

    @Test func aSpecialisedModelAndItsBeginningHaveAMiddle() throws {
        let small = try SmallRun()
        let trained = try TrainProcess.run(
            small.arguments("trained", validation: false, ["--epochs", "1", "--learning-rate", "1e-3"]))
        #expect(trained.status == 0, "\(trained.errors)")
        let specialised = "\(small.folder.path)/trained", out = "\(small.folder.path)/made/half"
        let outcome = try TrainProcess.run(
            ["interpolate", "--model", model, "--model", specialised, "--weight", "0.25", "--out", out, "--json"])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let report = try #require(try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
        #expect((report["models"] as? [[String: Any]])?.compactMap { $0["share"] as? Double } == [0.75, 0.25])

        // training.json says where the weights come from, and how those were made.
        let record = try #require(
            try JSONSerialization.jsonObject(with: Data(small.folder.read("made/half/training.json").utf8))
                as? [String: Any])
        let parts = try #require((record["interpolation"] as? [String: Any])?["models"] as? [[String: Any]])
        #expect(parts.compactMap { $0["path"] as? String } == [model, specialised])
        #expect(parts[0]["training"] is NSNull && (parts[1]["training"] as? String)?.contains("learning_rate") == true)
        for name in ["config.json", "vocab.txt", "modules.json", "1_Pooling/config.json"] {
            #expect(small.folder.holds("made/half/\(name)"), "\(name)")
        }
        // It can be trained on, as any checkpoint.
        let further = try TrainProcess.run(
            small.arguments("further", validation: false, ["--epochs", "1", "--model", out]))
        #expect(further.status == 0, "\(further.errors)")

        // The same bytes again; a folder that holds something is left alone.
        let again = try TrainProcess.run(
            ["interpolate", "--model", model, "--model", specialised, "--weight", "0.25", "--out", out + "2"])
        #expect(again.status == 0 && again.output.contains("25.00 % \(specialised)"), "\(again.output)")
        for name in ["model.safetensors", "training.json"] {
            #expect(small.bytes("made/half/\(name)") == small.bytes("made/half2/\(name)"), "\(name)")
        }
        let refused = try TrainProcess.run(
            ["interpolate", "--model", model, "--model", specialised, "--out", out])
        #expect(refused.status == 64 && refused.errors.contains("name another --out"), "\(refused.errors)")
    }

    @Test func sharesAddUpToOne() {
        #expect(InterpolateCommand.shares(count: 2, weight: nil) == [0.5, 0.5])
        #expect(InterpolateCommand.shares(count: 4, weight: nil) == [0.25, 0.25, 0.25, 0.25])
        #expect(InterpolateCommand.shares(count: 3, weight: 0.5) == [0.25, 0.25, 0.5])
        #expect(InterpolateCommand.shares(count: 2, weight: 0) == [1, 0])
    }

    @Test func whatMakesNoSenseIsRefused() throws {
        for (more, status, says) in [
            (["--model", model], 64, "two checkpoints"),
            (["--model", model, "--model", model, "--weight", "1.5"], 64, "--weight"),
            (["--model", model, "--model", "/nowhere"], 66, "/nowhere"),
        ] as [([String], Int32, String)] {
            let outcome = try TrainProcess.run(["interpolate", "--out", "/nowhere/out"] + more)
            #expect(outcome.status == status && outcome.messages.contains(says), "\(more): \(outcome.messages)")
        }
    }
}
