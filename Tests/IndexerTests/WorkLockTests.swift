import Files
import Foundation
import TestSupport
import Testing

@testable import Indexer

@Suite struct WorkLockTests {
    private let temporary: TemporaryFolder
    private let folder: ContainedFolder
    private let here = WorkLock.Holder(host: "one", boot: "b-1", process: 7)
    private var path: String { temporary.path + "/lock" }

    init() throws {
        temporary = try TemporaryFolder()
        folder = try ContainedFolder(temporary.path)
    }

    @Test func itNamesThisProcessAndGoesWithIt() throws {
        do {
            let lock = try WorkLock(folder, isShared: true)
            let holder = try #require(WorkLock.Holder(temporary.read("lock")))
            #expect(holder == .own && holder.process == Int(getpid()) && !holder.boot.isEmpty && !holder.host.isEmpty)
            withExtendedLifetime(lock) {}
        }
        #expect(!temporary.holds("lock"))
    }

    /// Whoever takes a lock holds the build lock, so on this boot its holder is dead.
    @Test(arguments: [true, false]) func aKilledBuildOfThisBootIsFollowed(isShared: Bool) throws {
        try temporary.write("lock", WorkLock.Holder(host: "one", boot: "b-1", process: 1).text)
        let lock = try WorkLock(folder, isShared: isShared, own: here)
        #expect(try temporary.read("lock") == here.text)
        withExtendedLifetime(lock) {}
    }

    /// Another boot is an earlier one on a disk of this host, and may be another host at work on a shared file system.
    /// So is a lock that does not say whose it is.
    @Test(arguments: ["host two\nboot b-2\nprocess 9\n", "", "host"]) func anotherBootMayBeAnotherHost(text: String)
        throws
    {
        try temporary.write("lock", text)
        let error = #expect(throws: IndexerError.self) { try WorkLock(folder, isShared: true, own: here) }
        #expect(error?.exitStatus == .tryAgain && error?.description.contains("\(folder.path)/lock") == true)
        #expect(try temporary.read("lock") == text)
        let lock = try WorkLock(folder, isShared: false, own: here)
        #expect(try temporary.read("lock") == here.text)
        withExtendedLifetime(lock) {}
    }

    @Test func aLinkIsNotWrittenThrough() throws {
        try temporary.write("letter", "precious")
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: "letter")
        #expect(throws: FileError.self) { try WorkLock(folder, isShared: false, own: here) }
        #expect(try temporary.read("letter") == "precious")
    }
}
