import Diagnostics
import Foundation
import Testing

@testable import Indexer

@Suite struct ChildProcessTests {
    /// - Parameter stopAfter: a line of standard error after which it is asked to stop.
    private func run(
        _ script: String, input: String? = nil, limit: Double = .infinity, stopAfter: String? = nil
    ) throws -> (status: Int32, output: String, lines: [String]) {
        var lines: [String] = []
        let child = ChildProcess(words: ["/bin/sh", "-c", script], input: input, limitSeconds: limit)
        let outcome = try child.run(shouldStop: { stopAfter.map { lines.contains($0) } ?? false }) { lines.append($0) }
        return (outcome.status, String(decoding: outcome.output, as: UTF8.self), lines)
    }

    @Test func outputStatusAndLinesAreKept() throws {
        let outcome = try run("printf 'one\\ntwo\\nthree' >&2; cat; exit 7", input: "summary\n")
        #expect(outcome == (7, "summary\n", ["one", "two", "three"]))
        // More than a pipe holds, on both.
        let much = try run("seq 50000; seq 50000 >&2")
        #expect(much.lines.count == 50_000 && much.lines.last == "50000")
        #expect(much.output.hasSuffix("49999\n50000\n"))
    }

    @Test func asOthersWouldStartIt() throws {
        // Standard input ends at once; a closed pipe is not ignored because this program ignores it.
        signal(SIGPIPE, SIG_IGN)
        let line = try run("cat; grep SigIgn /proc/self/status").output
        let ignored = try #require(UInt64(line.split { $0.isWhitespace }.last ?? "", radix: 16), "\(line)")
        #expect(ignored >> UInt64(SIGPIPE - 1) & 1 == 0)
        #expect(try run("kill -KILL $$").status == 137)
        #expect(throws: SystemFault.self) {
            try ChildProcess(words: ["/nonexistent/program"]).run(shouldStop: { false }) { _ in }
        }
    }

    @Test func aStopIsPassedOnOnce() throws {
        let outcome = try run(
            "trap 'echo asked; n=$((n + 1))' TERM; echo ready >&2; while [ ${n:-0} = 0 ]; do sleep 0.05; done; "
                + "sleep 1; exit $((74 + n))", stopAfter: "ready")
        #expect(outcome.output == "asked\n" && outcome.status == 75)
    }

    @Test func whatItLeavesBehindIsNotWaitedFor() throws {
        let began = Date()
        #expect(try run("sleep 120 & echo $!").status == 0)
        #expect(Date().timeIntervalSince(began) < 100)
    }

    @Test func whoDoesNotEndIsKilled() throws {
        #expect(try run("trap '' TERM; kill -STOP $$", limit: 0.2).status == 137)
    }
}
