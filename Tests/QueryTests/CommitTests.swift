import Foundation
import TestSupport
import Testing

/// `tools/package` writes the commit into finished programs; `--version` says it.
@Suite struct CommitTests {
    @Test func aCommitWrittenIntoAProgramIsSaid() throws {
        let folder = try TemporaryFolder(), program = folder.path + "/query"
        let text = try folder.write(
            "commit", "0123456789ab and changes".padding(toLength: 64, withPad: "\0", startingAt: 0))
        _ = try Self.run(
            "/usr/bin/objcopy",
            ["--update-section", "polylex_commit=\(text)", try ProgramProcess.path(of: "query"), program])
        let lines = try Self.run(program, ["--version"]).split(separator: "\n")
        #expect(lines.count > 2 && lines[0].hasPrefix("Polylex ") && lines[1] == "commit: 0123456789ab and changes")
        #expect(try !Self.run(try ProgramProcess.path(of: "query"), ["--version"]).contains("commit"))
    }

    private static func run(_ path: String, _ arguments: [String]) throws -> String {
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: path)
        process.arguments = arguments
        process.standardOutput = output
        try process.run()
        let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
        return text
    }
}
