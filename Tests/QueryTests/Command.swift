import Foundation

/// Runs the built `query` program as a user would.
struct Command {
    let status: Int32
    let output: String
    let messages: String

    /// - Parameter asNobody: run without any privilege (uid 65534), to meet files that cannot be written.
    init(_ arguments: [String], environment: [String: String] = [:], asNobody: Bool = false) throws {
        let query = try Self.program("query")
        let process = Process()
        if asNobody {
            process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
            process.arguments = ["--reuid=65534", "--regid=65534", "--clear-groups", query] + arguments
        } else {
            process.executableURL = URL(fileURLWithPath: query)
            process.arguments = arguments
        }
        var variables = ProcessInfo.processInfo.environment
        variables["POLYLEX_STORE"] = nil
        // ArgumentParser wraps help at this width.
        variables["COLUMNS"] = "100"
        variables.merge(environment) { $1 }
        process.environment = variables
        process.standardInput = FileHandle.nullDevice
        let folder = NSTemporaryDirectory() + "polylex-command-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var handles: [FileHandle] = []
        for name in ["output", "messages"] {
            FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: nil)
            handles.append(try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder)/\(name)")))
        }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        output = try String(contentsOfFile: "\(folder)/output", encoding: .utf8)
        messages = try String(contentsOfFile: "\(folder)/messages", encoding: .utf8)
    }

    /// Path of a program built beside the test bundle.
    static func program(_ name: String) throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        for path in [own, CommandLine.arguments[0]] {
            let folder = URL(fileURLWithPath: path).deletingLastPathComponent()
            // A test bundle lies beside the programs, or in a folder of its own beside them.
            for place in [folder, folder.deletingLastPathComponent()] {
                let program = place.appendingPathComponent(name).path
                if FileManager.default.isExecutableFile(atPath: program) { return program }
            }
        }
        throw CocoaError(.fileNoSuchFile, userInfo: [NSFilePathErrorKey: name])
    }

    /// Standard output as JSON Lines.
    var rows: [[String: Any]] {
        get throws {
            try output.split(separator: "\n").map { line in
                let object = try JSONSerialization.jsonObject(with: Data(line.utf8))
                guard let row = object as? [String: Any] else {
                    throw CocoaError(.propertyListReadCorrupt)
                }
                return row
            }
        }
    }
}
