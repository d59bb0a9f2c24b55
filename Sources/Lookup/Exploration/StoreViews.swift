import Store
import Synchronization

/// Views of a store's newest state for a program that answers many questions, from several threads.
package final class StoreViews: Sendable {
    package let store: Store
    package let encoders = EncoderCache()
    private let idle = Mutex<[IdleView]>([])
    private let mostIdle: Int

    /// - Parameter mostIdle: views that are kept between questions; as many as questions are answered at a time.
    package init(_ store: Store, mostIdle: Int) {
        self.store = store
        self.mostIdle = mostIdle
    }

    /// Lends a view of the newest state: what was published before is seen. When `gc` takes away what it names, the
    /// question is asked again of a fresh one.
    /// - Throws: what `question` throws; `StoreError.changedWhileReading` when the store never rests.
    package func answer<Result>(_ question: (StoreView) throws -> Result) throws -> Result {
        try Store.onFreshSnapshot {
            let view = try take() ?? StoreView(store, encoders: encoders)
            do {
                let result = try question(view)
                keep(view)
                return result
            } catch {
                if case StoreError.changedWhileReading = error { throw error }
                keep(view)
                throw error
            }
        }
    }

    /// Lets go of files that are no longer current, so that `gc` frees their space though nobody asks.
    /// - Throws: `StoreError` where the catalogue cannot be read.
    package func releaseEarlierStates() throws {
        // Reading the number is a transaction, which an idle server need not make.
        if idle.withLock({ $0.isEmpty }) { return }
        let newest = try store.transactionNumber
        idle.withLock { $0.removeAll { $0.view.state != newest } }
    }

    private func take() throws -> StoreView? {
        let newest = try store.transactionNumber
        return idle.withLock { idle in
            idle.removeAll { $0.view.state != newest }
            return idle.popLast()?.view
        }
    }

    private func keep(_ view: StoreView) {
        guard view.state != nil else { return }
        idle.withLock { idle in
            if idle.count < mostIdle { idle.append(IdleView(view: view)) }
        }
    }

    /// Unchecked Sendable: nobody uses the view while it lies here.
    private struct IdleView: @unchecked Sendable {
        let view: StoreView
    }
}
