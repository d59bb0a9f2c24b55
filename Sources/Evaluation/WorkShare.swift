import Parallelism
import Synchronization

/// Shares numbered pieces of work among threads: the one place where scoring is parallel.
///
/// Which thread takes which piece varies from run to run, so a worker's state must be something whose sum does not
/// depend on it (counts, or results written to places of their own).
package enum WorkShare {
    /// Calls `body` once for every piece 0 ..< pieces, on at most `threads` threads.
    /// - Returns: the workers' states, in no particular order.
    /// - Throws: the error of the lowest piece that failed; pieces not yet begun are left out after a failure.
    package static func forEach<State: Sendable>(
        pieces: Int, threads: Int, makeState: @Sendable () -> State,
        body: @Sendable (_ piece: Int, _ state: State) throws -> Void
    ) throws -> [State] {
        precondition(pieces >= 0 && threads >= 1)
        let next = Atomic<Int>(0)
        let outcome = Mutex<(states: [State], failure: (piece: Int, error: any Error)?)>(([], nil))
        Parallel.perform(max(1, min(threads, pieces))) { _ in
            let state = makeState()
            while true {
                let piece = next.add(1, ordering: .relaxed).oldValue
                guard piece < pieces else { break }
                do {
                    try body(piece, state)
                } catch {
                    next.store(pieces, ordering: .relaxed)
                    outcome.withLock { outcome in
                        if piece < (outcome.failure?.piece ?? Int.max) { outcome.failure = (piece, error) }
                    }
                }
            }
            outcome.withLock { $0.states.append(state) }
        }
        return try outcome.withLock { outcome in
            if let failure = outcome.failure { throw failure.error }
            return outcome.states
        }
    }
}
