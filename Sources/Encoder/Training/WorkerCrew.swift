import Dispatch
import Synchronization

/// Runs numbered tasks on a fixed number of threads; the only level of parallelism there is.
struct WorkerCrew {
    let threads: Int

    /// Calls body(worker, task) for tasks 0 ..< count, each once, in no particular order; workers are 0 ..< threads.
    func run(_ count: Int, _ body: (_ worker: Int, _ task: Int) -> Void) {
        let next = Atomic<Int>(0)
        start(max(1, min(threads, count))) { worker in
            while true {
                let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard task < count else { return }
                body(worker, task)
            }
        }
    }

    /// Calls body(worker) once on every thread.
    func runOnAll(_ body: (_ worker: Int) -> Void) { start(threads, body) }

    private func start(_ workers: Int, _ body: (_ worker: Int) -> Void) {
        withoutActuallyEscaping(body) { body in
            // Dispatch wants a Sendable closure; tasks write to places of their own, and it returns when all have ended.
            nonisolated(unsafe) let body = body
            DispatchQueue.concurrentPerform(iterations: workers) { body($0) }
        }
    }
}
