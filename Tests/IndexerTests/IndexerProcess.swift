import Foundation
import Testing

/// A run of the built `indexer` program.
final class IndexerProcess {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String

        /// The one JSON document on standard output.
        var json: [String: Any] {
            get throws {
                try #require(try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any])
            }
        }
    }

    private let process = Process()
    private let outputPath: String
    private let errorPath: String

    /// The program is built beside the test bundle.
    private static var executable: String {
        get throws {
            let beside = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent().path + "/indexer"
            try #require(
                FileManager.default.isExecutableFile(atPath: beside), "\(beside) is not built; run 'swift build' first")
            return beside
        }
    }

    /// - Parameters:
    ///   - fileBlocks: limit of file sizes in units of 1,024 bytes (`ulimit -f`); nil for none.
    ///   - shell: a line for bash that starts the program in surroundings of its own; "$@" is the program and its arguments.
    init(
        _ arguments: [String], input: String? = nil, fileBlocks: Int? = nil, shell: String? = nil, in folder: TemporaryFolder
    ) throws {
        let name = UUID().uuidString
        outputPath = folder.path + "/\(name).out"
        errorPath = folder.path + "/\(name).err"
        for path in [outputPath, errorPath] { try Data().write(to: URL(fileURLWithPath: path)) }
        if let shell = shell ?? fileBlocks.map({ "ulimit -f \($0) && exec \"$@\"" }) {
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", shell, "bash", try Self.executable] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: try Self.executable)
            process.arguments = arguments
        }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
        if let input {
            let path = folder.path + "/\(name).in"
            try input.write(toFile: path, atomically: false, encoding: .utf8)
            process.standardInput = FileHandle(forReadingAtPath: path)
        } else {
            process.standardInput = FileHandle.nullDevice
        }
        try process.run()
    }

    static func run(
        _ arguments: [String], input: String? = nil, fileBlocks: Int? = nil, shell: String? = nil, in folder: TemporaryFolder
    ) throws -> Outcome {
        try IndexerProcess(arguments, input: input, fileBlocks: fileBlocks, shell: shell, in: folder).wait()
    }

    var isRunning: Bool { process.isRunning }

    func signal(_ number: Int32) { kill(process.processIdentifier, number) }

    func wait() throws -> Outcome {
        process.waitUntilExit()
        return Outcome(
            status: process.terminationStatus, output: try String(contentsOfFile: outputPath, encoding: .utf8),
            errors: try String(contentsOfFile: errorPath, encoding: .utf8))
    }
}
