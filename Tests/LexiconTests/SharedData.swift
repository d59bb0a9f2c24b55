#if canImport(Glibc)
import Glibc
#endif

/// The folder of real data that stands beside the project for its developers and its CI (never for users).
///
/// Tests that use it are enabled only where it is, say so, and stand beside tests of the same thing on their own
/// fixtures.
enum SharedData {
    /// `POLYLEX_SHARED`, else `../shared` beside the package; nil where neither is a folder.
    static let root: String? = {
        let beside = #filePath.split(separator: "/").dropLast(4).joined(separator: "/")
        let path = getenv("POLYLEX_SHARED").map { String(cString: $0) } ?? "/\(beside)/shared"
        return access("\(path)/data/README.md", R_OK) == 0 ? path : nil
    }()

    static let isPresent = root != nil
    static let absence = "needs the shared data folder beside the project (or POLYLEX_SHARED)"

    static func path(_ relative: String) -> String { "\(root ?? "../shared")/data/\(relative)" }
}
