import Console
import Logging

/// What a night says while it goes on, on standard error: swift-log's levels, and which step says it.
struct NightlyLog {
    private let logger: Logger

    /// - Parameters:
    ///   - least: nothing below it is said.
    ///   - write: takes each line, without its end.
    init(
        _ format: LogFormat, least: Logger.Level, clock: @escaping @Sendable () -> Double = { wallSeconds() },
        write: (@Sendable (String) -> Void)? = nil
    ) {
        logger = Logger(label: "indexer.nightly") { _ in
            TimedLogHandler(format: format, logLevel: least, clock: clock, write: write ?? format.writer)
        }
    }

    func write(_ level: Logger.Level, step: String? = nil, _ text: String) {
        logger.log(level: level, "\(text)", metadata: step.map { ["step": "\($0)"] })
    }
}
