import Diagnostics
import Fingerprinting
import Foundation
import Testing

@testable import Store

/// Full disks, foreign and read-only folders, locks, and what a killed builder leaves.
@Suite struct FaultTests {
    /// What a reader sees, to be compared before and after a fault.
    private func state(_ store: Store) throws -> [String] {
        try store.checkpoints().flatMap { checkpoint in
            try store.collections(checkpoint: checkpoint.name).flatMap { collection in
                let layers = try store.layers(checkpoint: checkpoint.name, collection: collection.collection)
                return ["\(collection.list) \(collection.rows)"] + layers.map { "\($0.file) \($0.checksum)" }
            }
        }
    }

    /// Open descriptors of this process whose file's path is wanted.
    private static func descriptors(_ isWanted: (String) -> Bool) -> [Int32] {
        (0..<1_024).filter { number in
            let path = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/\(number)")
            return path.map(isWanted) ?? false
        }
    }

    // MARK: Full disk

    /// The temporary file's descriptor leads to /dev/full, where every write ends as on a full disk.
    @Test(arguments: Codec.allCases) func aFullDiskWhileWritingALayer(codec: Codec) throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(20))
        let before = try state(fixture.store)
        let files = fixture.files()
        let name = StoreLayout.file(
            checkpoint: "mini", collection: "words/fi", layer: 1, fingerprint: Fingerprint(high: 77 << 20, low: 1))
        func writeToFullDisk() throws {
            let writer = try LayerFileWriter(name, in: fixture.store.root)
            let number = try #require(
                Self.descriptors { $0.hasSuffix(".\(getpid()).partial") && $0.hasPrefix(fixture.store.folder) }.first)
            let full = open("/dev/full", O_RDWR)
            defer { close(full) }
            dup2(full, number)
            let vectors = StoreFixture.vectors(rows: 20, dimension: 24, seed: 77), halves = StoreFixture.halves(vectors)
            func write(_ codes: UnsafeRawBufferPointer) throws {
                let rows = LayerRows(count: 20, dimension: 24, codec: codec, codes: codes)
                try FaissEncoding.write(codec: codec, rows, to: writer, path: name)
            }
            if codec == .fp16 { try halves.withUnsafeBytes(write) } else { try vectors.withUnsafeBytes(write) }
        }
        let fault = #expect(throws: SystemFault.self) { try writeToFullDisk() }
        #expect(fault?.exitStatus == .inputOutput)
        #expect(fault?.description.contains("disk is full") == true)
        #expect(fault?.path.hasSuffix(name) == true)
        #expect(fixture.files() == files)
        #expect(try state(fixture.store) == before)
        try fixture.writeLayer(1, codec: codec, rows: 20, seed: 77)
    }

    /// LMDB's own descriptors are led to /dev/full while it commits.
    @Test func aFullDiskWhilePublishing() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(20))
        let before = try state(fixture.store)
        let catalogue = fixture.store.folder + "/catalog.lmdb/data.mdb"
        let descriptors = Self.descriptors { $0 == catalogue }
        #expect(!descriptors.isEmpty)
        let saved = descriptors.map { dup($0) }
        let full = open("/dev/full", O_RDWR)
        for descriptor in descriptors { dup2(full, descriptor) }
        let failure = #expect(throws: SystemFault.self) { try fixture.publish(StoreFixture.words(3_000), seed: 2) }
        for (descriptor, original) in zip(descriptors, saved) {
            dup2(original, descriptor)
            close(original)
        }
        close(full)
        #expect(failure?.description.contains("disk is full") == true)
        #expect(failure?.exitStatus == .inputOutput)
        #expect(try state(fixture.store) == before)
        #expect(try fixture.store.verify().filter { $0.severity == .damage } == [])
        try fixture.publish(StoreFixture.words(3_000), seed: 2)
        #expect(try fixture.store.collection("words/fi", checkpoint: "mini")?.rows == 3_000)
    }

    /// LMDB says EIO for a write that a filling disk cut short; where nothing is free it is told as what it is.
    @Test func aWriteCutShortIsAFullDiskWhereNothingIsFree() {
        // The proc file system never has room.
        let full = lmdbFault(folder: "/proc", operation: "write", code: EIO)
        #expect((full as? SystemFault)?.code == ENOSPC)
        let other = lmdbFault(folder: NSTemporaryDirectory(), operation: "write", code: EIO)
        #expect((other as? StoreError)?.exitStatus == .inputOutput)
        #expect("\(other)".contains("quota"))
    }

    // MARK: Read-only

    /// Another user's store, readable and not writable. Run as root, the test becomes that other user for its thread.
    @Test func aStoreOfSomebodyElseCanBeReadAndNotWritten() throws {
        let fixture = try StoreFixture()
        let published = try fixture.publish(StoreFixture.words(20))
        let expected = try state(fixture.store)
        let copy = NSTemporaryDirectory() + "polylex-readonly-\(UUID().uuidString)"
        try FileManager.default.copyItem(atPath: fixture.folder, toPath: copy)
        defer {
            _ = try? Self.permit(copy, folders: 0o755, files: 0o644)
            try? FileManager.default.removeItem(atPath: copy)
        }
        try Self.permit(copy, folders: 0o555, files: 0o444)
        try asUnprivilegedUser {
            let store = try Store.open(copy, mode: .read)
            #expect(try self.state(store) == expected)
            #expect(try store.texts(list: published.list).row(of: "w7") == 7)
            let layer = try #require(try store.layers(checkpoint: "mini", collection: "words/fi").first)
            #expect(try store.vectors(layer).rows == 20)
            #expect(try store.verify() == [])
            #expect(throws: StoreError.self) { try store.put(results: []) }
            #expect(throws: StoreError.self) { try store.lockForBuilding(wait: false) { _ in } }
            let fault = #expect(throws: SystemFault.self) { try Store.open(copy, mode: .write) }
            #expect(fault?.exitStatus == .inputOutput)
            #expect(fault?.description.contains("ermission") == true, "\(String(describing: fault))")
        }
    }

    private static func permit(_ folder: String, folders: Int, files: Int) throws {
        let inside = FileManager.default.enumerator(atPath: folder)?.allObjects as? [String] ?? []
        for path in [folder] + inside.map({ "\(folder)/\($0)" }) {
            var isFolder: ObjCBool = false
            _ = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
            chmod(path, mode_t(isFolder.boolValue ? folders : files))
        }
    }

    /// Runs the body on a thread whose file system identity is not root's.
    private func asUnprivilegedUser(_ body: @escaping @Sendable () throws -> Void) throws {
        let outcome = Outcome()
        let thread = Thread {
            // Belongs to the calling thread alone; it takes root's power over permissions away.
            if geteuid() == 0 {
                _ = setFileSystemGroup(65_534)
                _ = setFileSystemUser(65_534)
            }
            do { try body() } catch { outcome.error = error }
            outcome.done.signal()
        }
        thread.start()
        outcome.done.wait()
        if let error = outcome.error { throw error }
    }

    private final class Outcome: @unchecked Sendable {
        var error: (any Error)?
        let done = DispatchSemaphore(value: 0)
    }

    // MARK: Locks

    @Test func theSecondBuilderIsToldWhoIsAtWork() throws {
        let fixture = try StoreFixture()
        let lock = try fixture.store.lockForBuilding(wait: false) { _ in }
        do {
            _ = try fixture.store.lockForBuilding(wait: false) { _ in }
            Issue.record("expected an error")
        } catch let error as StoreError {
            #expect(error.exitStatus == .tryAgain)
            #expect(error.description.contains("process \(getpid())"))
        }
        #expect(throws: StoreError.self) { try fixture.store.collectGarbage(dryRun: true) }
        #expect(throws: StoreError.self) { try fixture.store.remove(checkpoint: "mini", collection: nil) }
        lock.release()
        lock.release()
        try fixture.store.lockForBuilding(wait: false) { _ in }.release()
    }

    @Test func aWaitingBuilderGoesOnWhenTheFirstIsDone() throws {
        let fixture = try StoreFixture()
        let lock = try fixture.store.lockForBuilding(wait: false) { _ in }
        var told: [String] = []
        let second = try fixture.store.lockForBuilding(wait: true) {
            told.append($0)
            lock.release()
        }
        #expect(told.count == 1 && told[0].contains("process \(getpid())"))
        second.release()
    }

    // MARK: Killed builders

    @Test func whatAKilledBuilderLeavesIsNotTheStore() throws {
        let fixture = try StoreFixture()
        try fixture.publish(StoreFixture.words(20))
        let before = try state(fixture.store)
        let current = fixture.files()
        // Killed between writing a layer and publishing it, and in the middle of writing.
        let unpublished = try fixture.writeLayer(2, codec: .fp16, rows: 20, seed: 50)
        let folder = fixture.folder + "/data/mini/words/fi"
        try Data([1, 2, 3]).write(to: URL(fileURLWithPath: folder + "/.layer-01.0123456789ab.faiss.999.partial"))
        try Data([1]).write(to: URL(fileURLWithPath: folder + "/notes.txt"))
        let work = fixture.folder + "/work/run"
        try FileManager.default.createDirectory(atPath: work, withIntermediateDirectories: true)
        try Data([1]).write(to: URL(fileURLWithPath: work + "/spool"))

        let reopened = try Store.open(fixture.folder, mode: .write)
        #expect(try state(reopened) == before)
        let findings = try reopened.verify()
        #expect(findings.allSatisfy { $0.severity == .information })
        #expect(findings.count == 3)
        let usage = try reopened.usage()
        #expect(usage.garbageFiles == 2 && usage.garbageBytes == unpublished.bytes + 3 && usage.workBytes == 1)

        let planned = try reopened.collectGarbage(dryRun: true)
        #expect(
            planned.files.map(\.path).sorted()
                == [
                    "data/mini/words/fi/.layer-01.0123456789ab.faiss.999.partial", unpublished.file,
                ].sorted())
        #expect(fixture.files().count == current.count + 3)
        #expect(try reopened.collectGarbage(dryRun: false).files.count == 2)
        #expect(fixture.files() == (current + ["mini/words/fi/notes.txt"]).sorted())
        // Unfinished work is kept for the run that resumes it, and given up at last.
        #expect(FileManager.default.fileExists(atPath: work + "/spool"))
        #expect(try reopened.collectGarbage(dryRun: false, workAgeSeconds: -10).files.map(\.path) == ["work/run/spool"])
        #expect(!FileManager.default.fileExists(atPath: work))
        #expect(try state(reopened) == before)
    }

    /// A folder whose catalogue was begun and not finished is no store for readers, and builders finish it.
    @Test func aStoreKilledAtItsFirstMomentCanBeOpenedAgain() throws {
        let folder = NSTemporaryDirectory() + "polylex-first-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: folder) }
        #expect(throws: StoreError.self) { try Store.open(folder, mode: .read) }
        try FileManager.default.createDirectory(atPath: folder + "/catalog.lmdb", withIntermediateDirectories: true)
        #expect(throws: StoreError.self) { try Store.open(folder, mode: .read) }
        try Data().write(to: URL(fileURLWithPath: folder + "/catalog.lmdb/data.mdb"))
        let error = #expect(throws: StoreError.self) { try Store.open(folder, mode: .read) }
        #expect(error?.exitStatus == .missingInput)
        #expect(try Store.open(folder, mode: .write).checkpoints().isEmpty)
        #expect(try Store.open(folder, mode: .read).checkpoints().isEmpty)
    }
}

@_silgen_name("setfsuid") private func setFileSystemUser(_ user: UInt32) -> Int32
@_silgen_name("setfsgid") private func setFileSystemGroup(_ group: UInt32) -> Int32
