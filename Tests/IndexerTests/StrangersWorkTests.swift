import Console
import Files
import Foundation
import Lexicon
import Store
import Synchronization
import TestSupport
import Testing

@testable import Indexer

/// Unfinished work that comes with a store from somebody else.
@Suite struct StrangersWorkTests {
    private let folder: TemporaryFolder
    private let store: Store
    private let input: CollectionInput
    private let work: String
    private var victim: String { folder.path + "/victim" }

    /// A store with the spool of a build that was stopped.
    init() throws {
        folder = try TemporaryFolder()
        store = try Store.open(folder.path + "/store", mode: .write)
        let words = (0..<60).map { "word\($0)" }
        input = try CollectionInput(
            VocabularyReader.read(
                path: folder.write("words/en.txt", words.joined(separator: "\n")), language: "en", top: nil),
            top: nil)
        let asked = Atomic<Int>(0)
        let settings = Self.settings
        let (store, input) = (self.store, self.input)
        #expect(throws: ConsoleError.self) {
            try CheckpointBuild(
                store: store, model: FakeModel().model(), inputs: [input], settings: settings,
                shouldStop: { asked.wrappingAdd(1, ordering: .relaxed).oldValue >= 5 }
            ).run()
        }
        work = try #require(try WorkFolder.leftovers(store: store.root).first).path
        try Data("precious".utf8).write(to: URL(fileURLWithPath: folder.path + "/victim"))
    }

    private static var settings: BuildSettings {
        BuildSettings(
            layers: .all, codec: .fp32, crew: .init(threads: 1, chunkSequences: 7, batchTokens: 20), quiet: true)
    }

    private func build() throws {
        _ = try CheckpointBuild(
            store: store, model: FakeModel().model(), inputs: [input], settings: Self.settings, shouldStop: { false }
        ).run()
    }

    private func expectVictimUntouched() {
        #expect(FileManager.default.contents(atPath: victim) == Data("precious".utf8))
    }

    @Test(arguments: ["spool-000099.spool", "work.json"]) func linksAreNotWrittenThrough(name: String) throws {
        try? FileManager.default.removeItem(atPath: "\(work)/\(name)")
        try FileManager.default.createSymbolicLink(atPath: "\(work)/\(name)", withDestinationPath: victim)
        if name == "work.json" {
            // Nobody's note: it is written anew, the link goes.
            try build()
        } else {
            #expect(throws: FileError.link(path: "\(work)/\(name)")) { try build() }
        }
        expectVictimUntouched()
    }

    @Test func aLinkForAWorkFolderIsNotEntered() throws {
        try FileManager.default.removeItem(atPath: work)
        try FileManager.default.createDirectory(atPath: folder.path + "/private", withIntermediateDirectories: true)
        try FileManager.default.moveItem(atPath: victim, toPath: folder.path + "/private/spool-000001.spool")
        try FileManager.default.createSymbolicLink(atPath: work, withDestinationPath: folder.path + "/private")
        #expect(throws: FileError.link(path: work)) { try build() }
        #expect(
            FileManager.default.contents(atPath: folder.path + "/private/spool-000001.spool") == Data("precious".utf8))
    }

    @Test func pipesAndFoldersInPlaceOfSpoolsAreRefusedAtOnce() throws {
        #expect(mkfifo(work + "/spool-000099.spool", 0o600) == 0)
        #expect(throws: FileError.self) { try build() }
        unlink(work + "/spool-000099.spool")
        #expect(mkdir(work + "/spool-000099.spool", 0o700) == 0)
        #expect(throws: FileError.self) { try build() }
    }

    /// Numbers no build comes to are no spools; the highest one that is leaves room for the next.
    @Test func spoolNumbersNearTheEndOfIntegersAreNoSpools() throws {
        for number in ["9223372036854775807", "99999999999999999999", "", "+00001"] {
            try Data().write(to: URL(fileURLWithPath: "\(work)/spool-\(number).spool"))
        }
        try build()
        #expect(try WorkFolder.leftovers(store: store.root).isEmpty)
        #expect(try store.verify().filter { $0.severity == .damage } == [])
    }
}
