import Foundation

/// A folder that goes when the object does.
package final class TemporaryFolder: Sendable {
    package let path: String

    /// - Parameter inMemory: where the system has such a place; for tests that write thousands of small files.
    package init(inMemory: Bool = false) throws {
        let memory = "/dev/shm/"
        let parent = inMemory && FileManager.default.isWritableFile(atPath: memory) ? memory : NSTemporaryDirectory()
        path = parent + "polylex-test-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// A fresh folder for those who have no place to keep an object: it goes when the process ends.
    package static func ofProcess() throws -> String {
        let path = "\(processFolder.path)/\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        return path
    }

    /// Globals have no deinit; a process that is killed leaves its folder.
    private static let processFolder: TemporaryFolder = {
        atexit { try? FileManager.default.removeItem(atPath: TemporaryFolder.processFolder.path) }
        do { return try TemporaryFolder() } catch { fatalError("no temporary folder: \(error)") }
    }()

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file, in folders that are made when they are missing; a name ending in `.gz` does not compress by
    /// itself.
    /// - Returns: its path.
    @discardableResult
    package func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = URL(fileURLWithPath: "\(path)/\(name)")
        try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    @discardableResult
    package func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

    package func read(_ name: String) throws -> String {
        try String(contentsOfFile: "\(path)/\(name)", encoding: .utf8)
    }

    package func holds(_ name: String) -> Bool { FileManager.default.fileExists(atPath: "\(path)/\(name)") }

    package var names: [String] { get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() } }

    /// Contents of every file below a folder whose name ends so, by path relative to it.
    package static func files(in folder: String, ending suffix: String) -> [String: Data] {
        var result: [String: Data] = [:]
        guard let walk = FileManager.default.enumerator(atPath: folder) else { return result }
        for case let name as String in walk where name.hasSuffix(suffix) {
            result[name] = FileManager.default.contents(atPath: folder + "/" + name)
        }
        return result
    }
}
