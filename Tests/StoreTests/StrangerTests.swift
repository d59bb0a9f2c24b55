import Diagnostics
import Files
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Store

/// Stores from somebody else: nothing is opened, truncated, overwritten or removed outside of them.
@Suite struct StrangerTests {
    private let outer: String
    private let folder: String

    init() throws {
        outer = try TemporaryFolder.ofProcess()
        folder = outer + "/store"
        try FileManager.default.createDirectory(atPath: outer + "/home/docs", withIntermediateDirectories: true)
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(20))
        try FileManager.default.copyItem(atPath: fixture.folder, toPath: folder)
        for name in ["home/letter", "home/docs/thesis"] {
            try Data("precious".utf8).write(to: URL(fileURLWithPath: "\(outer)/\(name)"))
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -90 * 86_400)], ofItemAtPath: "\(outer)/\(name)")
        }
    }

    private func replace(_ name: String, byLinkTo target: String) throws {
        try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
        try FileManager.default.createSymbolicLink(atPath: "\(folder)/\(name)", withDestinationPath: target)
    }

    private func expectHomeUntouched() {
        for name in ["home/letter", "home/docs/thesis"] {
            #expect(FileManager.default.contents(atPath: "\(outer)/\(name)") == Data("precious".utf8), "\(name)")
        }
    }

    private func collectGarbage() throws { _ = try Store.open(folder, mode: .write).collectGarbage(dryRun: false) }

    // MARK: Links

    @Test func aLinkForTheWorkFolderIsNotSwept() throws {
        try replace("work", byLinkTo: "../home")
        #expect(throws: FileError.link(path: try Store.open(folder, mode: .read).folder + "/work")) {
            try collectGarbage()
        }
        expectHomeUntouched()
    }

    @Test func aLinkForTheBuildLockIsNotTruncated() throws {
        try replace("build.lock", byLinkTo: "../home/letter")
        #expect(throws: FileError.self) { try collectGarbage() }
        #expect(throws: FileError.self) {
            try Store.open(folder, mode: .write).remove(checkpoint: "mini", collection: nil)
        }
        expectHomeUntouched()
    }

    @Test(arguments: [Store.Mode.read, .write]) func aLinkForTheLockOfTheCatalogueIsNotOverwritten(mode: Store.Mode)
        throws
    {
        try replace("catalog.lmdb/lock.mdb", byLinkTo: "../../home/letter")
        #expect(throws: FileError.self) { try Store.open(folder, mode: mode) }
        expectHomeUntouched()
        // One that leads nowhere would make a file there.
        try replace("catalog.lmdb/lock.mdb", byLinkTo: "../../home/new")
        #expect(throws: FileError.self) { try Store.open(folder, mode: mode) }
        #expect(!FileManager.default.fileExists(atPath: outer + "/home/new"))
    }

    @Test(arguments: [Store.Mode.read, .write]) func aLinkForTheCatalogueIsNotOpened(mode: Store.Mode) throws {
        try FileManager.default.moveItem(atPath: folder + "/catalog.lmdb", toPath: outer + "/home/catalog.lmdb")
        try replace("catalog.lmdb", byLinkTo: "../home/catalog.lmdb")
        #expect(throws: FileError.self) { try Store.open(folder, mode: mode) }
        try FileManager.default.removeItem(atPath: folder + "/catalog.lmdb")
        try FileManager.default.createDirectory(atPath: folder + "/catalog.lmdb", withIntermediateDirectories: true)
        try replace("catalog.lmdb/data.mdb", byLinkTo: "../../home/catalog.lmdb/data.mdb")
        #expect(throws: FileError.self) { try Store.open(folder, mode: mode) }
    }

    @Test func aPipeInPlaceOfTheCatalogueIsRefusedAtOnce() throws {
        for name in ["lock.mdb", "data.mdb"] {
            let path = "\(folder)/catalog.lmdb/\(name)"
            try FileManager.default.removeItem(atPath: path)
            #expect(mkfifo(path, 0o600) == 0)
            #expect(throws: FileError.self) { try Store.open(folder, mode: .read) }
            try FileManager.default.removeItem(atPath: path)
        }
    }

    @Test func aLinkForTheDataFolderIsNotEntered() throws {
        try FileManager.default.moveItem(atPath: folder + "/data", toPath: outer + "/home/data")
        let before = try FileManager.default.subpathsOfDirectory(atPath: outer + "/home").sorted()
        try replace("data", byLinkTo: "../home/data")
        #expect(throws: FileError.self) { try collectGarbage() }
        let store = try Store.open(folder, mode: .write)
        #expect(throws: FileError.self) { try store.remove(checkpoint: "mini", collection: nil) }
        #expect(throws: FileError.self) {
            try store.writeLayer(
                checkpoint: "mini", collection: "words/fi", layer: 1, codec: .fp32, dimension: 1, rows: 0,
                codes: UnsafeRawBufferPointer(start: nil, count: 0), fingerprint: Fingerprint(high: 9, low: 9))
        }
        #expect(try FileManager.default.subpathsOfDirectory(atPath: outer + "/home").sorted() == before)
    }

    @Test func layerFilesThatAreLinksPipesOrDevicesAreDamage() throws {
        let store = try Store.open(folder, mode: .read)
        let layer = try #require(try store.layers(checkpoint: "mini", collection: "words/fi").first)
        for target in ["/dev/zero", "../../../../../home/letter"] {
            try replace(layer.file, byLinkTo: target)
            #expect(throws: FileError.self) { try store.vectors(layer) }
            #expect(!store.isUndamaged(layer))
            #expect(try store.verify().filter { $0.severity == .damage }.map(\.place) == [layer.file])
        }
        try FileManager.default.removeItem(atPath: "\(folder)/\(layer.file)")
        #expect(mkfifo("\(folder)/\(layer.file)", 0o600) == 0)
        #expect(throws: FileError.self) { try store.vectors(layer) }
        #expect(!store.isUndamaged(layer))
        #expect(try store.verify().filter { $0.severity == .damage }.map(\.found) == ["a named pipe"])
    }

    // MARK: Names

    private func put(_ record: some Encodable, _ database: (Databases) -> Database, _ key: [UInt8], in store: Store)
        throws
    {
        try store.environment.write { try $0.put(database($0.databases), key, RecordCoding.encode(record)) }
    }

    /// A collection whose name leads out of the store, with a layer "file" there; everything else about it is right.
    @Test(arguments: [
        "../../../home", "words/../../../../home", "/etc", "words//fi", "words/./fi", "-words/fi", "words/\u{1b}[31m",
    ])
    func collectionsWithNamesThatLeadOutAreNotBelieved(name: String) throws {
        let store = try Store.open(folder, mode: .write)
        var collection = try #require(try store.collection("words/fi", checkpoint: "mini"))
        var layer = try #require(try store.layers(checkpoint: "mini", collection: "words/fi").first)
        collection.collection = name
        layer.collection = name
        layer.file = "data/mini/\(name)/letter"
        try put(collection, \.collections, CatalogueKey.collection(name, checkpoint: "mini"), in: store)
        try put(layer, \.layers, CatalogueKey.layer(layer.layer, of: name, checkpoint: "mini"), in: store)
        let error = #expect(throws: StoreError.self) { try store.remove(checkpoint: "mini", collection: nil) }
        #expect(error?.exitStatus == .badInput)
        #expect(throws: StoreError.self) { try store.collections(checkpoint: "mini") }
        #expect(throws: StoreError.self) { try store.layers(checkpoint: "mini", collection: name) }
        #expect(throws: StoreError.self) { try store.usage() }
        #expect(throws: StoreError.self) { try store.collectGarbage(dryRun: false) }
        #expect(try store.verify().contains { $0.severity == .damage && $0.place.hasPrefix("collections 'mini") })
        expectHomeUntouched()
    }

    @Test func checkpointsWithNamesThatLeadOutAreNotBelieved() throws {
        let store = try Store.open(folder, mode: .write)
        for name in ["..", "../x", ".hidden", "a/b"] {
            try put(StoreFixture.checkpoint(name), \.checkpoints, CatalogueKey.checkpoint(name), in: store)
            #expect(throws: StoreError.self) { try store.checkpoint(name) }
            #expect(throws: StoreError.self) { try store.checkpoints() }
            try store.environment.write { _ = try $0.remove($0.databases.checkpoints, CatalogueKey.checkpoint(name)) }
        }
    }

    /// A record of a sound collection that names a file which is no layer file.
    @Test(arguments: [
        "letter", "../fi/layer-00.0123456789ab.faiss", "layer-00.0123456789ab.faiss/../letter", "layer-0.faiss", "",
    ])
    func filesOfOtherNamesAreNotBelieved(name: String) throws {
        let store = try Store.open(folder, mode: .write)
        var layer = try #require(try store.layers(checkpoint: "mini", collection: "words/fi").first)
        layer.file = "data/mini/words/fi/\(name)"
        try put(layer, \.layers, CatalogueKey.layer(layer.layer, of: "words/fi", checkpoint: "mini"), in: store)
        #expect(throws: StoreError.self) { try store.layers(checkpoint: "mini", collection: "words/fi") }
        #expect(throws: StoreError.self) { try store.remove(checkpoint: "mini", collection: "words/fi") }
    }

    /// The store itself may be reached through a link the user named.
    @Test func theStoreMayBeReachedThroughALink() throws {
        try FileManager.default.createSymbolicLink(atPath: outer + "/way", withDestinationPath: "store")
        let store = try Store.open(outer + "/way", mode: .write)
        #expect(try store.verify() == [])
        #expect(try store.remove(checkpoint: "mini", collection: nil).files == 2)
    }
}
