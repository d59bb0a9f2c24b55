import Foundation
import TestSupport
import Testing

/// The help texts are part of the command contract: a change to them is a change users see.
@Suite struct HelpTests {
    private static let commands = [
        "translate", "explain", "induce", "bli", "xlsim", "tatoeba", "merge", "errors", "compare", "hubs",
        "results", "leaderboard", "report", "serve",
    ]

    @Test func helpIsAsCommitted() throws {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent(
            "Fixtures/help.txt")
        let expected = try String(contentsOf: path, encoding: .utf8)
        var found = ""
        for command in [""] + Self.commands {
            let arguments = (command.isEmpty ? [] : [command]) + ["--help"]
            // ArgumentParser wraps help at this width.
            let help = try QueryProcess.run(arguments, environment: ["COLUMNS": "100"])
            #expect(help.status == 0 && help.messages.isEmpty)
            found += "$ query \(arguments.joined(separator: " "))\n\(help.output)\n"
        }
        // To take over a change that is meant: write `found` to the file and read the difference.
        #expect(found == expected)
    }

    @Test func everyCommandShowsAnExample() throws {
        for command in Self.commands {
            #expect(try QueryProcess.run([command, "--help"]).output.contains("Example: query \(command)"))
        }
    }
}
