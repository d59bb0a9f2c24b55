import Foundation
import TestSupport
import Testing

/// What a person at a terminal sees, and what a pipe gets.
@Suite struct TerminalTests {
    /// Standard output and error are a terminal of 80 columns (util-linux's `script`).
    private func atTerminal(
        _ arguments: [String], environment: [String: String?] = [:]
    ) throws -> ProgramProcess.Outcome {
        let line = #"printf -v command '%q ' "$@"; exec script -qec "stty cols 80; $command" /dev/null"#
        return try QueryProcess.run(
            arguments, environment: ["TERM": "xterm", "NO_COLOR": nil].merging(environment) { $1 }, shell: line)
    }

    @Test func errorsAreRedOnATerminalAlone() throws {
        let wrong = ["leaderboard", "--store", "/nowhere"]
        let seen = try atTerminal(wrong)
        #expect(seen.status == 66 && seen.output.contains("\u{1B}[31mquery: /nowhere"), "\(seen.output)")
        #expect(try !atTerminal(wrong, environment: ["NO_COLOR": "1"]).output.contains("[31m"))
        #expect(try !atTerminal(wrong + ["--color", "never"]).output.contains("[31m"))
        #expect(try !QueryProcess.run(wrong, environment: ["TERM": "xterm"]).errors.contains("\u{1B}"))
        #expect(try QueryProcess.run(wrong + ["--color=always"]).errors.contains("\u{1B}[31m"))
        let mistyped = try atTerminal(["leaderboard", "--stor", "x"])
        #expect(mistyped.status == 64 && mistyped.output.contains("\u{1B}[31mError: "), "\(mistyped.output)")
    }

    @Test func tablesFitAndTheBestLayerIsBold() throws {
        let fixture = try QueryFixture.words()
        try fixture.file("d/en-fi.test.tsv", "dog\tkoira\ncat\tkissa\nhouse\ttalo\nblue\tsininen\n")
        try fixture.file("d/fi-en.test.tsv", "koira\tdog\nkissa\tcat\n")
        let bli = ["bli", "--dictionaries", fixture.folder + "/d", "--store", fixture.storeFolder, "--quiet"]
        let file = try QueryProcess.run(bli + ["--details"])
        let wide = file.output.split(separator: "\n").filter { $0.hasPrefix("pair  ") }.map(\.count).max() ?? 0
        #expect(file.status == 0 && wide > 80, "\(file.errors)")
        let seen = try atTerminal(bli + ["--details"])
        let rows = seen.output.replacingOccurrences(of: "\r", with: "").split(separator: "\n").map {
            $0.replacing(/\u{1B}\[[0-9]*m/, with: "")
        }
        let table = rows.drop { !$0.hasPrefix("pair") }.prefix { !$0.hasPrefix("mean over") }
        #expect(!table.isEmpty && table.allSatisfy { $0.count <= 80 }, "\(seen.output)")
        #expect(table.filter { $0.hasPrefix("pair") }.count > 1)
        let best = seen.output.split(whereSeparator: \.isNewline).filter { $0.contains("◀") }
        #expect(!best.isEmpty && best.allSatisfy { $0.hasPrefix("\u{1B}[1m") }, "\(seen.output)")
    }

    @Test func mistypedCommandsAndOptionsAreGuessed() throws {
        for (words, guess) in [
            (["translat", "dog", "--to", "fi"], "Did you mean 'query translate'?"),
            (["translate", "dog", "--ot", "fi"], "Did you mean '--to'?"),
            (["bli", "--dictionary", "x"], "Did you mean '--dictionaries'?"),
            (["report", "--oot", "x"], "Did you mean '--out'?"),
        ] {
            let outcome = try QueryProcess.run(words)
            #expect(outcome.status == 64 && outcome.output.isEmpty)
            #expect(outcome.errors.contains(guess), "\(outcome.errors)")
        }
        #expect(try IndexerProcess.run(["biuld"]).errors.contains("Did you mean 'indexer build'?"))
        #expect(try TrainProcess.run(["specialise"]).errors.contains("Did you mean 'train specialize'?"))
    }
}
