import Files
import Fingerprinting
import Foundation
import TestSupport
import Testing

@testable import Store

/// Damage to LMDB's data file is found before LMDB follows it.
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

    /// A folder with a data file of these bytes.
    private func folder(_ folder: TemporaryFolder, _ bytes: [UInt8]) throws -> ContainedFolder {
        try folder.write("catalog.lmdb/data.mdb", bytes)
        return try ContainedFolder(folder.path)
    }

    private func bytes(_ fixture: StoreFixture) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: URL(fileURLWithPath: fixture.folder + "/catalog.lmdb/data.mdb")))
    }

    /// What opening a store looks at, without LMDB.
    private func walk(_ root: ContainedFolder, transaction: Int) throws {
        let file = try #require(try CatalogueFile(root))
        try file.checkMetaPages()
        guard let meta = try file.meta(of: UInt64(transaction)) else {
            throw StoreError.changedWhileReading(folder: root.path, what: "the catalogue")
        }
        try CatalogueWalk.check(file, meta)
    }

    @Test func aSoundFileIsSound() throws {
        let fixture = try wellUsedStore()
        try fixture.store.environment.checkPages()
        #expect(try fixture.store.verify().filter { $0.severity == .damage } == [])
    }

    /// Whatever is published, removed and swept: the walk finds nothing wrong with what LMDB writes.
    @Test func whatLMDBWritesIsSoundAfterEveryCommit() throws {
        let fixture = try StoreFixture()
        var generator = SeededGenerator(state: 5)
        for round in 0..<60 {
            let collection = "words/\(["aa", "bb", "cc", "dd"].randomElement(using: &generator) ?? "aa")"
            switch round % 5 {
            case 4:
                let stored = try fixture.store.collections(checkpoint: "mini").map(\.collection)
                if let victim = stored.randomElement(using: &generator) {
                    _ = try fixture.store.remove(checkpoint: "mini", collection: victim)
                }
            default:
                let words = (0..<Int.random(in: 1...900, using: &generator)).map { number in
                    (
                        String(repeating: "w", count: Int.random(in: 0...60, using: &generator)) + "\(number)",
                        UInt32(number + 1)
                    )
                }
                try fixture.publish(words, layers: [0], seed: UInt64(round), collection: collection)
            }
            try fixture.store.environment.checkPages()
        }
        _ = try fixture.store.collectGarbage(dryRun: false)
        try fixture.store.environment.checkPages()
    }

    @Test func truncationIsFoundWhenOpening() throws {
        let whole = try bytes(wellUsedStore())
        for keep in [0.0, 0.001, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9] {
            let copy = try TemporaryFolder()
            _ = try folder(copy, Array(whole.prefix(Int(Double(whole.count) * keep))))
            #expect(throws: StoreError.self, "kept \(keep)") { try Store.open(copy.path, mode: .read) }
        }
    }

    @Test func somethingElseIsNotAStore() throws {
        let copy = try TemporaryFolder(), foreign = [UInt8](repeating: 0x41, count: 50_000)
        _ = try folder(copy, foreign)
        #expect(throws: StoreError.self) { try Store.open(copy.path, mode: .read) }
        #expect(throws: StoreError.self) { try Store.open(copy.path, mode: .write) }
        #expect(FileManager.default.contents(atPath: copy.path + "/catalog.lmdb/data.mdb") == Data(foreign))
    }

    // MARK: A first write that was cut short

    /// The meta pages LMDB begins with, before the first commit.
    private func initialPages() throws -> [UInt8] {
        var page = [UInt8](repeating: 0, count: 10) + [8, 0, 0, 0, 0, 0, 0xDE, 0xC0, 0xEF, 0xBE, 1, 0, 0, 0]
        page += [UInt8](repeating: 0, count: 16) + [0, 16, 0, 0, 8, 0, 0, 0]
        page += [UInt8](repeating: 0, count: 32) + [UInt8](repeating: 0xFF, count: 8)
        page += [UInt8](repeating: 0, count: 40) + [UInt8](repeating: 0xFF, count: 8) + [1]
        page += [UInt8](repeating: 0, count: 4_096 - page.count)
        var second = page
        second[0] = 1
        return page + second
    }

    @Test func aFirstWriteCutShortBeginsAnew() throws {
        let initial = try initialPages(), blank = [UInt8](repeating: 0, count: 4_096)
        let states =
            [1, 9, 17, 100, 4_095, 4_096, 5_000, 8_191, 8_192].map { Array(initial.prefix($0)) } + [
                blank, blank + blank, blank + blank + blank + [1, 2, 3], initial + blank + [7],
                Array(initial.prefix(4_096)) + blank, blank + Array(initial.suffix(4_096)),
            ]
        for (number, state) in states.enumerated() {
            let copy = try TemporaryFolder()
            _ = try folder(copy, state)
            #expect(throws: StoreError.self, "state \(number)") { try Store.open(copy.path, mode: .read) }
            let store = try Store.open(copy.path, mode: .write)
            #expect(store.openingRemark?.contains("begun anew") == true, "state \(number)")
            #expect(try store.checkpoints().isEmpty)
            #expect(try store.verify() == [])
        }
        let fresh = try TemporaryFolder()
        #expect(try Store.open(fresh.path, mode: .write).openingRemark == nil)
        #expect(try Store.open(fresh.path, mode: .write).openingRemark == nil)
    }

    /// What holds anything, or may have, is not begun anew.
    @Test func whatMayHoldSomethingIsLeftAlone() throws {
        let whole = try bytes(wellUsedStore()), blank = [UInt8](repeating: 0, count: 8_192)
        let states = [blank + whole.dropFirst(8_192), [UInt8](repeating: 0x41, count: 100), Array(whole.prefix(8_192))]
        for (number, state) in states.enumerated() {
            let copy = try TemporaryFolder()
            try copy.write("data/mini/words/fi/layer-00.0123456789ab.faiss", "x")
            _ = try folder(copy, state)
            #expect(throws: StoreError.self, "state \(number)") { try Store.open(copy.path, mode: .write) }
            #expect(FileManager.default.contents(atPath: copy.path + "/catalog.lmdb/data.mdb") == Data(state))
        }
    }

    // MARK: Damage

    /// Where things are on a page, as LMDB has them.
    private struct Page {
        let number: Int
        let bytes: ArraySlice<UInt8>

        init(_ whole: [UInt8], _ number: Int) {
            self.number = number
            bytes = whole[number * 4_096..<(number + 1) * 4_096]
        }

        func number(_ offset: Int, count: Int) -> Int {
            bytes.dropFirst(offset).prefix(count).reversed().reduce(0) { $0 << 8 | Int($1) }
        }

        var flags: Int { number(10, count: 2) }
        var count: Int { (number(12, count: 2) - 16) / 2 }
        /// In the file.
        func node(_ place: Int) -> Int { bytes.startIndex + number(16 + 2 * place, count: 2) }
    }

    /// Each kind of damage that LMDB follows blindly, made by hand in a page that is in use.
    @Test func everyKindOfDamageIsFound() throws {
        let fixture = try wellUsedStore()
        let whole = try bytes(fixture), transaction = fixture.store.environment.lastTransaction
        let pages = (2..<whole.count / 4_096).map { Page(whole, $0) }.filter { $0.bytes.contains { $0 != 0 } }
        let copy = try TemporaryFolder(inMemory: true)
        func isFound(_ change: (inout [UInt8]) -> Void) throws -> Bool {
            var damaged = whole
            change(&damaged)
            do {
                try walk(try folder(copy, damaged), transaction: transaction)
                return false
            } catch is StoreError { return true }
        }
        #expect(try !isFound { _ in })
        func expectFound(
            _ what: Comment, among pages: [Page], _ change: (inout [UInt8], Page) -> Void
        ) throws {
            var found = 0
            for page in pages where try isFound({ change(&$0, page) }) { found += 1 }
            // Some of the pages belong to earlier states and are free.
            #expect(found > 0, what)
        }
        let branches = pages.filter { $0.flags == 1 }, leaves = pages.filter { $0.flags == 2 && $0.count > 1 }
        #expect(!branches.isEmpty && !leaves.isEmpty)
        try expectFound("a child twice, which makes a cycle or shares a page", among: branches) { bytes, page in
            bytes.replaceSubrange(page.node(1)..<page.node(1) + 6, with: bytes[page.node(0)..<page.node(0) + 6])
        }
        try expectFound("the page itself as its child", among: branches) { bytes, page in
            bytes[page.node(0)] = UInt8(page.number & 255)
            bytes[page.node(0) + 1] = UInt8(page.number >> 8)
        }
        try expectFound("keys out of order", among: leaves) { bytes, page in
            let first = page.bytes.startIndex + 16
            bytes.swapAt(first, first + 2)
            bytes.swapAt(first + 1, first + 3)
        }
        try expectFound("a node over another", among: leaves) { bytes, page in
            let first = page.bytes.startIndex + 16
            bytes[first] = bytes[first + 2]
            bytes[first + 1] = bytes[first + 3]
        }
        try expectFound("a value longer than its page", among: leaves) { bytes, page in bytes[page.node(0) + 1] = 0x3F }
        try expectFound("a key longer than its page", among: leaves) { bytes, page in bytes[page.node(0) + 7] = 1 }
        try expectFound("a page of another kind", among: pages) { bytes, page in bytes[page.bytes.startIndex + 10] ^= 3
        }
        try expectFound("a page that says it is dirty", among: pages) { bytes, page in
            bytes[page.bytes.startIndex + 10] |= 0x10
        }
        try expectFound("a page of another number", among: pages) { bytes, page in bytes[page.bytes.startIndex] ^= 1 }
        try expectFound("an empty page", among: leaves) { bytes, page in
            bytes[page.bytes.startIndex + 12] = 16
            bytes[page.bytes.startIndex + 13] = 0
        }
        let overflow = pages.filter { $0.flags == 4 }
        #expect(!overflow.isEmpty)
        try expectFound("a long value without end", among: overflow) { bytes, page in
            bytes[page.bytes.startIndex + 14] = 0xFF
        }
        // Every free page in turn is made one that is in use.
        let used = UInt8(branches[0].number & 255),
            lists = leaves.filter { leaf in
                (0..<leaf.count).allSatisfy { leaf.number(leaf.node($0) - leaf.bytes.startIndex + 6, count: 2) == 8 }
            }
        try expectFound("a page in use among the free ones", among: lists) { bytes, page in
            for place in 0..<page.count {
                let list = page.node(place) + 16
                if bytes[list] > 0 {
                    bytes[list + 8] = used
                    bytes[list + 9] = UInt8(branches[0].number >> 8)
                }
            }
        }
    }

    @Test func metaPagesThatLeadAstrayAreFound() throws {
        let fixture = try wellUsedStore()
        let whole = try bytes(fixture), transaction = fixture.store.environment.lastTransaction
        let copy = try TemporaryFolder(inMemory: true), page = (transaction & 1) * 4_096
        // Of the newest meta page: flags, magic, version, page size, depths and roots of both trees, last page,
        // transaction.
        for offset in [10, 16, 20, 40, 46, 80, 94, 128, 142, 144, 150, 151] {
            for value: UInt8 in [0xFF, 0x80, 0x01] {
                var damaged = whole
                damaged[page + offset] ^= value
                #expect(throws: StoreError.self, "byte \(offset) ^ \(value)") {
                    try walk(try folder(copy, damaged), transaction: transaction)
                }
            }
        }
    }

    /// Thousands of small changes: an error, or a state LMDB can be asked about without harm. (What ends the process
    /// here, a signal or a loop, would end the test.)
    @Test func storesWithRandomDamageNeverHarmWhoOpensThem() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(150) + [(String(repeating: "long ", count: 2_000), 9_999)], layers: [0])
        try fixture.publish(StoreFixture.words(60), layers: [0], seed: 3, collection: "words/en")
        let whole = try bytes(fixture)
        var generator = SeededGenerator(state: 77)
        var found = 0
        for round in 0..<400 {
            var damaged = whole
            for _ in 0..<[1, 1, 2, 5][round % 4] {
                let page = Int.random(in: 0..<whole.count / 4_096, using: &generator)
                let within = round % 3 == 0 ? 4_096 : 64
                let offset = page * 4_096 + Int.random(in: 0..<within, using: &generator)
                damaged[offset] =
                    round % 2 == 0
                    ? damaged[offset] ^ (1 << UInt8.random(in: 0..<8, using: &generator))
                    : UInt8.random(in: 0...255, using: &generator)
            }
            let copy = try TemporaryFolder(inMemory: true)
            try copy.write("catalog.lmdb/data.mdb", damaged)
            do {
                let store = try Store.open(copy.path, mode: round % 5 == 0 ? .write : .read)
                _ = try store.usage()
                _ = try store.verify()
                if store.mode == .write { _ = try store.remove(checkpoint: "mini", collection: nil) }
            } catch is StoreError { found += 1 }
        }
        #expect(found > 100, "\(found)")
    }
}
