import Console
import Diagnostics
import Files

/// What became of a night: the table at its end, and the JSON its hook gets.
struct NightlySummary {
    enum State: String {
        /// Done, and the store or the report is another one now.
        case done
        /// Done, and everything was as it should be before.
        case unchanged
        /// A comparison found a checkpoint worse.
        case worse
        case failed
        /// Asked to stop while at it; it goes on the next time.
        case stopped
        /// Something it needs failed.
        case skipped
        /// The night ended before.
        case notBegun = "not begun"
    }

    struct Step {
        let step: NightlyStep
        var state = State.notBegun
        var exitStatus: Int32?
        var seconds = 0.0
        /// Why it was skipped, or how its program ended.
        var reason: String?
        /// The last lines of its standard error.
        var messages: [String] = []
        /// Its standard output: one JSON value, or a list of its lines'.
        var result: JSONValue?
    }

    let configuration: String
    let store: String?
    /// Seconds since 1970.
    let started: Double
    var seconds = 0.0
    var steps: [Step] = []
    /// What ended the night before its first step.
    var error: String?
    /// Its status, when there was an error.
    var errorStatus: ExitStatus?

    var changed: Bool { steps.contains { $0.state == .done } }

    /// 75 after a stop; else of the first step that failed; else 1 when a checkpoint was worse.
    var exitStatus: ExitStatus {
        if let errorStatus { return errorStatus }
        if steps.contains(where: { $0.state == .stopped || $0.state == .notBegun }) { return .tryAgain }
        if let failed = steps.first(where: { $0.state == .failed }) {
            // A program that a signal ended has no status of ours: the system ran out of memory, or there is a defect.
            return failed.exitStatus.flatMap(ExitStatus.init(rawValue:)) ?? .internalError
        }
        return steps.contains { $0.state == .worse } ? .failedCheck : .done
    }

    var outcome: String {
        if error != nil { return "failed" }
        return switch exitStatus {
        case .done: changed ? "done" : "unchanged"
        case .tryAgain where steps.contains { $0.state == .stopped || $0.state == .notBegun }: "stopped"
        case .failedCheck where !steps.contains { $0.state == .failed }: "worse"
        default: "failed"
        }
    }

    var text: String {
        var table = ResultTable(columns: [.init("step"), .init("state"), .init("time")])
        for entry in steps {
            table.append([
                .text(entry.step.name), .text(entry.state.rawValue),
                .text(entry.exitStatus == nil ? "" : Quantity.duration(seconds: entry.seconds)),
            ])
        }
        // Reasons are sentences, too long for a column.
        let reasons = steps.compactMap { entry in entry.reason.map { "\(entry.step.name): \($0)\n" } }
        return table.shown + (reasons.isEmpty ? "" : "\n" + reasons.joined())
            + "\n\(outcome), in all \(Quantity.duration(seconds: seconds)), exit status "
            + "\(exitStatus.rawValue)\n"
    }

    var json: JSONValue {
        [
            "config": .text(configuration), "store": store.map { .text($0) } ?? .null,
            "started": .number(started), "seconds": .number(seconds), "outcome": .text(outcome),
            "exit_status": .integer(Int(exitStatus.rawValue)), "changed": .boolean(changed),
            "error": error.map { .text($0) } ?? .null,
            "steps": .array(
                steps.map { entry in
                    [
                        "step": .text(entry.step.name), "state": .text(entry.state.rawValue),
                        "exit_status": entry.exitStatus.map { .integer(Int($0)) } ?? .null,
                        "seconds": .number(entry.seconds), "reason": entry.reason.map { .text($0) } ?? .null,
                        "command": .text(entry.step.command),
                        "messages": .array(entry.messages.map { .text($0) }), "result": entry.result ?? .null,
                    ]
                }),
        ]
    }
}
