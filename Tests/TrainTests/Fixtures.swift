import Foundation

/// A folder that lives as long as a test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "train-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    @discardableResult
    func write(_ name: String, _ text: String) throws -> String {
        let file = "\(path)/\(name)"
        try FileManager.default.createDirectory(
            atPath: URL(fileURLWithPath: file).deletingLastPathComponent().path, withIntermediateDirectories: true)
        try Data(text.utf8).write(to: URL(fileURLWithPath: file))
        return file
    }

    func read(_ name: String) throws -> String { try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8) }
    func holds(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }
    var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }
}

/// The folder of real data that stands beside the project for its developers and its CI (never for users).
enum SharedData {
    /// `POLYLEX_SHARED`, else `../shared` beside the package; nil where neither is a folder.
    static let root: String? = {
        let beside = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let path = ProcessInfo.processInfo.environment["POLYLEX_SHARED"] ?? "/\(beside)/shared"
        return FileManager.default.isReadableFile(atPath: "\(path)/data/README.md") ? path : nil
    }()

    static let isPresent = root != nil
    static let absence = "needs the shared data folder beside the project (or POLYLEX_SHARED)"

    static func path(_ relative: String) -> String { "\(root ?? "../shared")/data/\(relative)" }
}

/// Runs the built `train` program as a user would.
struct Command {
    let status: Int32
    let output: String
    let messages: String

    init(_ arguments: [String]) throws {
        // The test bundle and the programs lie in one folder.
        let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let candidates = [bundle, Bundle.main.executablePath ?? bundle].map {
            URL(fileURLWithPath: $0).deletingLastPathComponent().appendingPathComponent("train")
        }
        let process = Process()
        process.executableURL =
            candidates.first { FileManager.default.isExecutableFile(atPath: $0.path) } ?? candidates[0]
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        let folder = try TemporaryFolder()
        var handles: [FileHandle] = []
        for name in ["output", "messages"] {
            try folder.write(name, "")
            handles.append(try FileHandle(forWritingTo: URL(fileURLWithPath: "\(folder.path)/\(name)")))
        }
        process.standardOutput = handles[0]
        process.standardError = handles[1]
        try process.run()
        process.waitUntilExit()
        status = process.terminationStatus
        output = try folder.read("output")
        messages = try folder.read("messages")
    }

    /// Standard output as one JSON object.
    var object: [String: Any] {
        get throws {
            guard let object = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [String: Any] else {
                throw CocoaError(.propertyListReadCorrupt)
            }
            return object
        }
    }
}
