import Foundation
import TestSupport
import Testing

/// The program as users run it: kills, signals, full disks, refusals.
@Suite(.serialized) struct SpecializeProcessTests {
    private let small: SmallRun
    private var folder: TemporaryFolder { small.folder }
    private static let checkpointFiles = [
        "model.safetensors", "last/model.safetensors", "training.json", "last/training.json",
    ]
    private static let kills = 20

    init() throws { small = try SmallRun() }

    private func specialize(_ out: String, _ more: [String] = []) -> [String] {
        small.arguments(out, ["--epochs", "40", "--learning-rate", "1e-3", "--save-every", "5steps"] + more)
    }

    private func results(_ out: String) -> [Data?] { Self.checkpointFiles.map { small.bytes("\(out)/\($0)") } }

    /// Rows of the metrics without what depends on the clock.
    private func rows(_ out: String) throws -> [String] {
        try small.metrics(out).map { row in
            row.filter { $0.key != "pairs_per_second" }.map { "\($0.key)=\($0.value)" }.sorted().joined(separator: " ")
        }
    }

    /// Killed at random instants, several times a run: weights, records and metrics are those of an undisturbed run.
    @Test func killedRunsEndAsUndisturbedOnes() throws {
        let began = Date()
        let undisturbed = try TrainProcess.run(specialize("undisturbed"))
        let usualSeconds = Date().timeIntervalSince(began)
        #expect(undisturbed.status == 0, "\(undisturbed.errors)")
        let expected = results("undisturbed")
        #expect(expected.allSatisfy { $0 != nil })
        let expectedRows = try rows("undisturbed")
        #expect(expectedRows.count == 320 + 161)

        var random = SystemRandomNumberGenerator()
        var kills = 0, resumed = 0, run = 0
        while kills < Self.kills {
            run += 1
            let name = "killed\(run)"
            for _ in 0..<4 where kills < Self.kills {
                let process = try TrainProcess(specialize(name, ["--resume"]))
                Thread.sleep(forTimeInterval: Double.random(in: 0...(usualSeconds * 0.7), using: &random))
                if process.isRunning {
                    process.signal(SIGKILL)
                    kills += 1
                }
                if try process.wait().errors.contains("going on from step") { resumed += 1 }
            }
            let last = try TrainProcess.run(specialize(name, ["--resume"]))
            #expect(last.status == 0, "\(last.errors)")
            if last.errors.contains("going on from step") { resumed += 1 }
            #expect(results(name) == expected, "run \(run)")
            #expect(try rows(name) == expectedRows, "run \(run)")
            let events = try EventRecordTests.decode(
                [UInt8](small.bytes("\(name)/tensorboard/events.out.tfevents.0.polylex") ?? Data()))
            #expect(events.count == 1 + 320 + 161)
            #expect(
                try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(name)/state").sorted() == [
                    "lock", "state.json",
                ])
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        }
        // Otherwise the kills did not hit the training and the test tests nothing.
        #expect(resumed > 2, "\(resumed) resumed of \(kills) kills")
    }

    @Test func aSignalStopsCleanlyAndResumeGoesOn() throws {
        #expect(try TrainProcess.run(specialize("undisturbed")).status == 0)
        for (number, signal) in [SIGTERM, SIGINT].enumerated() {
            let name = "stopped\(number)"
            let outcome = try small.stopped(name, specialize(name, ["--save-every", "1000steps"]), by: signal)
            #expect(outcome.status == 75, "\(outcome.errors)")
            #expect(outcome.errors.contains("the same command with --resume goes on from there"), "\(outcome.errors)")
            let rest = try TrainProcess.run(specialize(name, ["--resume"]))
            #expect(rest.status == 0 && rest.errors.contains("going on from step"), "\(rest.errors)")
            #expect(results(name) == results("undisturbed"))
        }
    }

    /// Logs are for looking at: one that has lost rows, or all, is mended and said, and the weights are those they
    /// would be.
    @Test(arguments: ["metrics.jsonl", "tensorboard/events.out.tfevents.0.polylex"])
    func aLogThatWasCutStopsNoRun(log: String) throws {
        #expect(try TrainProcess.run(specialize("undisturbed")).status == 0)
        for cut in [-1, 700, 0] {
            #expect(try small.stopped("cut", specialize("cut"), by: SIGTERM).status == 75)
            let path = "\(folder.path)/cut/\(log)"
            if cut < 0 {
                try FileManager.default.removeItem(atPath: path)
            } else {
                #expect(truncate(path, off_t(cut)) == 0)
            }
            let rest = try TrainProcess.run(specialize("cut", ["--resume"]))
            #expect(rest.status == 0 && rest.errors.contains("rows in between are lost"), "\(rest.errors)")
            #expect(results("cut") == results("undisturbed"))
            // Whole rows, none of them twice.
            let steps = try small.metrics("cut").filter { $0["loss"] != nil }.compactMap { $0["step"] as? Int }
            #expect(steps.count > 300 - 15 && Set(steps).count == steps.count && steps.last == 320)
            let events = [UInt8](small.bytes("cut/tensorboard/events.out.tfevents.0.polylex") ?? Data())
            #expect(try EventRecordTests.decode(events).first?.version == "brain.Event:2")
            try FileManager.default.removeItem(atPath: "\(folder.path)/cut")
        }
    }

    @Test func aRunIsNeitherOverwrittenNorMixed() throws {
        let short = ["--epochs", "1"]
        #expect(try TrainProcess.run(specialize("run", short)).status == 0)
        let before = results("run")
        let again = try TrainProcess.run(specialize("run", short))
        #expect(again.status == 64 && again.errors.contains("holds a run already"), "\(again.errors)")
        let finished = try TrainProcess.run(specialize("run", short + ["--resume"]))
        #expect(finished.status == 0 && finished.errors.contains("this run is finished"), "\(finished.errors)")
        let other = try TrainProcess.run(
            specialize("run", short + ["--resume", "--temperature", "0.1", "--batch-size", "4"]))
        #expect(other.status == 64, "\(other.errors)")
        #expect(
            other.errors.contains("temperature was 0.07, is now 0.1")
                && other.errors.contains("batch_size was 8, is now 4"))
        #expect(results("run") == before)
        try folder.write("foreign/model.safetensors", "precious")
        for more in [[], ["--resume"]] {
            let refused = try TrainProcess.run(specialize("foreign", more))
            #expect(refused.status == 64 && refused.errors.contains("no run"), "\(refused.errors)")
        }
        #expect(try folder.names(in: "foreign") == ["model.safetensors"])
        try folder.write("file", "")
        #expect(try TrainProcess.run(specialize("file")).errors.contains("expected a folder"))
    }

    /// Every file is limited to a size in turn: what fails is named, what was saved stays, and more room is enough to
    /// go on.
    @Test func aFullDiskIsSaidAndNothingSavedIsLost() throws {
        let arguments = specialize("full", ["--epochs", "6"])
        let expected = try TrainProcess.run(specialize("undisturbed", ["--epochs", "6"]))
        #expect(expected.status == 0)
        var failures = 0
        for blocks in [1, 4, 10, 20, 30, 60] {
            let outcome = try TrainProcess.run(arguments + ["--resume"], fileBlocks: blocks)
            if outcome.status == 0 { break }
            failures += 1
            #expect(outcome.status == 74, "\(blocks): \(outcome.status) \(outcome.errors)")
            #expect(outcome.errors.contains("\(folder.path)/full"), "\(outcome.errors)")
        }
        #expect(failures >= 2)
        let rest = try TrainProcess.run(arguments + ["--resume"])
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(results("full") == results("undisturbed"))
    }

    /// A rate no weights survive: training stops, says where, and the best checkpoint so far is still there.
    @Test func aLossThatIsNoNumberStopsTheRun() throws {
        let arguments = small.arguments("wild", ["--epochs", "40", "--learning-rate", "1e38", "--warmup", "4"])
        let outcome = try TrainProcess.run(arguments)
        #expect(outcome.status == 65, "\(outcome.errors)")
        #expect(outcome.errors.contains("is not a number any more, at learning rate"), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }
}

extension TemporaryFolder {
    func names(in name: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(path)/\(name)").filter { $0 != "state" }.sorted()
    }
}
