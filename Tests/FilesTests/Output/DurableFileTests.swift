import Diagnostics
import Files
import Foundation
import TestSupport
import Testing

@Suite struct DurableFileTests {
    private static func folder() throws -> String { try TemporaryFolder.ofProcess() }

    private static func names(_ folder: String) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
    }

    private static func append(_ bytes: [UInt8], to file: DurableFile) throws {
        try bytes.withUnsafeBytes { try file.append($0) }
    }

    @Test func smallAndLargePiecesComeInOrder() throws {
        let folder = try Self.folder(), file = try DurableFile(path: folder + "/out")
        var expected: [UInt8] = []
        // Below, around and above what is gathered before it is written.
        for (index, count) in [3, 0, 1 << 20, 10, (1 << 20) - 1, 1, (3 << 20) + 5, 7].enumerated() {
            let piece = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ index) }
            expected += piece
            try Self.append(piece, to: file)
        }
        #expect(try !Self.names(folder).contains("out"))
        try file.finish()
        #expect(try Self.names(folder) == ["out"])
        #expect(try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder + "/out"))) == expected)
    }

    @Test func piecesMayComeInAnyPlace() throws {
        let folder = try Self.folder(), file = try DurableFile(path: folder + "/out")
        for place in [2, 0, 1] {
            let piece = [UInt8](repeating: UInt8(place), count: 4)
            try piece.withUnsafeBytes { try file.write($0, at: place * 4) }
        }
        try file.finish()
        let bytes = try [UInt8](Data(contentsOf: URL(fileURLWithPath: folder + "/out")))
        #expect(bytes == [0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2])
    }

    @Test func anUnfinishedFileLeavesNothingAndTheOldOneAlone() throws {
        let folder = try Self.folder()
        try Data("old".utf8).write(to: URL(fileURLWithPath: folder + "/out"))
        do {
            let file = try DurableFile(path: folder + "/out")
            try Self.append([1, 2, 3], to: file)
        }
        #expect(try Self.names(folder) == ["out"])
        #expect(try String(contentsOfFile: folder + "/out", encoding: .utf8) == "old")
    }

    @Test(arguments: [3, 5 << 20]) func aFullDiskIsSaidAndLeavesTheOldFile(count: Int) throws {
        let folder = try Self.folder(), path = folder + "/out"
        try Data("old".utf8).write(to: URL(fileURLWithPath: path))
        try FileManager.default.createSymbolicLink(
            atPath: "\(path).\(getpid()).partial", withDestinationPath: "/dev/full")
        let fault = #expect(throws: SystemFault.self) {
            let file = try DurableFile(path: path)
            try Self.append([UInt8](repeating: 7, count: count), to: file)
            try file.finish()
        }
        #expect(fault?.code == ENOSPC && fault?.exitStatus == .inputOutput)
        #expect(fault?.description.contains("the disk is full") == true)
        #expect(try Self.names(folder) == ["out"])
        #expect(try String(contentsOfFile: path, encoding: .utf8) == "old")
    }

    @Test func anAbsentFolderIsNamed() throws {
        let path = try Self.folder() + "/absent/out"
        let fault = #expect(throws: SystemFault.self) { try DurableFile(path: path) }
        #expect(fault?.path == path && fault?.code == ENOENT)
    }

    @Test func foldersAreMadeWithThoseAboveThem() throws {
        let folder = try Self.folder(), deep = folder + "/a/b/c"
        try DurableFolder.create(deep)
        try DurableFolder.create(deep)
        #expect(try Self.names(folder + "/a/b") == ["c"])
        #expect(DurableFolder.parent(of: deep) == folder + "/a/b")
        #expect(DurableFolder.parent(of: "/a") == "/" && DurableFolder.parent(of: "a") == ".")
        // A file where a folder should be, at the end and on the way.
        try Data().write(to: URL(fileURLWithPath: folder + "/file"))
        for path in [folder + "/file", folder + "/file/below"] {
            let fault = #expect(throws: SystemFault.self) { try DurableFolder.create(path) }
            #expect(fault?.code == ENOTDIR && fault?.path == folder + "/file")
        }
    }
}
