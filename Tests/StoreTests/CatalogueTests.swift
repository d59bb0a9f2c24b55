import Diagnostics
import Files
import Fingerprinting
import Foundation
import Synchronization
import Testing

@testable import Store

@Suite struct CatalogueTests {
    // MARK: Opening

    @Test func aFolderMayBeOpenedSeveralTimes() throws {
        let fixture = try StoreFixture()
        let reader = try Store.open(fixture.folder + "/./", mode: .read)
        let writer = try Store.open(fixture.folder, mode: .write)
        #expect(reader.environment === fixture.store.environment && writer.environment === fixture.store.environment)
        try fixture.publish(StoreFixture.words(3))
        #expect(try reader.checkpoints().count == 1)
        #expect(throws: StoreError.self) { try reader.put(results: []) }
    }

    @Test func aReaderBecomesAWriterWhenOneIsOpened() throws {
        let folder: String
        do {
            let fixture = try StoreFixture()
            try fixture.publish(StoreFixture.words(3))
            folder = fixture.folder + "-copy"
            try FileManager.default.copyItem(atPath: fixture.folder, toPath: folder)
        }
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let reader = try Store.open(folder, mode: .read)
        #expect(!reader.environment.writable)
        let writer = try Store.open(folder, mode: .write)
        _ = try writer.remove(checkpoint: "mini", collection: nil)
        #expect(try reader.checkpoints().isEmpty)
    }

    @Test func aStoreMadeAnewUnderTheSamePathIsAnotherOne() throws {
        let folder = NSTemporaryDirectory() + "polylex-anew-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let old = try Store.open(folder, mode: .write)
        try old.put(results: [])
        try FileManager.default.removeItem(atPath: folder)
        let new = try Store.open(folder, mode: .write)
        #expect(old.environment !== new.environment)
        #expect(try new.checkpoints().isEmpty)
    }

    @Test func aLaterFormatIsRefused() throws {
        let fixture = try StoreFixture()
        let folder = fixture.folder + "/later"
        do {
            let store = try Store.open(folder, mode: .write)
            try store.environment.write { try $0.put($0.databases.meta, Array("format".utf8), Array("3".utf8)) }
        }
        for mode in [Store.Mode.read, .write] {
            let error = #expect(throws: StoreError.self) { try Store.open(folder, mode: mode) }
            #expect(error?.description.contains("format is 3, expected at most 2") == true)
        }
        let other = fixture.folder + "/odd"
        do {
            let store = try Store.open(other, mode: .write)
            try store.environment.write { try $0.put($0.databases.meta, Array("format".utf8), Array("x".utf8)) }
        }
        #expect(throws: StoreError.self) { try Store.open(other, mode: .read) }
    }

    /// A map too small for a publication grows, and the publication is whole.
    @Test func theMapGrowsWhenItIsFull() throws {
        let fixture = try StoreFixture()
        let folder = fixture.folder + "/small"
        try FileManager.default.createDirectory(atPath: folder + "/catalog.lmdb", withIntermediateDirectories: true)
        let environment = try Environment(ContainedFolder(folder), writable: true, mapBytes: 128 << 10)
        var attempts = 0
        try environment.write { transaction in
            attempts += 1
            for number in 0..<3_000 {
                try transaction.put(
                    transaction.databases.results, Array("key \(number)".utf8), [UInt8](repeating: 7, count: 500))
            }
        }
        #expect(attempts > 1)
        let count = try environment.read { transaction in
            var count = 0
            try transaction.forEach(transaction.databases.results) { _, value in
                count += value.count == 500 ? 1 : 0
                return true
            }
            return count
        }
        #expect(count == 3_000)
    }

    /// A reader that becomes a writer while the catalogue is out of reach: an error each time, and everything works
    /// again when the catalogue is back.
    @Test func aCatalogueThatCannotBeReopenedIsAnErrorUntilItIsBack() throws {
        let fixture = try StoreFixture()
        let folder = fixture.folder + "/away"
        try FileManager.default.createDirectory(atPath: folder + "/catalog.lmdb", withIntermediateDirectories: true)
        do {
            let environment = try Environment(ContainedFolder(folder), writable: true, mapBytes: 1 << 20)
            try environment.write { try $0.put($0.databases.results, Array("key".utf8), Array("value".utf8)) }
        }
        let environment = try Environment(ContainedFolder(folder), writable: false, mapBytes: 1 << 20)
        func value() throws -> [UInt8]? {
            try environment.read { try $0.value($0.databases.results, Array("key".utf8)) }
        }
        #expect(try value() == Array("value".utf8))
        try FileManager.default.moveItem(atPath: folder + "/catalog.lmdb", toPath: folder + "/elsewhere")
        for _ in 0..<2 {
            #expect(throws: SystemFault.self) { try environment.makeWritable() }
            #expect(throws: StoreError.self) { try value() }
            #expect(throws: StoreError.self) { try environment.write { _ in } }
        }
        try FileManager.default.moveItem(atPath: folder + "/elsewhere", toPath: folder + "/catalog.lmdb")
        try environment.makeWritable()
        #expect(try value() == Array("value".utf8))
        try environment.write { try $0.put($0.databases.results, Array("key".utf8), Array("other".utf8)) }
        #expect(try value() == Array("other".utf8))
    }

