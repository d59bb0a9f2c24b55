import Console

/// What a night says while it goes on, on standard error.
struct NightlyLog {
    enum Level: Int, Comparable {
        case info, warning, error
        static func < (a: Level, b: Level) -> Bool { a.rawValue < b.rawValue }
    }

    /// Nothing below it is said.
    let least: Level

    func write(_ level: Level, step: String? = nil, _ text: String) {
        guard level >= least else { return }
        MessageStream.standardError.say("indexer: \(step.map { "\($0): " } ?? "")\(text)")
    }
}
