import Files
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Store

@Suite struct WalkMemoryTests {
    private static func mark(_ number: UInt64, bytes: Int = 10 << 20, changed: Int = 7) -> WalkMemory.Mark {
        WalkMemory.Mark(
            identity: FileIdentity(device: 3, inode: number), bytes: bytes, changed: changed,
            metaPages: Fingerprint(high: number, low: 1))
    }

    @Test func whatIsRememberedIsKnownExactly() throws {
        let folder = try TemporaryFolder(), memory = WalkMemory(cacheFolder: folder.path + "/cache")
        #expect(!memory.knows(Self.mark(1)))
        memory.remember(Self.mark(1))
        memory.remember(Self.mark(2))
        #expect(memory.knows(Self.mark(1)) && memory.knows(Self.mark(2)))
        #expect(!memory.knows(Self.mark(1, bytes: 11 << 20)) && !memory.knows(Self.mark(1, changed: 8)))
        #expect(!memory.knows(Self.mark(3)))
        // One state of a file is enough.
        memory.remember(Self.mark(1, changed: 8))
        #expect(!memory.knows(Self.mark(1)) && memory.knows(Self.mark(1, changed: 8)) && memory.knows(Self.mark(2)))
    }

    @Test func itStaysSmall() throws {
        let folder = try TemporaryFolder(), memory = WalkMemory(cacheFolder: folder.path)
        for number in 0..<300 { memory.remember(Self.mark(UInt64(number))) }
        #expect(!memory.knows(Self.mark(0)) && memory.knows(Self.mark(299)) && memory.knows(Self.mark(200)))
        memory.remember(Self.mark(500, bytes: 4_096))
        #expect(!memory.knows(Self.mark(500, bytes: 4_096)), "small catalogues are not worth it")
    }

    /// Nonsense, somebody else's file, a link: nothing is known then, and nothing fails.
    @Test func whatIsNotOursIsNotBelieved() throws {
        let folder = try TemporaryFolder(), memory = WalkMemory(cacheFolder: folder.path)
        let name = "polylex/walked-catalogues", path = folder.path + "/" + name
        memory.remember(Self.mark(1))
        let text = try folder.read(name)
        try folder.write(name, "something else\n" + text)
        #expect(!memory.knows(Self.mark(1)))
        try folder.write(name, text)
        #expect(memory.knows(Self.mark(1)))
        #expect(chmod(path, 0o666) == 0)
        #expect(!memory.knows(Self.mark(1)))
        try FileManager.default.moveItem(atPath: path, toPath: folder.path + "/elsewhere")
        #expect(chmod(folder.path + "/elsewhere", 0o644) == 0)
        try FileManager.default.createSymbolicLink(atPath: path, withDestinationPath: folder.path + "/elsewhere")
        #expect(!memory.knows(Self.mark(1)))
        WalkMemory(cacheFolder: nil).remember(Self.mark(1))
        WalkMemory(cacheFolder: "/proc/nowhere").remember(Self.mark(1))
        #expect(!WalkMemory(cacheFolder: "/proc/nowhere").knows(Self.mark(1)))
    }

    /// A large catalogue is walked once, and again when a byte of it changes in a way LMDB did not make.
    @Test func aLargeCatalogueIsWalkedOnce() throws {
        let fixture = try StoreFixture(), cache = try TemporaryFolder()
        let padding = String(repeating: "x", count: 300)
        try fixture.publish((0..<5_000).map { ("w\($0)\(padding)", UInt32($0 + 1)) }, layers: [0])
        let memory = WalkMemory(cacheFolder: cache.path)
        let copy = try TemporaryFolder()
        let root = try ContainedFolder(copy.path)
        var bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/catalog.lmdb/data.mdb")))
        try #require(bytes.count > WalkMemory.worthwhileBytes)
        try copy.write("catalog.lmdb/data.mdb", bytes)
        func mark() throws -> WalkMemory.Mark { try #require(try CatalogueFile(root)).mark() }
        #expect(!memory.knows(try mark()))
        do { _ = try Environment(root, writable: false, memory: memory) }
        #expect(memory.knows(try mark()))
        // A commit of ours is known without a walk.
        do {
            let environment = try Environment(root, writable: true, memory: memory)
            try environment.write { try $0.put($0.databases.results, Array("key".utf8), Array("value".utf8)) }
        }
        #expect(memory.knows(try mark()))
        // Damage in a page in use: every leaf is made a page of another kind.
        bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: copy.path + "/catalog.lmdb/data.mdb")))
        for page in 2..<bytes.count / 4_096 where bytes[page * 4_096 + 10] == 2 { bytes[page * 4_096 + 10] = 1 }
        try copy.write("catalog.lmdb/data.mdb", bytes)
        #expect(!memory.knows(try mark()))
        #expect(throws: StoreError.self) { try Environment(root, writable: false, memory: memory) }
    }
}
