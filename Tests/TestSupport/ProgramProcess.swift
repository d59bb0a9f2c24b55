import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// A run of one of the built programs, as a user would start it; it can be stopped and killed.
package class ProgramProcess {
    /// What a run that has ended left.
    package struct Outcome {
        package let status: Int32
        /// Standard output.
        package let output: String
        /// Standard error.
        package let errors: String

        package var messages: String { errors }

        /// Standard output as one JSON object.
        package var object: [String: Any] { get throws { try Self.object(output) } }

        /// Standard output as JSON Lines.
        package var rows: [[String: Any]] {
            get throws { try output.split(separator: "\n").map { try Self.object(String($0)) } }
        }

        private static func object(_ text: String) throws -> [String: Any] {
            guard let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
                throw TestSupportError(description: "expected a JSON object, found \(text.prefix(200))")
            }
            return object
        }
    }

    private let process = Process()
    /// Standard input, output and error, as files: a pipe nobody empties would hold the program up.
    private let folder: TemporaryFolder

    /// What a shell starts in the background ignores SIGINT, and so would what it starts: tests that send it would wait
    /// for ever.
    private static let interruptsArrive: Void = {
        var action = sigaction()
        if sigaction(SIGINT, nil, &action) == 0, unsafeBitCast(action.__sigaction_handler, to: Int.self) == 1 {
            Glibc.signal(SIGINT, SIG_DFL)
        }
    }()

    /// Which of the programs this is.
    package class var program: String {
        preconditionFailure("a program is chosen by TrainProcess, IndexerProcess, QueryProcess")
    }

    /// Starts the program.
    /// - Parameters:
    ///   - environment: what is set, or with nil unset, for the run. `POLYLEX_STORE` is never inherited.
    ///   - input: standard input; nothing when left out.
    ///   - fileBlocks: limit of file sizes in units of 1,024 bytes (`ulimit -f`).
    ///   - shell: a line for bash that starts the program; "$@" is the program and its arguments.
    ///   - asNobody: run without any privilege (uid 65534), to meet files that cannot be written.
    /// - Throws: `TestSupportError` when it is not built.
    package required init(
        _ arguments: [String], environment: [String: String?] = [:], input: String? = nil, fileBlocks: Int? = nil,
        shell: String? = nil, asNobody: Bool = false
    ) throws {
        ProgramProcess.interruptsArrive
        var command = [try Self.path(of: Self.program)] + arguments
        if let shell = shell ?? fileBlocks.map({ "ulimit -f \($0) && exec \"$@\"" }) {
            command = ["/bin/bash", "-c", shell, "bash"] + command
        }
        if asNobody {
            command = ["/usr/bin/setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] + command
        }
        process.executableURL = URL(fileURLWithPath: command[0])
        process.arguments = Array(command.dropFirst())
        var variables = ProcessInfo.processInfo.environment
        variables["POLYLEX_STORE"] = nil
        for (name, value) in environment { variables[name] = value }
        process.environment = variables
        folder = try TemporaryFolder()
        process.standardOutput = FileHandle(forWritingAtPath: try folder.write("output", ""))
        process.standardError = FileHandle(forWritingAtPath: try folder.write("errors", ""))
        process.standardInput =
            try input.map { FileHandle(forReadingAtPath: try folder.write("input", $0)) as Any }
            ?? FileHandle.nullDevice
        try process.run()
    }

    /// A run from its start to its end.
    package static func run(
        _ arguments: [String], environment: [String: String?] = [:], input: String? = nil, fileBlocks: Int? = nil,
        shell: String? = nil, asNobody: Bool = false
    ) throws -> Outcome {
        try Self(
            arguments, environment: environment, input: input, fileBlocks: fileBlocks, shell: shell, asNobody: asNobody
        ).wait()
    }

    package var isRunning: Bool { process.isRunning }

    /// What the process has mapped, as /proc tells it.
    package var maps: String? {
        try? String(contentsOfFile: "/proc/\(process.processIdentifier)/maps", encoding: .utf8)
    }

    /// What it has written to standard output so far.
    package var outputSoFar: String { (try? folder.read("output")) ?? "" }

    /// What it has written to standard error so far.
    package var errorsSoFar: String { (try? folder.read("errors")) ?? "" }

    package func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    package func wait() throws -> Outcome {
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try folder.read("output"), errors: try folder.read("errors"))
    }

    /// Where a program was built: beside the test bundle, or where the bundle is a folder, beside that.
    package static func path(of program: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for path in [own, CommandLine.arguments[0]] {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            for place in [folder, folder.deletingLastPathComponent()] {
                let found = place.appendingPathComponent(program).path
                if FileManager.default.isExecutableFile(atPath: found) { return found }
            }
        }
        throw TestSupportError(description: "\(program) is not built; run 'swift build' first")
    }
}

package final class TrainProcess: ProgramProcess {
    package override class var program: String { "train" }
}

package final class IndexerProcess: ProgramProcess {
    package override class var program: String { "indexer" }
}

package final class QueryProcess: ProgramProcess {
    package override class var program: String { "query" }
}

/// What keeps a test from being run at all.
package struct TestSupportError: Error, CustomStringConvertible {
    package let description: String
    package init(description: String) { self.description = description }
}
