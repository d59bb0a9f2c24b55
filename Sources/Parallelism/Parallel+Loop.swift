import Synchronization

extension Parallel {
    /// How many workers `forEach` has for so many tasks.
    package static func workers(_ count: Int, threads: Int) -> Int { max(1, min(threads, count)) }

    /// Calls body(worker, task) for tasks 0 ..< count, each once, begun in ascending order, on at most `threads`
    /// threads; workers are 0 ..< `workers(count, threads:)` and do one task at a time, so that what belongs to a
    /// worker needs no lock.
    ///
    /// Which worker takes which task varies from run to run: a result must not depend on it.
    /// - Throws: the error of the lowest task that failed; tasks not yet begun are left out after a failure.
    package static func forEach<Failure: Error>(
        _ count: Int, threads: Int, _ body: (_ worker: Int, _ task: Int) throws(Failure) -> Void
    ) throws(Failure) {
        precondition(count >= 0)
        let next = Atomic<Int>(0)
        let failed = Mutex<(task: Int, error: Failure)?>(nil)
        perform(workers(count, threads: threads)) { worker in
            while true {
                let task = next.add(1, ordering: .relaxed).oldValue
                guard task < count else { return }
                do throws(Failure) {
                    try body(worker, task)
                } catch {
                    next.store(count, ordering: .relaxed)
                    failed.withLock { failed in
                        if failed.map({ task < $0.task }) ?? true { failed = (task, error) }
                    }
                }
            }
        }
        if let failed = failed.withLock({ $0 }) { throw failed.error }
    }

    /// The results of body(task) for tasks 0 ..< count, in order of the tasks.
    /// - Throws: as `forEach`.
    package static func map<Element, Failure: Error>(
        _ count: Int, threads: Int, _ body: (_ task: Int) throws(Failure) -> Element
    ) throws(Failure) -> [Element] {
        let results = UnsafeMutablePointer<Element?>.allocate(capacity: max(count, 1))
        results.initialize(repeating: nil, count: count)
        defer {
            results.deinitialize(count: count)
            results.deallocate()
        }
        try forEach(count, threads: threads) { (_, task) throws(Failure) in results[task] = try body(task) }
        return (0..<count).compactMap { results[$0] }
    }
}
