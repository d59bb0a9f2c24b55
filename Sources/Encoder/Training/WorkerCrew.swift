import Parallelism
import Synchronization

/// Runs numbered tasks on a fixed number of threads; the only level of parallelism there is.
struct WorkerCrew {
    let threads: Int

    /// Calls body(worker, task) for tasks 0 ..< count, each once, in no particular order; workers are 0 ..< threads.
    func run(_ count: Int, _ body: (_ worker: Int, _ task: Int) -> Void) {
        let next = Atomic<Int>(0)
        Parallel.perform(max(1, min(threads, count))) { worker in
            while true {
                let task = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard task < count else { return }
                body(worker, task)
            }
        }
    }

    /// Calls body(worker) once for every worker.
    func runOnAll(_ body: (_ worker: Int) -> Void) { Parallel.perform(threads, body) }
}
