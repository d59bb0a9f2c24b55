import Foundation
import TestSupport
import Testing

/// Surroundings in which a program must say what is wrong, or do without: closed descriptors, few descriptors, few
/// threads, little memory, signals before it has begun.
@Suite struct SurroundingsTests {
    private let folder: TemporaryFolder
    private let arguments: [String]

    init() throws {
        folder = try TemporaryFolder()
        try TinyCheckpoint().write(to: folder.path + "/model")
        for language in ["de", "en"] {
            let words = (0..<400).map { "\(language)\(String($0, radix: 7))" }
            _ = try folder.write("words/\(language).txt", words.joined(separator: "\n") + "\n")
        }
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: folder.path)
        arguments = [
            "--checkpoint", "tiny=\(folder.path)/model", "--vocabularies", folder.path + "/words", "--chunk-sequences",
            "32",
        ]
    }

    private func build(_ store: String, _ more: [String] = []) -> [String] {
        ["build", "--store", "\(folder.path)/\(store)"] + arguments + more
    }

    private func requireSound(_ store: String, _ place: String) throws {
        let outcome = try IndexerProcess.run(["verify", "--store", "\(folder.path)/\(store)"])
        #expect(outcome.status == 0, "\(place): \(outcome.output)\(outcome.errors)")
    }

    /// The first files that are opened would take the numbers of the closed ones, and be written messages into.
    @Test(arguments: [">&-", "2>&-", ">&- 2>&-", "<&- >&- 2>&-", "<&-"]) func closedStandardDescriptors(closed: String)
        throws
    {
        let shell = "exec \"$@\" \(closed)"
        for round in ["a new store", "a store with everything in it"] {
            let outcome = try IndexerProcess.run(build("store"), shell: shell)
            #expect(outcome.status == 0, "\(closed), \(round): \(outcome.errors)")
            try requireSound("store", "\(closed), \(round)")
        }
        let list = try IndexerProcess.run(["list", "--store", "\(folder.path)/store"], shell: shell)
        #expect(list.status == 0, "\(list.errors)")
    }

    @Test func fewDescriptors() throws {
        #expect(try IndexerProcess.run(build("store")).status == 0)
        for limit in [3, 5, 7, 8, 16, 63] {
            let outcome = try IndexerProcess.run(
                build("store", ["--layers", "0"]), shell: "ulimit -n \(limit); exec \"$@\"")
            #expect(outcome.status == 74 || (limit == 3 && outcome.status == 127), "\(limit): \(outcome.status)")
            if limit > 3 {
                #expect(outcome.errors.contains("no more than \(limit) files may be open"), "\(outcome.errors)")
            }
            try requireSound("store", "\(limit) descriptors")
        }
        // A low limit that may be raised is raised.
        for shell in ["ulimit -n 64; exec \"$@\"", "ulimit -S -n 5; exec \"$@\""] {
            #expect(try IndexerProcess.run(build("other"), shell: shell).status == 0, "\(shell)")
        }
    }

    /// The user has no other process, so the limit is that of the program's own threads.
    @Test(.enabled(if: geteuid() == 0 && access("/usr/bin/setpriv", X_OK) == 0)) func threadsThatCannotStart() throws {
        let usual = try IndexerProcess.run(build("usual"))
        #expect(usual.status == 0, "\(usual.errors)")
        let expected = TemporaryFolder.files(in: folder.path + "/usual", ending: ".faiss")
        for threads in 1...4 {
            let outcome = try IndexerProcess.run(
                build("threads\(threads)", ["--threads", "4"]),
                shell: "ulimit -u \(threads); exec timeout -k 5 120 "
                    + "setpriv --reuid=65531 --regid=65531 --clear-groups \"$@\"")
            #expect(outcome.status == 0, "\(threads) threads: \(outcome.status) \(outcome.errors)")
            #expect(TemporaryFolder.files(in: folder.path + "/threads\(threads)", ending: ".faiss") == expected)
            #expect(outcome.errors.contains("fewer threads than asked for") || threads > 3, "\(outcome.errors)")
        }
    }

    /// From the first own instruction on; the moment before, in which the system loads the libraries, is not the
    /// program's.
    @Test func aSignalBeforeAnythingHasBegun() throws {
        for (number, signal) in [SIGTERM, SIGINT, SIGTERM].enumerated() {
            // A FIFO for a vocabulary folder's only file would be refused; standard input may wait for ever.
            let fifo = folder.path + "/waits\(number)"
            #expect(mkfifo(fifo, 0o600) == 0)
            let process = try IndexerProcess(
                ["tokenize", "--checkpoint", folder.path + "/model"], shell: "exec \"$@\" <> \(fifo)")
            // Long enough for the slowest start; a signal that comes earlier only makes the test weaker.
            Thread.sleep(forTimeInterval: 1)
            process.signal(signal)
            let outcome = try process.wait()
            #expect(
                outcome.status == 75 && outcome.errors.contains("indexer: stopped"),
                "\(outcome.status) \(outcome.errors)")
        }
    }

    /// Weights that are cut short while they are mapped: the system ends a program by SIGBUS, without a word.
    @Test func aMappedFileThatIsCutShort() throws {
        let weights = folder.path + "/model/model.safetensors"
        let fifo = folder.path + "/lines"
        #expect(mkfifo(fifo, 0o600) == 0)
        let process = try IndexerProcess(
            ["encode", "--checkpoint", folder.path + "/model", "--out", folder.path + "/out.npy", "--quiet"],
            shell: "exec \"$@\" < \(fifo)")
        let lines = try #require(FileHandle(forWritingAtPath: fifo))
        // It waits for lines with its weights mapped.
        var waited = 0
        while process.maps?.contains(weights) != true, waited < 6_000 {
            usleep(10_000)
            waited += 1
        }
        usleep(300_000)
        #expect(truncate(weights, 0) == 0)
        try lines.write(contentsOf: Data("word1 word2\n".utf8))
        try lines.close()
        let outcome = try process.wait()
        #expect(outcome.status == 74, "\(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains("model.safetensors: cannot read: the file was cut short"), "\(outcome.errors)")
        #expect(outcome.errors.split(separator: "\n").count == 1, "\(outcome.errors)")
    }
}
