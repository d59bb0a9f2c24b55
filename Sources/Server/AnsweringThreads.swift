import Parallelism
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Threads that compute answers, so that connections are read and let go whatever a question costs.
///
/// A thread that is free takes the question that has waited longest, and with it its share of those that can be
/// answered together with it: what one pass over a vocabulary costs, many questions then pay together.
///
/// Unchecked Sendable: everything that changes is touched under `mutex`.
final class AnsweringThreads: @unchecked Sendable {
    /// Questions one thread answers together: further ones gain little, and all of them wait for the last.
    static let mostTogether = 96

    private struct Waiting {
        let request: Request
        /// What it has in common with those it can be answered with; nil where it is answered alone.
        let group: String?
        let resume: @Sendable (Response) -> Void
    }

    private let answer: @Sendable ([Request]) -> [Response]
    private let group: @Sendable (Request) -> String?
    private let mutex = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
    private let wanted = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)
    private var waiting: [Waiting] = []
    private var isEnding = false
    private let mostWaiting: Int
    /// How many there are; 0 where the system gives none: then the asker's own thread answers.
    private(set) var count = 0

    /// - Parameters:
    ///   - group: what a request has in common with those it can be answered together with; nil for alone.
    ///   - answer: an answer to each of one request, or of several of one group, in their order.
    init(
        _ threads: Int, mostWaiting: Int, group: @escaping @Sendable (Request) -> String?,
        answer: @escaping @Sendable ([Request]) -> [Response]
    ) {
        self.mostWaiting = mostWaiting
        self.group = group
        self.answer = answer
        pthread_mutex_init(mutex, nil)
        pthread_cond_init(wanted, nil)
        for _ in 0..<max(threads, 1) where ThreadStart.start({ [self] in work() }) { count += 1 }
    }

    /// The answer, computed on one of the threads.
    /// - Returns: nil when too many wait already.
    func run(_ request: Request) async -> Response? {
        if count == 0 { return answer([request]).first }
        let group = group(request)
        return await withCheckedContinuation { continuation in
            let isTaken = withMutex {
                guard waiting.count < mostWaiting, !isEnding else { return false }
                waiting.append(Waiting(request: request, group: group) { continuation.resume(returning: $0) })
                pthread_cond_signal(wanted)
                return true
            }
            if !isTaken { continuation.resume(returning: nil) }
        }
    }

    /// Questions that no thread has taken yet.
    var waitingCount: Int { withMutex { waiting.count } }

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
            let taken = take()
            pthread_mutex_unlock(mutex)
            if taken.isEmpty { return }
            let answers = answer(taken.map(\.request))
            precondition(answers.count == taken.count, "each of \(taken.count) questions has an answer")
            for (question, answer) in zip(taken, answers) { question.resume(answer) }
        }
    }

    /// The question that has waited longest with its share of those of its group; under `mutex`.
    private func take() -> [Waiting] {
        guard let first = waiting.first else { return [] }
        guard let group = first.group else { return [waiting.removeFirst()] }
        let alike = waiting.indices.filter { waiting[$0].group?.utf8.elementsEqual(group.utf8) == true }
        let share = min((alike.count + count - 1) / count, Self.mostTogether)
        let taken = alike.prefix(share).map { waiting[$0] }
        for index in alike.prefix(share).reversed() { waiting.remove(at: index) }
        return taken
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
