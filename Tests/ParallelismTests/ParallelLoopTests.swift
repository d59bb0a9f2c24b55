import Synchronization
import Testing

@testable import Parallelism

@Suite struct ParallelLoopTests {
    @Test(arguments: [0, 1, 5, 300], [-1, 1, 2, 9]) func everyTaskIsDoneOnceByAWorkerInRange(count: Int, threads: Int) {
        let calls = Mutex([Int](repeating: 0, count: count)), workers = Parallel.workers(count, threads: threads)
        Parallel.forEach(count, threads: threads) { worker, task in
            #expect((0..<workers).contains(worker))
            calls.withLock { $0[task] += 1 }
        }
        #expect(calls.withLock { $0 } == [Int](repeating: 1, count: count))
    }

    @Test func resultsStandInTheOrderOfTheTasks() {
        #expect(Parallel.map(1_000, threads: 3) { $0 * $0 } == (0..<1_000).map { $0 * $0 })
    }

    private struct Failure: Error, Equatable { let task: Int }

    /// The lowest task that failed is the one reported, whichever ended first; what had not begun stays undone.
    @Test func theLowestFailureIsReported() {
        for _ in 0..<50 {
            let begun = Mutex(0)
            #expect(throws: Failure(task: 20)) {
                try Parallel.forEach(10_000, threads: 4) { _, task in
                    begun.withLock { $0 += 1 }
                    if task >= 20 { throw Failure(task: task) }
                }
            }
            #expect(begun.withLock { $0 } < 10_000)
        }
    }
}
