import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// Numbered pieces of work on several threads: the one level of parallelism there is.
package enum Parallel {
    /// Calls body(0) … body(count - 1), each once, on at most `count` threads (and not more than there are processors),
    /// of which the caller is one; returns when all have returned.
    ///
    /// Threads come from a pool that lives as long as the process. Where the system gives fewer than asked for (limits
    /// of processes, of a container, of memory) the others do their share: at worst the caller does everything, one
    /// piece after another. So a piece must not wait for one with a higher number.
    package static func perform(_ count: Int, _ body: (Int) -> Void) {
        guard count > 1 else {
            if count == 1 { body(0) }
            return
        }
        withoutActuallyEscaping(body) { body in
            // Sendable by fiat: pieces write to places of their own, and `run` returns when nobody has `body` any more.
            nonisolated(unsafe) let shared = body
            ThreadPool.shared.run(count) { shared($0) }
        }
    }
}

/// Parked threads, and the jobs that want some of them.
///
/// Unchecked Sendable: everything that changes is touched under `mutex`.
private final class ThreadPool: @unchecked Sendable {
    static let shared = ThreadPool()

    /// Pieces of one call of `perform`.
    private final class Job {
        let count: Int
        var body: (@Sendable (Int) -> Void)?
        /// The first piece nobody has.
        var next = 0
        /// Helpers that have a piece.
        var busy = 0

        init(count: Int, body: @escaping @Sendable (Int) -> Void) {
            self.count = count
            self.body = body
        }
    }

    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    /// Signalled when a job wants helpers.
    private let wanted = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Signalled when a helper leaves a job.
    private let left = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    /// Jobs with pieces that nobody has.
    private var jobs: [Job] = []
    private var threads = 0
    private var idle = 0

    /// The only instance lives for ever, so nothing is ever given back.
    private init() {
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wanted, nil)
        pthread_cond_init(left, nil)
    }

    func run(_ count: Int, _ body: @escaping @Sendable (Int) -> Void) {
        let job = Job(count: count, body: body)
        pthread_mutex_lock(mutex)
        jobs.append(job)
        let helpers = min(count, Self.processors) - 1
        while idle < helpers, threads < Self.mostThreads, startHelper() {}
        for _ in 0..<min(helpers, idle) { pthread_cond_signal(wanted) }
        takePieces(of: job)
        while job.busy > 0 { pthread_cond_wait(left, mutex) }
        // The caller's closure must not outlive its call, whoever still holds the job.
        job.body = nil
        pthread_mutex_unlock(mutex)
    }

    /// Keeps many callers at once from taking every thread of the machine.
    private static let mostThreads = 1_024

    /// Processors this process may run on: more threads than that only take turns.
    private static let processors = max(1, ProcessInfo.processInfo.activeProcessorCount)

    /// - Precondition: the mutex is held.
    private func startHelper() -> Bool {
        guard ThreadStart.start({ [self] in serve() }) else { return false }
        threads += 1
        // Counted already: it takes a piece as soon as it gets the mutex.
        idle += 1
        return true
    }

    private func serve() {
        pthread_mutex_lock(mutex)
        while true {
            while let job = jobs.first {
                idle -= 1
                job.busy += 1
                takePieces(of: job)
                job.busy -= 1
                idle += 1
                if job.busy == 0 { pthread_cond_broadcast(left) }
            }
            pthread_cond_wait(wanted, mutex)
        }
    }

    /// - Precondition: the mutex is held, and is again on return; pieces run without it.
    private func takePieces(of job: Job) {
        while job.next < job.count {
            let piece = job.next
            job.next += 1
            if job.next == job.count { jobs.removeAll { $0 === job } }
            pthread_mutex_unlock(mutex)
            job.body?(piece)
            pthread_mutex_lock(mutex)
        }
    }
}
