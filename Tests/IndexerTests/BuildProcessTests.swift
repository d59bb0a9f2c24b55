import Foundation
import Store
import TestSupport
import Testing

@testable import Indexer

/// The program as users run it, with a real (tiny) checkpoint: kills, signals, rivals, readers, full disks.
@Suite(.serialized) struct BuildProcessTests {
    private let folder: TemporaryFolder
    private let checkpoint: String
    private let arguments: [String]

    /// Three vocabularies that share words, and a sentence set.
    init() throws {
        folder = try TemporaryFolder()
        checkpoint = folder.path + "/model"
        try TinyCheckpoint().write(to: checkpoint)
        for (language, start) in [("de", 0), ("en", 300), ("fi", 600)] {
            let words = (start..<(start + 900)).map { "word\(String($0, radix: 7))" }
            _ = try folder.write("words/\(language).txt", words.joined(separator: "\n") + "\n")
        }
        for (language, prefix) in [("fra", "mot"), ("eng", "word")] {
            let lines = (0..<120).map { "\(prefix)\($0) \(prefix)\($0 * 7)" }
            _ = try folder.write("sentences/tatoeba.fra-eng.\(language)", lines.joined(separator: "\n") + "\n")
        }
        arguments = [
            "--checkpoint", "tiny=\(checkpoint)", "--vocabularies", folder.path + "/words",
            "--sentences", folder.path + "/sentences", "--chunk-sequences", "32", "--batch-tokens", "64",
        ]
    }

    private func build(_ store: String, _ more: [String] = []) -> [String] {
        ["build", "--store", "\(folder.path)/\(store)"] + arguments + more
    }

    private func layerFiles(_ store: String) -> [String: Data] {
        TemporaryFolder.files(in: "\(folder.path)/\(store)", ending: ".faiss")
    }

    /// 50 kills, half at random instants, half when vectors are on the disk, several on each store before it is left to
    /// finish; the bytes are an undisturbed build's.
    @Test func killedBuildsEndAsUndisturbedOnes() throws {
        let began = Date()
        let undisturbed = try IndexerProcess.run(build("undisturbed"))
        let usualSeconds = Date().timeIntervalSince(began)
        #expect(undisturbed.status == 0, "\(undisturbed.errors)")
        let expected = layerFiles("undisturbed")
        #expect(expected.count == 5 * 3)

        var random = SeededGenerator(state: 20)
        var kills = 0
        var resumed = 0
        var store = 0
        while kills < 50 {
            store += 1
            let name = "killed\(store)"
            var finished = false
            for _ in 0..<5 where !finished && kills < 50 {
                let spooled = Self.spoolBytes("\(folder.path)/\(name)")
                let process = try IndexerProcess(build(name))
                if kills.isMultiple(of: 2) {
                    // Where there is something to go on with, however slow or fast the machine is meanwhile.
                    while process.isRunning, Self.spoolBytes("\(folder.path)/\(name)") <= spooled { usleep(500) }
                } else {
                    Thread.sleep(forTimeInterval: Double.random(in: 0...(usualSeconds * 0.9), using: &random))
                }
                if process.isRunning {
                    process.signal(SIGKILL)
                    kills += 1
                }
                let outcome = try process.wait()
                finished = outcome.status == 0
                if outcome.errors.contains("going on with interrupted work") { resumed += 1 }
            }
            let last = try IndexerProcess.run(build(name))
            #expect(last.status == 0, "\(last.errors)")
            if last.errors.contains("going on with interrupted work") { resumed += 1 }
            #expect(layerFiles(name).filter { !$0.key.contains(".partial") } == expected, "store \(store)")
            let verify = try IndexerProcess.run(["verify", "--store", "\(folder.path)/\(name)", "--json"])
            #expect(verify.status == 0, "\(verify.output)")
            // What kills left behind is garbage at most, and gc takes it.
            let sweep = try IndexerProcess.run(["gc", "--store", "\(folder.path)/\(name)"])
            #expect(sweep.status == 0, "\(sweep.errors)")
            #expect(layerFiles(name) == expected)
            #expect(!FileManager.default.fileExists(atPath: "\(folder.path)/\(name)/work"))
            try FileManager.default.removeItem(atPath: "\(folder.path)/\(name)")
        }
        // Otherwise the kills did not hit the encoding and the test tests nothing.
        #expect(resumed > 5, "\(resumed) resumed of \(kills) kills")
    }

