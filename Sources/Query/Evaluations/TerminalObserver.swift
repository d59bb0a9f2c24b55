import Console
import Lookup
import Synchronization

/// Shows on standard error how an evaluation goes on, and ends it when the user asks.
final class TerminalObserver: EvaluationObserver {
    private let quiet: Bool
    private let progress = Mutex<any ProgressReporter>(SilentProgress())

    init(quiet: Bool) { self.quiet = quiet }

    func begin(_ task: String, weight: Double, unit: String, isFloatingPoint: Bool) {
        if quiet { return }
        progress.withLock {
            $0 = ProgressBar(
                title: task, totalWeight: weight, itemUnit: unit,
                weightRate: isFloatingPoint ? .init(unit: "GFLOP/s", scale: 1e9) : nil)
        }
    }

    private var current: any ProgressReporter { progress.withLock { $0 } }

    func phase(_ name: String) { current.phase(name) }
    func advance(weight: Double, items: Int) { current.advance(weight: weight, items: items) }
    func finish() { current.finish() }

    func remark(_ text: String) {
        if !quiet { MessageStream.standardError.say(text) }
    }

    /// Said even with `--quiet`.
    func warn(_ text: String) { MessageStream.standardError.say("query: warning: \(text)") }

    func checkForStop() throws {
        if StopRequest.isMade {
            throw ConsoleError.stopped(advice: "what was finished is kept; the same command goes on from there")
        }
    }
}
