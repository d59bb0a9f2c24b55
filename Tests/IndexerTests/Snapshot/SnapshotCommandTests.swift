import Foundation
import Synchronization
import TestSupport
import Testing

@testable import Indexer
@testable import Store

@Suite struct SnapshotCommandTests {
    private func snapshot(_ fixture: QueryFixture, _ name: String, _ more: [String] = []) throws
        -> IndexerProcess.Outcome
    {
        try IndexerProcess.run(
            ["snapshot", "--store", fixture.storeFolder, "--out", "\(fixture.folder)/\(name)", "--json"] + more)
    }

    private func entries(_ folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    private func expectSound(_ folder: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let outcome = try IndexerProcess.run(["verify", "--store", folder])
        #expect(outcome.status == 0, "\(outcome.output)", sourceLocation: sourceLocation)
        #expect(outcome.output.hasSuffix("\(folder): sound\n"), sourceLocation: sourceLocation)
    }

    private func links(_ folder: String) throws -> [Int] {
        try TemporaryFolder.files(in: folder + "/data", ending: ".faiss").keys.sorted().map { name in
            var status = stat()
            try #require(stat("\(folder)/data/\(name)", &status) == 0)
            return Int(status.st_nlink)
        }
    }

    @Test func theSameStoreUnderAnotherName() throws {
        let fixture = try QueryFixture.words()
        let linked = try snapshot(fixture, "deep/linked")
        #expect(linked.status == 0, "\(linked.errors)")
        let object = try linked.object
        #expect(object["checkpoints"] as? Int == 1 && object["collections"] as? Int == 2)
        #expect(object["linked"] as? Int == 4 && object["copied"] as? Int == 0)
        let folder = fixture.folder + "/deep/linked"
        #expect(try links(folder) == [2, 2, 2, 2])
        #expect(entries(folder + "/catalog.lmdb") == ["data.mdb"])
        #expect(entries(fixture.folder + "/deep") == ["linked"])
        try expectSame(fixture.storeFolder, folder)
        try expectSound(folder)

        let copied = try snapshot(fixture, "copied", ["--copy"])
        #expect(try copied.object["copied"] as? Int == 4 && copied.object["linked"] as? Int == 0)
        #expect(try links(fixture.folder + "/copied") == [1, 1, 1, 1])
        try expectSame(fixture.storeFolder, fixture.folder + "/copied")
        try expectSound(fixture.folder + "/copied")
    }

    private func expectSame(_ one: String, _ other: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
        #expect(
            try StoreComparison.records(one) == StoreComparison.records(other), sourceLocation: sourceLocation)
        let files = TemporaryFolder.files(in: one + "/data", ending: "")
        #expect(files == TemporaryFolder.files(in: other + "/data", ending: ""), sourceLocation: sourceLocation)
        #expect(files.count == 4, sourceLocation: sourceLocation)
    }

    /// What happens to the store later does not happen to the snapshot, nor the other way round.
    @Test func laterChangesStayApart() throws {
        let fixture = try QueryFixture.words()
        #expect(try snapshot(fixture, "then").status == 0)
        let then = fixture.folder + "/then"
        let records = try StoreComparison.records(then)
        try fixture.publishWords(QueryFixture.checkpoint(version: 2, hiddenSize: 4))
        _ = try fixture.store.collectGarbage(dryRun: false)
        #expect(try StoreComparison.records(then) == records)
        try expectSound(then)
        let now = try StoreComparison.records(fixture.storeFolder)
        let removed = try IndexerProcess.run(["remove", "--store", then, "--checkpoint", "mini"])
        #expect(removed.status == 0, "\(removed.errors)")
        #expect(try StoreComparison.records(fixture.storeFolder) == now)
        try expectSound(fixture.storeFolder)
    }

    private final class Publishing: Sendable {
        let isOver = Atomic<Bool>(false)
        let hasEnded = Atomic<Bool>(false)
        let rounds = Atomic<Int>(0)
    }

    /// Builders publish and `gc` removes all the time: every snapshot is one state, whole.
    @Test func whileOthersPublish() throws {
        let fixture = try QueryFixture.words()
        let publishing = Publishing()
        nonisolated(unsafe) let shared = fixture
        Thread.detachNewThread {
            var version: UInt64 = 1
            while !publishing.isOver.load(ordering: .acquiring) {
                version += 1
                try? shared.publishWords(QueryFixture.checkpoint(version: version, hiddenSize: 4))
                _ = try? shared.store.collectGarbage(dryRun: false)
                publishing.rounds.add(1, ordering: .relaxed)
            }
            publishing.hasEnded.store(true, ordering: .releasing)
        }
        defer {
            publishing.isOver.store(true, ordering: .releasing)
            while !publishing.hasEnded.load(ordering: .acquiring) { usleep(1_000) }
        }
        var made = 0
        for number in 0..<8 {
            let outcome = try snapshot(fixture, "\(number)")
            // Five states in a row may be overtaken where nothing else is done; then it says so and nothing is left.
            if outcome.status == 75 {
                #expect(!FileManager.default.fileExists(atPath: "\(fixture.folder)/\(number)"))
                continue
            }
            #expect(outcome.status == 0, "\(outcome.errors)")
            made += 1
            try expectSound("\(fixture.folder)/\(number)")
        }
        #expect(made > 0 && publishing.rounds.load(ordering: .relaxed) > 1)
        #expect(entries(fixture.folder).allSatisfy { !$0.hasPrefix(".") })
    }

    @Test func refusals() throws {
        let fixture = try QueryFixture.words()
        _ = try fixture.file("there/notes", "mine")
        let taken = try snapshot(fixture, "there")
        #expect(taken.status == 64 && taken.errors.contains("/there: is there already"))
        #expect(entries(fixture.folder + "/there") == ["notes"])
        let missing = try IndexerProcess.run(
            ["snapshot", "--store", fixture.folder + "/nowhere", "--out", fixture.folder + "/out"])
        #expect(missing.status == 66)
        #expect(!FileManager.default.fileExists(atPath: fixture.folder + "/out"))
        #expect(!FileManager.default.fileExists(atPath: fixture.folder + "/nowhere"))
        // A layer file that is lost is said to be lost.
        let file = try #require(
            TemporaryFolder.files(in: fixture.storeFolder + "/data", ending: ".faiss").keys.sorted().first)
        try FileManager.default.removeItem(atPath: "\(fixture.storeFolder)/data/\(file)")
        let lost = try snapshot(fixture, "lost")
        #expect(lost.status == 66 && lost.errors.contains(file), "\(lost.errors)")
        #expect(!FileManager.default.fileExists(atPath: fixture.folder + "/lost"))
    }

    /// What a killed process has left goes; what a living one is at stays.
    @Test func leftoversGo() throws {
        let fixture = try QueryFixture.words()
        let host = WorkLock.Holder.own.host
        _ = try fixture.file("s/.one.\(host).999999999/data/half", "")
        _ = try fixture.file("s/.one.\(host).\(getpid())/data/half", "")
        _ = try fixture.file("s/.one.elsewhere.999999999/data/half", "")
        #expect(try snapshot(fixture, "s/one").status == 0)
        #expect(
            entries(fixture.folder + "/s")
                == [".one.elsewhere.999999999", ".one.\(host).\(getpid())", "one"].sorted())
    }
}
