import Synchronization

/// Progress on standard error: a redrawn bar on a terminal, elsewhere one plain line now and then.
///
///     encoding words/fi  ████████░░░░░░░░  48 %  1,234 words/s  52.1 GFLOP/s  3:12 left
///
/// The remaining time is what the caller's weights say: give it tokens or floating-point operations, not items.
package final class ProgressBar: ProgressReporter {
    /// The weight as a rate worth showing: floating-point operations with scale 1e9 are "GFLOP/s".
    package struct WeightRate: Sendable {
        package let unit: String
        package let scale: Double

        package init(unit: String, scale: Double) {
            self.unit = unit
            self.scale = scale
        }
    }

    private struct State {
        var phase = ""
        var weight = 0.0
        var skipped = 0.0
        var items = 0
        var lastShown: Double
        var finished = false
    }

    private let title: String
    private let totalWeight: Double
    private let itemUnit: String
    private let weightRate: WeightRate?
    private let stream: MessageStream
    private let clock: @Sendable () -> Double
    private let interval: Double
    private let started: Double
    private let state: Mutex<State>

    /// - Parameters:
    ///   - itemUnit: plural noun of what is counted: "words".
    ///   - clock: seconds that never go back.
    package init(
        title: String, totalWeight: Double, itemUnit: String, weightRate: WeightRate? = nil,
        stream: MessageStream = .standardError, clock: @escaping @Sendable () -> Double = { monotonicSeconds() }
    ) {
        self.title = title
        self.totalWeight = totalWeight
        self.itemUnit = itemUnit
        self.weightRate = weightRate
        self.stream = stream
        self.clock = clock
        interval = stream.isTerminal ? 0.1 : 10
        started = clock()
        state = Mutex(State(lastShown: started))
    }

    package func advance(weight: Double, items: Int) {
        update { state in
            state.weight += weight
            state.items += items
        }
    }

    package func skip(weight: Double) {
        update { state in
            state.weight += weight
            state.skipped += weight
        }
    }

    package func phase(_ name: String) { update { $0.phase = name } }

    package func finish() {
        state.withLock { state in
            guard !state.finished else { return }
            state.finished = true
            stream.showStatus("")
            stream.say(line(state, now: clock()))
        }
    }

    /// Drawn under the lock, so that lines appear in the order of what they say.
    private func update(_ change: (inout State) -> Void) {
        state.withLock { state in
            change(&state)
            let now = clock()
            guard !state.finished, now - state.lastShown >= interval else { return }
            state.lastShown = now
            if stream.isTerminal {
                stream.showStatus(line(state, now: now))
            } else {
                stream.say(line(state, now: now))
            }
        }
    }

    private func line(_ state: State, now: Double) -> String {
        let fraction = totalWeight > 0 ? min(state.weight / totalWeight, 1) : 1
        let elapsed = max(now - started, 1e-9)
        let speed = (state.weight - state.skipped) / elapsed
        var facts = ["\(Int(fraction * 100)) %"]
        // "0.00 words/s" (nothing done yet, or everything was there) says nothing.
        for (value, unit) in [
            (Double(state.items) / elapsed, "\(itemUnit)/s"),
            (weightRate.map { speed / $0.scale } ?? 0, weightRate?.unit ?? ""),
        ] {
            let rate = Quantity.rate(value)
            if rate != Quantity.rate(0) { facts.append("\(rate) \(unit)") }
        }
        if state.finished {
            facts.append(Quantity.duration(seconds: elapsed))
        } else if speed > 0 {
            let left = max(totalWeight - state.weight, 0) / speed
            // Tenths of a second are noise in a forecast.
            facts.append(Quantity.duration(seconds: left < 60 ? left.rounded(.up) : left) + " left")
        }
        let head = state.phase.isEmpty || state.finished ? title : "\(title) \(state.phase)"
        let tail = facts.joined(separator: "  ")
        guard stream.isTerminal else { return "\(head): \(facts.joined(separator: ", "))" }
        // One column stays free: a full line would wrap.
        let room = stream.width - 1 - DisplayWidth.of(head) - DisplayWidth.of(tail) - 4
        guard room >= 5 else { return String((head + "  " + tail).prefix(max(stream.width - 1, 1))) }
        let cells = min(room, 40)
        let full = Int(fraction * Double(cells))
        return head + "  " + String(repeating: "█", count: full) + String(repeating: "░", count: cells - full) + "  "
            + tail
    }
}
