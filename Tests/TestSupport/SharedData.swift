import Foundation

/// The folder of real data that stands beside the project for its developers and its CI (never for users).
///
/// Tests that use it are enabled only where it is, say so, and stand beside tests of the same thing on fixtures of
/// their own.
package enum SharedData {
    /// `POLYLEX_SHARED`, else `../shared` beside the package; nil where neither is such a folder.
    package static let root: String? = {
        let beside = "/" + #filePath.split(separator: "/").dropLast(4).joined(separator: "/") + "/shared"
        let path = ProcessInfo.processInfo.environment["POLYLEX_SHARED"] ?? beside
        return FileManager.default.isReadableFile(atPath: "\(path)/data/README.md") ? path : nil
    }()

    package static let isPresent = root != nil
    package static let absence = "needs the shared data folder beside the project (or POLYLEX_SHARED)"

    package static func path(_ relative: String) -> String { "\(root ?? "../shared")/data/\(relative)" }
}
