import ArgumentParser
import Console
import Files
import Glibc
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

/// `--log-format`
enum LogFormat: String, ExpressibleByArgument, CaseIterable, Sendable {
    /// "2026-11-27T03:15:04.250Z warning build mbert: …"
    case text
    /// An object a line: time, level, step (or null), message.
    case json

    /// To standard error. A line of text is cut and made fit for a terminal there; one of JSON must stay whole.
    var writer: @Sendable (String) -> Void {
        switch self {
        case .text: { MessageStream.standardError.say($0) }
        case .json:
            { line in
                try? Array((line + "\n").utf8).withUnsafeBytes {
                    try Transfer.write(STDERR_FILENO, $0, path: "standard error")
                }
            }
        }
    }
}

/// Writes log events with their time and level.
struct TimedLogHandler: LogHandler {
    let format: LogFormat
    var logLevel: Logger.Level
    var metadata: Logger.Metadata = [:]
    /// Seconds since 1970.
    let clock: @Sendable () -> Double
    let write: @Sendable (String) -> Void

    init(
        format: LogFormat, logLevel: Logger.Level, clock: @escaping @Sendable () -> Double,
        write: @escaping @Sendable (String) -> Void
    ) {
        self.format = format
        self.logLevel = logLevel
        self.clock = clock
        self.write = write
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let step = (event.metadata?["step"] ?? metadata["step"])?.description
        // It quotes files and other programs, whose control characters are nobody's business.
        let message = DisplayWidth.printable(event.message.description)
        let time = Self.timestamp(clock())
        switch format {
        case .text: write("\(time) \(event.level.rawValue) \(step.map { "\($0): " } ?? "")\(message)")
        case .json:
            let object: JSONValue = [
                "time": .text(time), "level": .text(event.level.rawValue),
                "step": step.map { .text($0) } ?? .null, "message": .text(message),
            ]
            write(object.line)
        }
    }

    /// RFC 3339, in UTC, to the millisecond.
    static func timestamp(_ seconds: Double) -> String {
        let milliseconds = Int((seconds * 1000).rounded(.down))
        var whole = time_t(milliseconds / 1000)
        var parts = tm()
        gmtime_r(&whole, &parts)
        let padded = { (number: Int32, places: Int) in
            let digits = String(number)
            return String(repeating: "0", count: max(0, places - digits.count)) + digits
        }
        return "\(padded(parts.tm_year + 1900, 4))-\(padded(parts.tm_mon + 1, 2))-\(padded(parts.tm_mday, 2))T"
            + "\(padded(parts.tm_hour, 2)):\(padded(parts.tm_min, 2)):\(padded(parts.tm_sec, 2))."
            + "\(padded(Int32(milliseconds % 1000), 3))Z"
    }
}
