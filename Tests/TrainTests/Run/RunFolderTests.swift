import Files
import Foundation
import TestSupport
import Testing

@testable import Train

/// Folders of runs that come from somebody else.
@Suite struct RunFolderTests {
    /// What a run writes to, renames or removes, as a link to a folder or a file outside.
    @Test(arguments: [
        "state", "state/checkpoint", "state/lock", "state/state.json", "metrics.jsonl", "tensorboard",
        "tensorboard/events.out.tfevents.0.polylex", "last", "1_Pooling", "config.json",
    ])
    func linksOutOfARunAreRefused(name: String) throws {
        let folder = try TemporaryFolder(), manager = FileManager.default
        let run = folder.path + "/run", home = folder.path + "/home"
        for path in [run + "/state", run + "/tensorboard", home] {
            try manager.createDirectory(atPath: path, withIntermediateDirectories: true)
        }
        try folder.write("home/letter", "precious")
        try folder.write("home/state.json", "{}")
        for file in ["state/state.json", "metrics.jsonl", "config.json"] { try folder.write("run/\(file)", "{}") }
        try? manager.removeItem(atPath: "\(run)/\(name)")
        let isFile = name.contains(".") || name == "state/lock"
        try manager.createSymbolicLink(
            atPath: "\(run)/\(name)", withDestinationPath: isFile ? home + "/letter" : home)
        #expect(throws: FileError.link(path: "\(run)/\(name)")) { try RunFolder(run).open(resume: true) }
        #expect(try folder.read("home/letter") == "precious")
        #expect(try manager.contentsOfDirectory(atPath: home).sorted() == ["letter", "state.json"])
    }

    /// The folder itself may be reached through a link the user named.
    @Test func theFolderItselfMayBeReachedThroughALink() throws {
        let folder = try TemporaryFolder()
        try FileManager.default.createDirectory(atPath: folder.path + "/run", withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(atPath: folder.path + "/way", withDestinationPath: "run")
        #expect(try RunFolder(folder.path + "/way").open(resume: false) == nil)
    }
}
