import Parallelism
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Threads that compute answers, so that connections are read and let go whatever a question costs.
///
/// Unchecked Sendable: everything that changes is touched under `mutex`.
final class AnsweringThreads: @unchecked Sendable {
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wanted = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [@Sendable () -> Void] = []
    private var isEnding = false
    private let mostWaiting: Int
    /// How many there are; 0 where the system gives none: then the asker's own thread answers.
    private(set) var count = 0

    init(_ threads: Int, mostWaiting: Int) {
        self.mostWaiting = mostWaiting
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wanted, nil)
        for _ in 0..<max(threads, 1) where ThreadStart.start({ [self] in work() }) { count += 1 }
    }

    /// The result of a computation on one of the threads.
    /// - Returns: nil when too many wait already.
    func run<Result: Sendable>(_ body: @escaping @Sendable () -> Result) async -> Result? {
        if count == 0 { return body() }
        return await withCheckedContinuation { continuation in
            let isTaken = withMutex {
                guard waiting.count < mostWaiting, !isEnding else { return false }
                waiting.append { continuation.resume(returning: body()) }
                pthread_cond_signal(wanted)
                return true
            }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// Ends the threads when all that waits is answered.
    func end() {
        withMutex {
            isEnding = true
            pthread_cond_broadcast(wanted)
        }
    }

    private func work() {
        while true {
            pthread_mutex_lock(mutex)
            while waiting.isEmpty, !isEnding { pthread_cond_wait(wanted, mutex) }
            let body = waiting.isEmpty ? nil : waiting.removeFirst()
            pthread_mutex_unlock(mutex)
            guard let body else { return }
            body()
        }
    }

    private func withMutex<Result>(_ body: () -> Result) -> Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return body()
    }

    deinit {
        pthread_cond_destroy(wanted)
        pthread_mutex_destroy(mutex)
        wanted.deallocate()
        mutex.deallocate()
    }
}
