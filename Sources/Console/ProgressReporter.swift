/// Where a long job says how far it is. Safe to call from several threads.
package protocol ProgressReporter: AnyObject, Sendable {
    /// - Parameters:
    ///   - weight: work done since the last call, in the unit of the total given at the start.
    ///   - items: things a person counts (words, sentences) done since the last call.
    func advance(weight: Double, items: Int)
    /// Work found done already: it moves the bar and does not count as speed.
    func skip(weight: Double)
    /// What is being worked on, e.g. "words/fi".
    func phase(_ name: String)
    /// Draws the last state and leaves it standing.
    func finish()
}

/// Progress nobody looks at.
package final class SilentProgress: ProgressReporter {
    package init() {}
    package func advance(weight: Double, items: Int) {}
    package func skip(weight: Double) {}
    package func phase(_ name: String) {}
    package func finish() {}
}
