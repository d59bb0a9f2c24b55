import Console
import Foundation
import Store
import Synchronization
import TestSupport
import Testing

@testable import Indexer

/// Builds of vectors of two dimensions that are stopped and killed: neither group's unfinished work is lost or taken
/// for the other's, and the bytes are an undisturbed build's.
@Suite(.serialized) struct DenseInterruptionTests {
    private let folder: TemporaryFolder
    private var model: String { folder.path + "/model" }

    init() throws {
        folder = try TemporaryFolder()
        for (language, start) in [("en", 0), ("fi", 30)] {
            let words = (start..<(start + 60)).map { "word\($0)" }
            _ = try folder.write("words/\(language).txt", words.joined(separator: "\n") + "\n")
        }
        for (language, prefix) in [("fra", "mot"), ("eng", "word")] {
            let lines = (0..<50).map { "\(prefix)\($0) \(prefix)\($0 * 7)" }
            _ = try folder.write("sentences/tatoeba.fra-eng.\(language)", lines.joined(separator: "\n") + "\n")
        }
    }

    private func layerFiles(_ store: String) -> [String: Data] {
        TemporaryFolder.files(in: "\(folder.path)/\(store)", ending: ".faiss")
    }

    private func build(_ store: String, shouldStop: @escaping @Sendable () -> Bool) throws -> BuildReport.Checkpoint {
        let store = try Store.open("\(folder.path)/\(store)", mode: .write)
        let inputs = try InputSelection.parse([
            "--vocabularies", folder.path + "/words", "--sentences", folder.path + "/sentences",
        ]).read(threads: 1) { _ in }
        let options = try EncodingOptions.parse([])
        let settings = BuildSettings(
            options: options, crew: .init(threads: 1, chunkSequences: 7, batchTokens: 60), quiet: true)
        return try CheckpointBuild(
            store: store,
            model: EncodingModel(name: "tiny", folder: model, options: options, kinds: [.words, .sentences]),
            inputs: inputs, settings: settings, shouldStop: shouldStop
        ).run()
    }

    /// Whether there are vectors of each dimension that no layer file has yet, and whether words are published.
    private func unfinished(_ store: String) throws -> (groups: Int, spools: Int) {
        let leftovers = try WorkFolder.leftovers(store: Store.open("\(folder.path)/\(store)", mode: .read).root)
        return (
            leftovers.count,
            leftovers.count { leftover in
                TemporaryFolder.files(in: leftover.path, ending: ".spool").values.contains { !$0.isEmpty }
            }
        )
    }

    /// Stops after ever more batches.
    @Test func stoppedBuildsGoOnInBothDimensions() throws {
        try TinyCheckpoint().write(to: model)
        try DenseFixture(16, 12).writeModules(to: model)
        let undisturbed = try build("undisturbed") { false }
        #expect(undisturbed.sequences == 90 + 100)
        let expected = layerFiles("undisturbed")
        #expect(expected.count == 4 * 3)
        var inWords = 0, inSentences = 0, stops = 0
        for polls in stride(from: 1, to: 2_000, by: 3) {
            let asked = Atomic<Int>(0), name = "stopped\(polls)"
            do {
                _ = try build(name) { asked.wrappingAdd(1, ordering: .relaxed).oldValue >= polls }
                break
            } catch let error as ConsoleError {
                #expect(error.exitStatus == .tryAgain)
            }
            stops += 1
            let (groups, spools) = try unfinished(name)
            // Words come first, and their folder goes when they are published.
            if groups == 2, spools == 1 { inWords += 1 }
            if groups == 1, spools == 1 { inSentences += 1 }
            let rest = try build(name) { false }
            #expect(spools == 0 || rest.sequences < undisturbed.sequences, "stopped after \(polls) polls")
            #expect(layerFiles(name) == expected, "stopped after \(polls) polls")
            #expect(try unfinished(name).groups == 0, "stopped after \(polls) polls")
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        }
        #expect(inWords > 2 && inSentences > 2, "\(inWords) and \(inSentences) of \(stops)")
    }

    /// Killed when words are on the disk and when sentences are; a build that wants one kind alone leaves the other's
    /// work.
    @Test func killedBuildsGoOnInBothDimensions() throws {
        // Large enough that a kill meets the encoding.
        try TinyCheckpoint(layerCount: 8, hiddenSize: 128, intermediateSize: 512).write(to: model)
        try DenseFixture(128, 40).writeModules(to: model)
        let words = ["--vocabularies", folder.path + "/words"],
            all = words + ["--sentences", folder.path + "/sentences"]
        func arguments(_ store: String, _ inputs: [String]) -> [String] {
            [
                "build", "--store", "\(folder.path)/\(store)", "--checkpoint", "tiny=\(model)", "--threads", "1",
                "--chunk-sequences", "8", "--batch-tokens", "64",
            ] + inputs
        }
        let undisturbed = try IndexerProcess.run(arguments("undisturbed", all))
        #expect(undisturbed.status == 0, "\(undisturbed.errors)")
        let killed = folder.path + "/killed"
        func spoolBytes() -> Int {
            let names = (try? FileManager.default.subpathsOfDirectory(atPath: killed + "/work")) ?? []
            return names.filter { $0.hasSuffix(".spool") }.reduce(0) {
                let size = try? FileManager.default.attributesOfItem(atPath: "\(killed)/work/\($1)")[.size] as? Int
                return $0 + (size ?? 0)
            }
        }
        func isKilled(when isTime: () -> Bool) throws -> Bool {
            let process = try IndexerProcess(arguments("killed", all))
            while process.isRunning, !isTime() { usleep(500) }
            process.signal(SIGKILL)
            return try process.wait().status == SIGKILL
        }
        // A fast machine may be done before it is looked at; then once more from the start.
        var isMet = false
        for _ in 0..<30 where !isMet {
            try? FileManager.default.removeItem(atPath: killed)
            guard try isKilled(when: { spoolBytes() > 0 }),
                layerFiles("killed").keys.allSatisfy({ $0.contains("partial") })
            else { continue }
            // The words' folder is gone, and there are vectors of sentences.
            isMet = try isKilled {
                let folders = (try? FileManager.default.contentsOfDirectory(atPath: killed + "/work")) ?? []
                return folders.count == 1 && spoolBytes() > 0 && !layerFiles("killed").isEmpty
            }
        }
        try #require(isMet)
        // The words are whole, and what there is of sentences is not the words' to remove.
        let before = spoolBytes()
        let rest = try IndexerProcess.run(arguments("killed", words))
        #expect(rest.status == 0, "\(rest.errors)")
        #expect(try unfinished("killed").spools == 1)
        #expect(spoolBytes() > 0 && spoolBytes() <= before)
        let last = try IndexerProcess.run(arguments("killed", all))
        // The kill may have met the first record half written: then that is said, and nothing else is there.
        #expect(last.status == 0 && last.errors.contains("interrupted work"), "\(last.errors)")
        #expect(try IndexerProcess.run(["gc", "--store", killed]).status == 0)
        #expect(layerFiles("killed") == layerFiles("undisturbed"))
        #expect(try unfinished("killed").groups == 0)
        #expect(try IndexerProcess.run(["verify", "--store", killed]).status == 0)
    }
}
