import Files
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Store

/// Damage to LMDB's data file is found without LMDB touching it.
@Suite struct CatalogueFileTests {
    /// A store with trees of several levels, values on overflow pages, and pages given back.
    private func wellUsedStore() throws -> StoreFixture {
        let fixture = try StoreFixture()
        let long = String(repeating: "overflow ", count: 3_000)
        try fixture.publish(StoreFixture.words(1_500) + [(long, 9_999)], layers: [0])
        try fixture.publish(StoreFixture.words(300), layers: [0, 1], seed: 3)
        try fixture.publish(StoreFixture.words(300), layers: [0, 1], seed: 4, collection: "words/en")
        _ = try fixture.store.collectGarbage(dryRun: false)
        try fixture.publish(StoreFixture.words(700), layers: [0, 1], seed: 5, collection: "words/en")
        return fixture
    }

    @Test func aSoundFileIsSound() throws {
        let fixture = try wellUsedStore()
        try fixture.store.environment.checkPages()
        #expect(try fixture.store.verify().filter { $0.severity == .damage } == [])
    }

    @Test func truncationIsFoundWhenOpening() throws {
        let fixture = try wellUsedStore()
        let whole = try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/catalog.lmdb/data.mdb"))
        for keep in [0.0, 0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9] {
            let folder = fixture.folder + "/copy-\(keep)"
            try FileManager.default.createDirectory(
                atPath: folder + "/catalog.lmdb", withIntermediateDirectories: true)
            try whole.prefix(Int(Double(whole.count) * keep)).write(
                to: URL(fileURLWithPath: folder + "/catalog.lmdb/data.mdb"))
            #expect(throws: StoreError.self, "kept \(keep)") { try Store.open(folder, mode: .read) }
        }
    }

    @Test func somethingElseIsNotAStore() throws {
        let fixture = try StoreFixture()
        let folder = fixture.folder + "/other"
        try FileManager.default.createDirectory(atPath: folder + "/catalog.lmdb", withIntermediateDirectories: true)
        let path = folder + "/catalog.lmdb/data.mdb"
        try Data(repeating: 0x41, count: 50_000).write(to: URL(fileURLWithPath: path))
        #expect(throws: StoreError.self) { try Store.open(folder, mode: .read) }
        #expect(throws: StoreError.self) { try Store.open(folder, mode: .write) }
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data(repeating: 0x41, count: 50_000))
    }

    /// Flipping any header or node bit of a page is an error or harmless, never a crash.
    @Test func flippedBitsNeverCrashTheWalk() throws {
        let fixture = try wellUsedStore()
        let source = fixture.folder + "/catalog.lmdb/data.mdb"
        let whole = try Data(contentsOf: URL(fileURLWithPath: source))
        let folder = fixture.folder + "/flipped"
        try FileManager.default.createDirectory(atPath: folder + "/catalog.lmdb", withIntermediateDirectories: true)
        var generator = SeededGenerator(state: 77)
        var found = 0
        for _ in 0..<200 {
            var damaged = whole
            let page = Int.random(in: 0..<whole.count / 4_096, using: &generator)
            let offset = page * 4_096 + Int.random(in: 0..<64, using: &generator)
            damaged[offset] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            try damaged.write(to: URL(fileURLWithPath: folder + "/catalog.lmdb/data.mdb"))
            do {
                let transaction = fixture.store.environment.lastTransaction
                try CatalogueFile(ContainedFolder(folder))?.checkPages(transaction: transaction)
            } catch is StoreError {
                found += 1
            }
        }
        // Most flips hit free pages, unused bytes or what a page cannot know (its neighbours' order, bytes of a value).
        #expect(found > 25, "\(found)")
    }
}
