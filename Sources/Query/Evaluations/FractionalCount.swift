import Synchronization

/// Turns fractions of items into whole ones as they add up, for a progress bar that counts items.
final class FractionalCount: Sendable {
    private let state = Mutex<Double>(0)

    /// - Returns: whole items completed by this addition.
    func add(_ amount: Double) -> Int {
        state.withLock { state in
            let before = Int(state)
            state += amount
            return Int(state) - before
        }
    }
}
