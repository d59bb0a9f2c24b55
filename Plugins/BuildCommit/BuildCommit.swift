import Foundation
import PackagePlugin

/// Writes the commit that a program is built from into the sources of `Console`, for `--version`.
///
/// A command and no constant of the manifest: SwiftPM keeps what a manifest once found out of Git. It runs again when
/// HEAD moves or a source changes, and leaves its file alone where it would write the same.
@main struct BuildCommit: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: Target) throws -> [Command] {
        let root = context.package.directoryURL
        let output = context.pluginWorkDirectoryURL.appending(path: "BuildCommit.swift")
        let script = root.appending(path: "tools/write-commit")
        return [
            .buildCommand(
                displayName: "Naming the commit", executable: script,
                arguments: [root.path, output.path],
                inputFiles: [script, root.appending(path: "Package.swift")] + Self.movesOfHead(root)
                    + Self.files(root.appending(path: "Sources")),
                outputFiles: [output])
        ]
    }

    /// What Git appends to when HEAD moves; nothing where `root` is no checkout.
    private static func movesOfHead(_ root: URL) -> [URL] {
        var git = root.appending(path: ".git")
        // In a worktree of a repository it is a file that says where its folder lies.
        if let text = try? String(contentsOf: git, encoding: .utf8), text.hasPrefix("gitdir: ") {
            let path = text.dropFirst("gitdir: ".count).trimmingCharacters(in: .whitespacesAndNewlines)
            git = URL(filePath: path, relativeTo: root)
        }
        let log = git.appending(path: "logs/HEAD")
        return FileManager.default.fileExists(atPath: log.path) ? [log] : []
    }

    private static func files(_ folder: URL) -> [URL] {
        let found = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: [.isRegularFileKey])
        return (found?.compactMap { $0 as? URL } ?? [])
            .filter { (try? $0.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile) == true }
            .sorted { $0.path < $1.path }
    }
}
