import Foundation

/// A run of the Python that interop tests compare with: `POLYLEX_PYTHON`, which `tools/test` sets.
package enum PythonProcess {
    package struct Outcome {
        package let status: Int32
        /// Standard output, and standard error where it was asked for.
        package let output: String
    }

    /// - Parameter withErrors: whether standard error is part of the output; else it is the tests'.
    /// - Throws: `TestSupportError` without an interpreter, so that a test fails instead of passing by.
    package static func run(_ arguments: [String], withErrors: Bool = false) throws -> Outcome {
        guard let interpreter = ProcessInfo.processInfo.environment["POLYLEX_PYTHON"] else {
            throw TestSupportError(
                description:
                    "POLYLEX_PYTHON is not set: this test compares with Python's libraries; run tools/test, which sets "
                    + "up both"
            )
        }
        let process = Process(), output = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [interpreter] + arguments
        process.standardOutput = output
        if withErrors { process.standardError = output }
        try process.run()
        let bytes = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return Outcome(status: process.terminationStatus, output: String(decoding: bytes, as: UTF8.self))
    }
}