    @Test func aSignalStopsCleanlyAndTheNextRunGoesOn() throws {
        // Large enough that encoding takes longer than noticing that it has begun.
        try TinyCheckpoint(layerCount: 8, hiddenSize: 128, intermediateSize: 512).write(to: checkpoint)
        let expected = try IndexerProcess.run(build("undisturbed", ["--json"]))
        let total = try Self.sequences(expected)
        for (number, signal) in [SIGTERM, SIGINT].enumerated() {
            let name = "stopped\(number)"
            let process = try IndexerProcess(build(name, ["--threads", "1"]))
            while process.isRunning, !Self.hasSpool("\(folder.path)/\(name)") { usleep(1000) }
            process.signal(signal)
            let outcome = try process.wait()
            #expect(outcome.status == 75, "\(outcome.errors)")
            #expect(
                outcome.errors.contains("indexer: stopped; finished work is kept, run the same command again to go on"))
            let rest = try IndexerProcess.run(build(name, ["--json"]))
            #expect(rest.status == 0, "\(rest.errors)")
            #expect(try Self.sequences(rest) < total)
            #expect(layerFiles(name) == layerFiles("undisturbed"))
        }
    }

    private static func sequences(_ outcome: IndexerProcess.Outcome) throws -> Int {
        let checkpoints = try #require(try outcome.object["checkpoints"] as? [[String: Any]])
        return try #require(checkpoints.first?["sequences"] as? Int)
    }

    private static func hasSpool(_ store: String) -> Bool { spoolBytes(store) > 0 }

    private static func spoolBytes(_ store: String) -> Int {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: store + "/work")) ?? []
        return names.filter { $0.hasSuffix(".spool") }.reduce(0) { sum, name in
            var status = stat()
            return sum + (stat("\(store)/work/\(name)", &status) == 0 ? Int(status.st_size) : 0)
        }
    }

    @Test func theSecondBuilderWaitsOrSaysWhoHoldsTheStore() throws {
        let store = try Store.open(folder.path + "/shared", mode: .write)
        let lock = try store.lockForBuilding(wait: false) { _ in }
        let refused = try IndexerProcess.run(build("shared", ["--no-wait"]))
        #expect(refused.status == 75)
        #expect(
            refused.errors.contains("another builder is at work: process \(ProcessInfo.processInfo.processIdentifier) ")
        )
        let waiting = try IndexerProcess(build("shared"))
        // However long a busy machine takes to get there.
        while waiting.isRunning, !waiting.errorsSoFar.contains("waiting for another build to finish") {
            Thread.sleep(forTimeInterval: 0.02)
        }
        #expect(waiting.isRunning)
        lock.release()
        let done = try waiting.wait()
        #expect(done.status == 0, "\(done.errors)")
        #expect(done.errors.contains("waiting for another build to finish"))
    }

    @Test func twoBuildsAtOnceMakeOneStore() throws {
        let first = try IndexerProcess(build("both"))
        let second = try IndexerProcess(build("both"))
        let outcomes = [try first.wait(), try second.wait()]
        #expect(outcomes.map(\.status) == [0, 0])
        #expect(outcomes.filter { $0.errors.contains("everything is up to date") }.count == 1)
        #expect(layerFiles("both").count == 15)
        #expect(try Store.open(folder.path + "/both", mode: .read).verify().isEmpty)
    }

    /// Rebuilds a store again and again with other vocabularies while reading it: every state seen is whole.
    @Test func aReaderDuringABuildSeesWholeStates() throws {
        #expect(try IndexerProcess.run(build("read")).status == 0)
        var seen = Set<Int>()
        for round in 1...3 {
            let words = (0..<(900 - round * 100)).map { "word\(String($0 + round, radix: 7))" }
            _ = try folder.write("words/fi.txt", words.joined(separator: "\n") + "\n")
            let process = try IndexerProcess(build("read"))
            while true {
                let running = process.isRunning
                let store = try Store.open(folder.path + "/read", mode: .read)
                let snapshot = try store.snapshot(collection: "words/fi", checkpoint: "tiny")
                let texts = try store.texts(list: snapshot.collection.list)
                #expect(snapshot.layers.map(\.layer) == [0, 1, 2])
                #expect(snapshot.layers.map(\.rows) == Array(repeating: snapshot.collection.rows, count: 3))
                #expect(texts.count == snapshot.collection.rows)
                for layer in snapshot.layers { #expect(try store.vectors(layer).rows == snapshot.collection.rows) }
                seen.insert(snapshot.collection.rows)
                if !running { break }
            }
            #expect(try process.wait().status == 0)
        }
        #expect(seen == [900, 800, 700, 600])
    }

    /// Every file is limited to a size in turn, from nothing to enough: the message names the file and the store
    /// survives.
    @Test func aFullDiskIsSaidAndNothingIsLost() throws {
        let expected = try IndexerProcess.run(build("undisturbed"))
        #expect(expected.status == 0)
        var failures = 0
        for blocks in [8, 24, 34, 60, 120, 200] {
            let outcome = try IndexerProcess.run(build("full"), fileBlocks: blocks)
            if outcome.status == 0 { continue }
            failures += 1
            #expect(outcome.status == 74, "\(outcome.errors)")
            #expect(outcome.errors.contains("\(folder.path)/full"), "\(outcome.errors)")
            let verify = try IndexerProcess.run(["verify", "--store", "\(folder.path)/full"])
            #expect(verify.status == 0 || verify.status == 66, "\(verify.output)\(verify.errors)")
        }
        #expect(failures >= 3)
        #expect(try IndexerProcess.run(build("full")).status == 0)
        #expect(layerFiles("full") == layerFiles("undisturbed"))
    }

    @Test func aReadOnlyStoreIsLeftAlone() throws {
        #expect(try IndexerProcess.run(build("locked")).status == 0)
        let store = folder.path + "/locked"
        let before = TemporaryFolder.files(in: store, ending: "")
        // For root permissions mean nothing; a file in the store's place is the same for everybody.
        if geteuid() != 0 {
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: store)
            try FileManager.default.setAttributes([.posixPermissions: 0o555], ofItemAtPath: store + "/catalog.lmdb")
            defer { try? FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: store) }
            let outcome = try IndexerProcess.run(build("locked", ["--top", "10"]))
            #expect(outcome.status == 74, "\(outcome.errors)")
            #expect(outcome.errors.contains(store))
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: store + "/catalog.lmdb")
        }
        #expect(TemporaryFolder.files(in: store, ending: "").count == before.count)
        let file = try folder.write("file", "no folder")
        let outcome = try IndexerProcess.run(["build", "--store", file + "/store"] + arguments)
        #expect([66, 74].contains(outcome.status), "\(outcome.errors)")
        #expect(outcome.errors.contains(file))
    }

    @Test func badWeightsAndInputsLeaveTheStoreAsItWas() throws {
        #expect(try IndexerProcess.run(build("sound")).status == 0)
        let before = layerFiles("sound")
        var poisoned = TinyCheckpoint()
        poisoned.poisoned = true
        try poisoned.write(to: folder.path + "/nan")
        _ = try folder.write("bad/empty.txt", "")
        let invalid = folder.path + "/bad/invalid.txt"
        try Data([0x61, 0x0A, 0xFF, 0xFE, 0x0A]).write(to: URL(fileURLWithPath: invalid))
        _ = try folder.write("bad/huge.vec", "99999999999999999999 300\na 1 2\n")
        let store = ["build", "--store", folder.path + "/sound"]
        let words = ["--vocabularies", folder.path + "/words"]
        let tiny = ["--checkpoint", "tiny=\(checkpoint)"]
        let cases: [(arguments: [String], status: Int32, says: String)] = [
            (["--checkpoint", "tiny=\(folder.path)/nan"] + words, 65, "encoder.layer.1.output.dense.weight"),
            (["--checkpoint", "tiny=\(folder.path)/none"] + words, 66, "/none"),
            (tiny + ["--vocabulary", "xx=\(folder.path)/bad/empty.txt"], 65, "empty.txt"),
            (tiny + ["--vocabulary", "xx=\(invalid)"], 65, "invalid.txt: line 2"),
            (tiny + ["--vocabulary", "xx=\(folder.path)/bad/huge.vec"], 65, "huge.vec"),
            (tiny + ["--vocabulary", "xx=\(folder.path)/bad/none.txt"], 66, "none.txt"),
            (tiny + words + ["--vocabulary", "fi=\(folder.path)/words/de.txt"], 64, "'fi' is given twice"),
            (tiny + tiny + words, 64, "'tiny' is given twice"),
            (tiny + words + ["--layers", "0,7"], 64, "layers 0 to 2, found 7"),
            (tiny + words + ["--layers", "x"], 64, "--layers"),
            (["--checkpoint", "a/b=\(checkpoint)"] + words, 64, "a/b"),
            (tiny, 64, "Nothing to encode"),
        ]
        for (arguments, status, says) in cases {
            let outcome = try IndexerProcess.run(store + arguments)
            #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
            #expect(outcome.errors.contains(says), "\(arguments): \(outcome.errors)")
            #expect(outcome.output.isEmpty)
        }
        #expect(layerFiles("sound") == before)
        #expect(try Store.open(folder.path + "/sound", mode: .read).verify().isEmpty)
    }
}
