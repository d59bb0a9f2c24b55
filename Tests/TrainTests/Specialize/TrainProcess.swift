import Foundation
import Testing

/// A run of the built `train` program that can be stopped and killed.
final class TrainProcess {
    struct Outcome {
        let status: Int32
        let output: String
        let errors: String
    }

    private let process = Process()
    private let outputPath: String
    private let errorPath: String

    /// The program is built beside the test bundle.
    static var executable: String {
        get throws {
            let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
            let candidates = [bundle, CommandLine.arguments[0]].map {
                URL(fileURLWithPath: $0).deletingLastPathComponent().path + "/train"
            }
            return try #require(
                candidates.first { FileManager.default.isExecutableFile(atPath: $0) },
                "\(candidates) are not built; run 'swift build' first")
        }
    }

    /// - Parameter fileBlocks: limit of file sizes in units of 1,024 bytes (`ulimit -f`); nil for none.
    init(_ arguments: [String], fileBlocks: Int? = nil, in folder: TemporaryFolder) throws {
        let name = UUID().uuidString
        outputPath = try folder.write("\(name).out", "")
        errorPath = try folder.write("\(name).err", "")
        if let fileBlocks {
            process.executableURL = URL(fileURLWithPath: "/bin/bash")
            process.arguments = ["-c", "ulimit -f \(fileBlocks) && exec \"$0\" \"$@\"", try Self.executable] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: try Self.executable)
            process.arguments = arguments
        }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: outputPath))
        process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errorPath))
        process.standardInput = FileHandle.nullDevice
        try process.run()
    }

    static func run(_ arguments: [String], fileBlocks: Int? = nil, in folder: TemporaryFolder) throws -> Outcome {
        try TrainProcess(arguments, fileBlocks: fileBlocks, in: folder).wait()
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
