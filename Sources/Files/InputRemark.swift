import Synchronization

/// What a reader chose or left out, said once to whoever runs the program: which member of an archive was taken, which
/// files of a folder were not.
///
/// One channel for all, because what is left out must be said whichever of twenty readers did it. Programs give it a
/// listener; a library that is used without one stays silent.
package enum InputRemark {
    private struct State {
        var said: Set<String> = []
        var listener: (@Sendable (String) -> Void)?
    }

    private static let state = Mutex(State())

    /// - Parameter listener: told every remark once.
    package static func listen(_ listener: @escaping @Sendable (String) -> Void) {
        state.withLock { $0.listener = listener }
    }

    package static func say(_ remark: String) {
        let listener = state.withLock { state in
            // Bounded: a remark more than once is a smaller fault than a memory that grows.
            if state.said.count > 10_000 { state.said.removeAll() }
            return state.said.insert(remark).inserted ? state.listener : nil
        }
        listener?(remark)
    }
}
