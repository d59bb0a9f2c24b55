import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

/// A folder somebody else made, with a folder beside it that nothing may reach.
@Suite struct ContainedFolderTests {
    private let outer: String
    private let folder: ContainedFolder
    private var path: String { outer + "/inside" }

    init() throws {
        let made = try TemporaryFolder.ofProcess()
        outer = made
        for name in ["inside/below", "private"] {
            try FileManager.default.createDirectory(atPath: "\(made)/\(name)", withIntermediateDirectories: true)
        }
        try Data("precious".utf8).write(to: URL(fileURLWithPath: made + "/private/letter"))
        folder = try ContainedFolder(made + "/inside")
    }

    private func link(_ name: String, to target: String) throws {
        try FileManager.default.createSymbolicLink(atPath: "\(path)/\(name)", withDestinationPath: target)
    }

    private func expectLetterUntouched(_ comment: Comment) {
        #expect(FileManager.default.contents(atPath: outer + "/private/letter") == Data("precious".utf8), comment)
    }

    @Test(arguments: [
        "..", "../private/letter", "below/../../private/letter", "/etc/passwd", "", "below//x", ".", "a\0b",
    ])
    func namesThatLeadOutAreRefused(name: String) throws {
        let expected = FileError.leavesFolder(folder: path, name: name)
        #expect(throws: expected) { try folder.open(name, for: .reading) }
        #expect(throws: expected) { try folder.open(name, for: .replacing) }
        #expect(throws: expected) { try folder.remove(name) }
        #expect(throws: expected) { try folder.makeFolder(name) }
        #expect(throws: expected) { try folder.folder(name) }
        #expect(throws: expected) { try folder.status(of: name) }
        #expect(throws: expected) { try folder.rename("x", to: name) }
        expectLetterUntouched("\(name)")
    }

    @Test func linksToFilesAreNotOpened() throws {
        try link("letter", to: "../private/letter")
        for access in [ContainedFolder.Access.reading, .changing, .updating, .creating] {
            #expect(throws: FileError.link(path: path + "/letter")) { try folder.open("letter", for: access) }
        }
        #expect(throws: FileError.link(path: path + "/letter")) { try folder.requireFileIfPresent("letter") }
        #expect(throws: FileError.link(path: path + "/letter")) { try folder.requireFilesAndFolders() }
        expectLetterUntouched("opened")
        // Replacing takes the link away, not what it leads to.
        let file = try folder.open("letter", for: .replacing)
        #expect(pwrite(file.descriptor, "new", 3, 0) == 3)
        expectLetterUntouched("replaced")
        #expect(try folder.requireFileIfPresent("letter")?.bytes == 3)
    }

    @Test func linksToFoldersAreNotEntered() throws {
        try link("elsewhere", to: "../private")
        let expected = FileError.link(path: path + "/elsewhere")
        #expect(throws: expected) { try folder.open("elsewhere/letter", for: .reading) }
        #expect(throws: expected) { try folder.open("elsewhere/letter", for: .replacing) }
        #expect(throws: expected) { try folder.remove("elsewhere/letter") }
        #expect(throws: expected) { try folder.makeFolder("elsewhere/new") }
        #expect(throws: expected) { try folder.folderIfPresent("elsewhere") }
        #expect(throws: expected) { try folder.removeTree("elsewhere") }
        expectLetterUntouched("entered")
        #expect(try FileManager.default.contentsOfDirectory(atPath: outer + "/private") == ["letter"])
    }

    @Test func removingTakesLinksAwayAndNotWhatTheyLeadTo() throws {
        try link("below/elsewhere", to: "../../private")
        try link("below/letter", to: "../../private/letter")
        try folder.removeTree("below")
        expectLetterUntouched("tree")
        #expect(try folder.names() == [])
        try folder.remove("below/letter")
        try folder.remove("nothing")
        try folder.removeTree("nothing")
    }

