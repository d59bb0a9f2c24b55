import Diagnostics
import Foundation
import TestSupport
import Testing

@testable import Train

/// What a killed process left in a run's folder, and folders that cannot be read.
@Suite struct RunFolderFaultTests {
    private let folder: TemporaryFolder
    private let state = TrainingState(settings: [])

    init() throws {
        folder = try TemporaryFolder()
        try folder.write("out/state/lock", "")
        try state.write("\(folder.path)/out/state/state.json")
    }

    private var run: RunFolder { RunFolder("\(folder.path)/out") }

    private func names(_ place: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(place)").sorted()
    }

    @Test func halfWrittenFilesAreSweptAndNotMovedUp() throws {
        for name in [
            "state/checkpoint/model.safetensors", "state/checkpoint/modules.json.4711.partial",
            "state/checkpoint/training.json",
            "state/checkpoint/1_Pooling/config.json", "state/checkpoint/1_Pooling/config.json.12.partial",
            "modules.json.99.partial", "1_Pooling/config.json.99.partial", "last.partial/config.json",
            "state/engine-3.5.partial",
        ] { try folder.write("out/\(name)", name) }
        let run = run
        let found = try #require(try run.open(resume: true))
        try run.removeLeftovers(keeping: found)
        #expect(try names("out") == ["1_Pooling", "model.safetensors", "state", "training.json"])
        #expect(try names("out/1_Pooling") == ["config.json"])
        #expect(try names("out/state") == ["lock", "state.json"])
        #expect(try folder.read("out/1_Pooling/config.json") == "state/checkpoint/1_Pooling/config.json")
    }

    /// Names that only look like those of half-written files.
    @Test func othersFilesStay() throws {
        for name in ["notes.partial", "a.b.partial", "1.partial"] { try folder.write("out/\(name)", "") }
        try run.removeLeftovers(keeping: state)
        #expect(try names("out") == ["1.partial", "a.b.partial", "notes.partial", "state"])
    }

    /// A folder in a file's place: what fails is a system call, and its status says so.
    @Test func whatCannotBeMovedIsASystemFault() throws {
        try folder.write("out/state/checkpoint/model.safetensors", "weights")
        try folder.write("out/model.safetensors/inside", "")
        let fault = #expect(throws: SystemFault.self) { try run.removeLeftovers(keeping: state) }
        #expect(fault?.exitStatus == .inputOutput && fault?.path == "\(folder.path)/out/model.safetensors")
        #expect(try folder.read("out/state/checkpoint/model.safetensors") == "weights")
    }

    /// Somebody else's folders: "holds no run", "remove the folder" and "a defect" would all be wrong.
    @Test(
        .enabled(if: geteuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0),
        arguments: ["", "/state", "/state/state.json"])
    func whatMayNotBeReadIsSaid(name: String) throws {
        let small = try SmallRun()
        let arguments = small.arguments("run", validation: false, ["--max-steps", "1"])
        let finished = try TrainProcess.run(arguments)
        #expect(finished.status == 0, "\(finished.errors)")
        #expect(chmod("\(small.folder.path)/run\(name)", 0) == 0)
        defer { chmod("\(small.folder.path)/run\(name)", 0o755) }
        let outcome = try TrainProcess.run(arguments + ["--resume"], asNobody: true)
        #expect(outcome.status == 74, "\(outcome.status) \(outcome.errors)")
        #expect(
            outcome.errors.contains("Permission denied") && !outcome.errors.contains("remove the folder"),
            "\(outcome.errors)")
    }
}
