import Foundation
import TestSupport
import Testing

/// `--version` says the commit that a program was built from (Plugins/BuildCommit, tools/write-commit).
@Suite struct CommitTests {
    private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().appending(path: "tools/write-commit").path

    @Test func theCommitIsWrittenWithWhatDiffersFromIt() throws {
        let folder = try TemporaryFolder(), output = folder.path + "/BuildCommit.swift"
        let checkout = folder.path + "/checkout"
        try FileManager.default.createDirectory(atPath: checkout, withIntermediateDirectories: true)
        func written() throws -> String {
            _ = try Self.run(Self.script, [checkout, output])
            let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
            return try #require(lines.count == 3 ? lines[1].split(separator: "=").last : nil)
                .trimmingCharacters(in: .whitespaces)
        }
        func git(_ arguments: String...) throws -> String {
            let said = ["-C", checkout, "-c", "user.name=a", "-c", "user.email=a@example.org"]
            return try Self.run("/usr/bin/git", said + arguments).trimmingCharacters(in: .whitespacesAndNewlines)
        }

        #expect(try written() == "nil")
        _ = try folder.write("checkout/Sources/a.swift", "one")
        _ = try folder.write("checkout/notes.md", "one")
        _ = try git("init", "--quiet")
        // A repository without a commit.
        #expect(try written() == "nil")
        _ = try git("add", ".")
        _ = try git("commit", "--quiet", "--message", "first")
        let commit = try git("rev-parse", "--short=12", "HEAD")
        #expect(try written() == "\"\(commit)\"")
        let date = try FileManager.default.attributesOfItem(atPath: output)[.modificationDate] as? Date
        _ = try folder.write("checkout/notes.md", "two")
        #expect(try written() == "\"\(commit)\"")
        #expect(try FileManager.default.attributesOfItem(atPath: output)[.modificationDate] as? Date == date)
        _ = try folder.write("checkout/Sources/a.swift", "two")
        #expect(try written() == "\"\(commit) and changes\"")
        _ = try git("checkout", "--quiet", "Sources")
        _ = try folder.write("checkout/Sources/new.swift", "new")
        #expect(try written() == "\"\(commit) and changes\"")
        // A folder that merely lies in somebody's repository.
        _ = try Self.run(Self.script, [checkout + "/Sources", output])
        #expect(try String(contentsOfFile: output, encoding: .utf8).contains("= nil"))
    }

    @Test func thisProgramSaysItsCommit() throws {
        let lines = try Self.run(try ProgramProcess.path(of: "query"), ["--version"]).split(separator: "\n")
        let root = URL(filePath: Self.script).deletingLastPathComponent().deletingLastPathComponent().path
        let head = try Self.output("/usr/bin/git", ["-C", root, "rev-parse", "--verify", "--short=12", "HEAD"])
        try #require(lines.count > 2 && lines[0].hasPrefix("Polylex "))
        if let head, !head.isEmpty {
            // Built before the last commit when it is another one: build again.
            #expect(lines[1].hasPrefix("commit: " + head.trimmingCharacters(in: .whitespacesAndNewlines)))
        } else {
            #expect(!lines.contains { $0.hasPrefix("commit:") })
        }
    }

    private static func run(_ path: String, _ arguments: [String]) throws -> String {
        try #require(try output(path, arguments))
    }

    /// What the program prints; nil when it fails.
    private static func output(_ path: String, _ arguments: [String]) throws -> String? {
        let process = Process(), output = Pipe()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        return process.terminationStatus == 0 ? text : nil
    }
}