    // MARK: Names

    @Test(arguments: [
        "", ".", "..", ".hidden", "-x", "a/b", "a b", "a\0b", "ä", "a\\b", "a\nb", String(repeating: "a", count: 101),
    ]) func checkpointNamesThatAreNotAllowed(name: String) throws {
        #expect(throws: StoreError.self) { try StoreName.check(checkpoint: name) }
        let fixture = try StoreFixture()
        #expect(throws: StoreError.self) { try fixture.publish([("a", 1)], checkpoint: StoreFixture.checkpoint(name)) }
        #expect(fixture.files() == [])
    }

    @Test(arguments: [
        "", "/", "/words", "words/", "words//fi", "words/../fi", "words/.", "../x", "words/fi ", "words\0fi",
        Array(repeating: "abcdefghi", count: 31).joined(separator: "/"),
    ]) func collectionNamesThatAreNotAllowed(name: String) throws {
        #expect(throws: StoreError.self) { try StoreName.check(collection: name) }
    }

    @Test func usualNamesAreAllowed() throws {
        for name in ["mbert", "xlm-r.specialized", "A_1+b@c=d,e", String(repeating: "a", count: 100)] {
            try StoreName.check(checkpoint: name)
        }
        for name in ["words/fi", "words/zh-min-nan", "words/be_x_old", "sentences/fra-eng/fra"] {
            try StoreName.check(collection: name)
        }
    }

    /// A prefix of a name is another name.
    @Test func namesThatBeginAlikeStayApart() throws {
        let fixture = try StoreFixture()
        try fixture.publish([("a", 1)], collection: "words/f")
        try fixture.publish([("b", 1)], seed: 2, collection: "words/fi")
        try fixture.publish([("c", 1)], seed: 3, collection: "words/fi", checkpoint: StoreFixture.checkpoint("mini2"))
        #expect(try fixture.store.collections(checkpoint: "mini").map(\.collection) == ["words/f", "words/fi"])
        _ = try fixture.store.remove(checkpoint: "mini", collection: "words/f")
        #expect(try fixture.store.collections(checkpoint: "mini").map(\.collection) == ["words/fi"])
        #expect(try fixture.store.layers(checkpoint: "mini", collection: "words/fi").count == 2)
        #expect(try fixture.store.collections(checkpoint: "mini2").map(\.collection) == ["words/fi"])
    }

