import Console
import Diagnostics
import Files
import Fingerprinting
import Foundation
import Glibc
import Store

/// Takes a night's steps one after the other, as programs of their own: what one has finished no other's failure loses.
struct NightlyRun {
    let configuration: NightlyConfiguration
    /// Where `indexer` and `query` are.
    let programs: String
    let quiet: Bool
    let log: NightlyLog
    let shouldStop: () -> Bool

    /// Of a step's messages, in the summary.
    static let keptMessages = 20

    /// The folder of this program.
    /// - Throws: `NightlyError.noProgram` when `query` is not in it.
    static func programs() throws -> String {
        let own = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let folder = URL(fileURLWithPath: own).deletingLastPathComponent().path
        for name in ["indexer", "query"] where !FileManager.default.isExecutableFile(atPath: "\(folder)/\(name)") {
            throw NightlyError.noProgram(path: "\(folder)/\(name)")
        }
        return folder
    }

    /// What every build would do and take, before the first one begins; without writing anything.
    /// - Returns: of each checkpoint the forecast of `indexer build --dry-run`, or why there is none.
    func forecasts(_ steps: [NightlyStep]) throws -> [(step: NightlyStep, forecast: Result<JSONValue, ForecastFailure>)]
    {
        var found: [(NightlyStep, Result<JSONValue, ForecastFailure>)] = []
        for step in steps where step.arguments.first == "build" && !shouldStop() {
            var messages: [String] = []
            let words = ["\(programs)/\(step.program)"] + step.arguments + ["--dry-run", "--quiet"]
            let outcome = try ChildProcess(words: words).run(shouldStop: shouldStop) { messages.append($0) }
            if outcome.status == 0, let forecast = Self.json(outcome.output) {
                found.append((step, .success(forecast)))
            } else {
                let failure = ForecastFailure(status: outcome.status, message: messages.joined(separator: "\n  "))
                found.append((step, .failure(failure)))
            }
        }
        return found
    }

    struct ForecastFailure: Error {
        let status: Int32
        let message: String
    }

    /// - Throws: `SystemFault` when a program cannot be started.
    func run(_ steps: [NightlyStep], into summary: inout NightlySummary) throws {
        summary.steps = steps.map { NightlySummary.Step(step: $0) }
        for index in steps.indices {
            if shouldStop() { return }
            if let reason = unmet(steps[index].need, in: summary) {
                summary.steps[index].state = .skipped
                summary.steps[index].reason = reason
                log.write(.warning, step: steps[index].name, "skipped: \(reason)")
                continue
            }
            try take(&summary.steps[index])
            if summary.steps[index].state == .stopped { return }
        }
    }

    private func unmet(_ need: NightlyStep.Need, in summary: NightlySummary) -> String? {
        let missing = { (name: String) -> Bool in
            !summary.steps.contains { $0.step.name == name && [.done, .unchanged].contains($0.state) }
        }
        switch need {
        case .all(let names): return names.first(where: missing).map { "it needs '\($0)'" }
        case .any(let names):
            return names.allSatisfy(missing) ? "it needs one of '\(names.joined(separator: "', '"))'" : nil
        }
    }