    /// Opening a pipe for reading would wait for a writer: the test would not end.
    @Test func pipesAndFoldersAreNoFiles() throws {
        #expect(mkfifo(path + "/pipe", 0o600) == 0)
        let pipe = FileError.wrongKind(path: path + "/pipe", expected: "a regular file", found: "a named pipe")
        for access in [ContainedFolder.Access.reading, .changing, .updating, .creating] {
            #expect(throws: pipe) { try folder.open("pipe", for: access) }
            #expect(throws: FileError.self) { try folder.open("below", for: access) }
        }
        #expect(throws: FileError.self) { try folder.requireFilesAndFolders() }
        #expect(throws: SystemFault.self) { try folder.open("below", for: .replacing) }
        #expect(throws: pipe) { try RegularFile(reading: path + "/pipe") }
        #expect(throws: FileError.self) { try RegularFile(reading: "/dev/zero") }
        #expect(throws: FileError.self) { try RegularFile(reading: path) }
    }

    @Test func filesAndFoldersOfItsOwnWork() throws {
        let inner = try folder.makeFolder("a/b/c")
        try inner.write(Array("first".utf8), to: "note")
        try inner.write(Array("second".utf8), to: "note")
        #expect(try inner.names() == ["note"])
        #expect(try folder.open("a/b/c/note", for: .reading).contents(limit: 6) == Array("second".utf8))
        #expect(throws: FileError.tooLarge(path: path + "/a/b/c/note", bytes: 6, limit: 5)) {
            try folder.open("a/b/c/note", for: .reading).contents(limit: 5)
        }
        try folder.rename("a/b/c/note", to: "below/note")
        #expect(try folder.status(of: "below/note")?.kind == .file)
        #expect(try folder.status(of: "a/b/c/note") == nil)
        #expect(try folder.status(of: "z/b/c/note") == nil)
        let missing = #expect(throws: SystemFault.self) { try folder.open("z/note", for: .reading) }
        #expect(missing?.code == ENOENT && missing?.path == path + "/z")
        #expect(try folder.removeFolder("below") == false)
        #expect(try folder.removeFolder("a/b/c"))
        #expect(try folder.names() == ["a", "below"])
        try folder.requireFilesAndFolders()
    }

    /// The folder itself may be reached through a link: that link is the user's.
    @Test func theFolderItselfMayBeReachedThroughALink() throws {
        try FileManager.default.createSymbolicLink(atPath: outer + "/way", withDestinationPath: path)
        #expect(try ContainedFolder(outer + "/way").names() == ["below"])
    }

    /// A file of /proc says it has no bytes and has some.
    @Test func filesOfUnknownSizeAreReadWithinTheLimit() throws {
        #expect(try !RegularFile(reading: "/proc/self/status").contents(limit: 1 << 16).isEmpty)
        #expect(throws: FileError.self) { try RegularFile(reading: "/proc/self/status").contents(limit: 10) }
    }

    @Test func filesMoveAndGetSecondNamesInOtherFolders() throws {
        let other = try ContainedFolder(outer + "/private")
        try folder.folder("below").write([1, 2], to: "one")
        try folder.link("below/one", to: "two", in: other)
        #expect(try other.open("two", for: .reading).contents(limit: 10) == [1, 2])
        #expect { try folder.link("below/one", to: "two", in: other) } throws: { ($0 as? SystemFault)?.code == EEXIST }
        try folder.move("below/one", to: "letter2", in: other)
        #expect(try folder.status(of: "below/one") == nil)
        // A folder takes the place of an empty one alone.
        _ = try other.makeFolder("full")
        try other.write([1], to: "x")
        _ = try folder.makeFolder("empty")
        try other.move("x", to: "full/x", in: other)
        #expect { try folder.move("empty", to: "full", in: other) } throws: {
            [ENOTEMPTY, EEXIST].contains(($0 as? SystemFault)?.code)
        }
        try folder.move("empty", to: "new", in: other)
        #expect(try other.status(of: "new")?.kind == .folder)
        for name in ["../private/letter", "a/../b"] {
            #expect(throws: FileError.self) { try folder.link(name, to: "x", in: other) }
            #expect(throws: FileError.self) { try folder.move("below", to: name, in: other) }
        }
        try link("hop", to: outer + "/private/letter")
        #expect(throws: FileError.link(path: path + "/hop")) { try folder.link("hop", to: "hopped", in: other) }
        expectLetterUntouched("moved")
    }
}