    @Test func unknownNamesSayWhatIsKnown() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(3), collection: "words/fi")
        func message(_ body: () throws -> Void) -> String {
            do { try body() } catch let error as StoreError {
                #expect(error.exitStatus == .missingInput)
                return error.description
            } catch { return "\(error)" }
            return "no error"
        }
        let store = fixture.store
        #expect(
            message { _ = try store.requireCheckpoint("minni") }.contains("did you mean 'mini'? stored: mini")
                || message { _ = try store.requireCheckpoint("minni") }.contains("did you mean 'mini'?; stored: mini"))
        #expect(message { _ = try store.requireCollection("words/fj", checkpoint: "mini") }.contains("'words/fi'"))
        #expect(message { _ = try store.requireLayer(2, collection: "words/fi", checkpoint: "mini") }.contains("0, 3"))
        #expect(try store.requireLayer(3, collection: "words/fi", checkpoint: "mini").layer == 3)
    }

    // MARK: Removal

    @Test func removalTakesRecordsFilesAndListsNothingElseUses() throws {
        let fixture = try StoreFixture()
        let shared = try fixture.publish(StoreFixture.words(5)).list
        try fixture.publish(StoreFixture.words(5), seed: 5, checkpoint: StoreFixture.checkpoint("other"))
        let own = try fixture.publish(StoreFixture.words(6), seed: 6, collection: "words/en").list
        try fixture.store.putUnchecked([
            ResultRecord(
                task: "bli", dataset: "d", pair: "p", checkpoint: "mini", layer: 0,
                fingerprint: Fingerprint(high: 1, low: 1), values: [:], provenance: [:], created: 0)
        ])
        #expect(throws: StoreError.self) { try fixture.store.remove(checkpoint: "nobody", collection: nil) }
        #expect(throws: StoreError.self) { try fixture.store.remove(checkpoint: "mini", collection: "words/xx") }
        let first = try fixture.store.remove(checkpoint: "mini", collection: "words/en")
        #expect(first.collections == ["words/en"] && first.files == 2 && first.bytes > 0 && first.results == 0)
        #expect(throws: StoreError.self) { try fixture.store.texts(list: own) }
        #expect(try fixture.store.texts(list: shared).count == 5)
        let second = try fixture.store.remove(checkpoint: "mini", collection: nil)
        #expect(second.collections == ["words/fi"] && second.results == 1)
        #expect(try fixture.store.checkpoints().map(\.name) == ["other"])
        #expect(try fixture.store.texts(list: shared).count == 5)
        #expect(fixture.files().allSatisfy { $0.hasPrefix("other/") } && fixture.files().count == 2)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder + "/data/mini"))
        #expect(try fixture.store.verify() == [])
    }

    @Test func aCollectedListIsAnErrorAndNotAnEmptyAnswer() throws {
        let fixture = try StoreFixture()
        let old = try fixture.store.texts(list: try fixture.publish(StoreFixture.words(5)).list)
        try fixture.publish(StoreFixture.words(6), seed: 2)
        #expect(try old.row(of: "w1") == 1)
        let report = try fixture.store.collectGarbage(dryRun: false)
        #expect(report.lists == [old.fingerprint] && report.files.count == 2)
        for body in [{ _ = try old.row(of: "w1") }, { _ = try old.entry(at: 0) }, { try old.forEach { _, _, _ in } }] {
            let error = #expect(throws: StoreError.self) { try body() }
            #expect(error?.exitStatus == .tryAgain)
        }
    }

    // MARK: Readers during builds

    /// Readers on other threads see whole states only: rows, texts and vectors that belong together.
    @Test func readersDuringBuildsSeeWholeStates() throws {
        let fixture = try StoreFixture()
        let versions = 30
        // Version v has 10 + v words, each spelled with its version, and its own vectors.
        @Sendable func texts(_ version: Int) -> [(String, UInt32)] {
            (0..<10 + version).map { ("v\(version)-\($0)", UInt32($0 + 1)) }
        }
        let expected = (0..<versions).map { StoreFixture.vectors(rows: 10 + $0, dimension: 24, seed: UInt64(100 + $0)) }
        try fixture.publish(texts(0), layers: [0], codec: .fp32, seed: 100)
        let store = fixture.store
        let finished = Atomic(false)
        let reads = Atomic(0)
        let problems = Mutex<[String]>([])
        // Threads of their own: where the pool's are all busy, concurrentPerform would run the writer to its end first.
        let readers = 2
        let ended = DispatchSemaphore(value: 0)
        for _ in 0..<readers {
            Thread.detachNewThread {
                defer { ended.signal() }
                while !finished.load(ordering: .acquiring) {
                    do {
                        let seen = try store.snapshot(collection: "words/fi", checkpoint: "mini")
                        let version = seen.collection.rows - 10
                        let file = try store.vectors(seen.layers[0])
                        var row = [Float](repeating: 0, count: 24)
                        try file.decode(rows: 9..<10, into: &row)
                        let text = try store.texts(list: seen.collection.list).entry(at: 9).text
                        if text != "v\(version)-9" || file.rows != seen.collection.rows
                            || row != Array(expected[version][9 * 24..<10 * 24])
                        {
                            problems.withLock { $0.append("version \(version): '\(text)', \(file.rows) rows") }
                        }
                        reads.add(1, ordering: .relaxed)
                    } catch let error as StoreError where error.exitStatus == .tryAgain {
                        continue
                    } catch { problems.withLock { $0.append("\(error)") } }
                }
            }
        }
        // On a busy machine a thread may take long to start: nothing is published before somebody reads.
        while reads.load(ordering: .relaxed) == 0, problems.withLock({ $0.isEmpty }) { usleep(1000) }
        do {
            for version in 1..<versions {
                try fixture.publish(texts(version), layers: [0], codec: .fp32, seed: UInt64(100 + version))
                if version % 5 == 0 { _ = try store.collectGarbage(dryRun: false) }
            }
        } catch { problems.withLock { $0.append("\(error)") } }
        finished.store(true, ordering: .releasing)
        for _ in 0..<readers { ended.wait() }
        #expect(problems.withLock { $0 } == [])
        #expect(reads.load(ordering: .relaxed) > 0)
        #expect(try store.collection("words/fi", checkpoint: "mini")?.rows == 10 + versions - 1)
    }
}