    private func take(_ entry: inout NightlySummary.Step) throws {
        let step = entry.step
        let before = state(step)
        let started = monotonicSeconds()
        log.write(.info, step: step.name, "begins: \(step.command)")
        var messages: [String] = []
        let words = ["\(programs)/\(step.program)"] + step.arguments + (quiet ? ["--quiet"] : [])
        let outcome = try ChildProcess(words: words).run(shouldStop: shouldStop) { line in
            messages.append(line)
            if messages.count > Self.keptMessages { messages.removeFirst() }
            // With --quiet programs speak of what is wrong alone.
            log.write(quiet || line.contains(": warning: ") ? .warning : .info, step: step.name, line)
        }
        entry.seconds = monotonicSeconds() - started
        entry.exitStatus = outcome.status
        entry.messages = messages
        entry.result = Self.json(outcome.output)
        let took = Quantity.duration(seconds: entry.seconds)
        switch outcome.status {
        case 0:
            let after = state(step)
            entry.state = after == before && before.store != nil ? .unchanged : .done
            log.write(.info, step: step.name, "\(entry.state.rawValue) in \(took)")
        case ExitStatus.failedCheck.rawValue where step.arguments.first == "compare":
            entry.state = .worse
            entry.reason = messages.last ?? "a checkpoint is worse than the baseline"
            log.write(.error, step: step.name, "a checkpoint is worse than the baseline (exit status 1)")
        default:
            entry.state = shouldStop() ? .stopped : .failed
            entry.reason =
                messages.last.map { "exit status \(outcome.status): \($0)" } ?? "exit status \(outcome.status)"
            let verb = entry.state == .stopped ? "stopped" : "failed"
            log.write(
                entry.state == .stopped ? .warning : .error, step: step.name,
                "\(verb) after \(took) with exit status \(outcome.status)")
        }
    }

    private struct State: Equatable {
        let store: Fingerprint?
        let output: Fingerprint?
    }

    private func state(_ step: NightlyStep) -> State {
        State(
            store: StoreState.fingerprint(configuration.store),
            output: step.output.flatMap { try? Fingerprint.of(file: $0) })
    }

    /// One document, or the documents of the lines.
    private static func json(_ bytes: [UInt8]) -> JSONValue? {
        let lines = bytes.split(separator: 10)
        let values = lines.compactMap { line in
            Array(line).withUnsafeBufferPointer { bytes in
                try? JSONReader.read(bytes, path: "standard output") { try $0.value() }
            }
        }
        guard values.count == lines.count, let first = values.first else { return nil }
        return values.count == 1 ? first : .array(values)
    }

    // MARK: The end

    /// Gives the summary to the hook.
    /// - Returns: whether it could be run and ended with 0; there being none is fine.
    static func tell(_ hook: [String], _ summary: NightlySummary, log: NightlyLog) -> Bool {
        guard !hook.isEmpty else { return true }
        do {
            let outcome = try ChildProcess(words: hook, input: summary.json.line + "\n", limitSeconds: hookSeconds)
                .run(shouldStop: { false }) { log.write(.info, step: "hook", $0) }
            for line in outcome.output.split(separator: 10) {
                log.write(.info, step: "hook", String(decoding: line, as: UTF8.self))
            }
            if outcome.status != 0 {
                log.write(
                    .error, step: "hook", "ended with exit status \(outcome.status): \(hook.joined(separator: " "))")
            }
            return outcome.status == 0
        } catch {
            log.write(.error, step: "hook", "\(error)")
            return false
        }
    }

    /// A mail that does not get away does not keep the next night from beginning.
    static let hookSeconds = 600.0
}

/// One night at a time for one configuration file; released when the process ends, however it ends.
final class NightlyLock {
    private let descriptor: Int32

    /// - Throws: `NightlyError.anotherNight`, `SystemFault`.
    init(_ file: String) throws {
        descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault(operation: "open", path: file, code: errno) }
        // Where a file system has no locks the store's own one keeps builders apart.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw NightlyError.anotherNight(file: file)
        }
    }

    func release() { close(descriptor) }
}

/// What a store's answers depend on, as one fingerprint: a step that leaves it as it was changed nothing.
///
/// Of the catalogue's newest transaction alone, so that a thousand steps over a store of a thousand checkpoints do not
/// each read all of it.
enum StoreState {
    /// - Returns: nil where there is no store, or none that can be read: whose matter that is will say so.
    static func fingerprint(_ folder: String) -> Fingerprint? {
        guard access(folder, F_OK) == 0, let store = try? Store.open(folder, mode: .read),
            let number = try? store.transactionNumber
        else { return nil }
        let builder = FingerprintBuilder()
        builder.combine(store.folder)
        builder.combine(number)
        return builder.finish()
    }
}
