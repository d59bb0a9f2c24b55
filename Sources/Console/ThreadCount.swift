import ArgumentParser
import Foundation

/// `--threads`, which every program has: what was asked for, or one per processor.
package enum ThreadCount {
    package static var processors: Int { max(1, ProcessInfo.processInfo.activeProcessorCount) }

    package static func of(_ asked: Int?) -> Int { asked ?? processors }

    /// - Throws: `ValidationError` for a number no machine has.
    package static func check(_ asked: Int?) throws {
        guard let asked, !(1...1024).contains(asked) else { return }
        throw ValidationError("--threads must be 1 to 1024, not \(asked)")
    }
}
