import Foundation
import Synchronization
import Testing

@testable import Indexer

@Suite struct NightlyLogTests {
    private final class Lines: Sendable {
        let kept = Mutex<[String]>([])
    }

    private func lines(_ format: LogFormat, _ body: (NightlyLog) -> Void) -> [String] {
        let lines = Lines()
        body(
            NightlyLog(format, least: .warning, clock: { 1_795_749_771.7429 }) { line in
                lines.kept.withLock { $0.append(line) }
            })
        return lines.kept.withLock { $0 }
    }

    @Test func linesHaveTimeLevelAndStep() {
        let text = lines(.text) { log in
            log.write(.info, "not said")
            log.write(.warning, step: "build a", "slow\u{1B}[2J")
            log.write(.error, "over")
        }
        #expect(
            text == [
                "2026-11-27T03:22:51.742Z warning build a: slow\\u{1B}[2J", "2026-11-27T03:22:51.742Z error over",
            ])
        let json = lines(.json) { $0.write(.error, step: "bli \"x\" a", "no \u{9B}1m") }
        #expect(
            json == [
                #"{"time":"2026-11-27T03:22:51.742Z","level":"error","step":"bli \"x\" a","message":"no \\u{9B}1m"}"#
            ])
    }

    @Test func datesAreThoseOfTheCalendar() {
        #expect(TimedLogHandler.timestamp(0) == "1970-01-01T00:00:00.000Z")
        #expect(TimedLogHandler.timestamp(951_782_399.9999) == "2000-02-28T23:59:59.999Z")
        #expect(TimedLogHandler.timestamp(951_782_400) == "2000-02-29T00:00:00.000Z")
    }
}
