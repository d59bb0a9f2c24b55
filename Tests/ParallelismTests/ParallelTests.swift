import Synchronization
import Testing

#if canImport(Glibc)
import Glibc
#endif

@testable import Parallelism

@Suite struct ParallelTests {
    @Test(arguments: [0, 1, 2, 3, 8, 500]) func everyPieceIsDoneOnce(count: Int) {
        for _ in 0..<20 {
            let calls = Mutex([Int](repeating: 0, count: count))
            Parallel.perform(count) { piece in calls.withLock { $0[piece] += 1 } }
            #expect(calls.withLock { $0 } == [Int](repeating: 1, count: count))
        }
    }

    /// Every caller gets its own pieces done, whatever the pool's threads are busy with.
    @Test func manyCallersAtOnceAndCallsInsideCalls() {
        let sums = Mutex([Int](repeating: 0, count: 24))
        Parallel.perform(24) { caller in
            for _ in 0..<50 {
                Parallel.perform(6) { piece in sums.withLock { $0[caller] += piece + 1 } }
            }
        }
        #expect(sums.withLock { $0 } == [Int](repeating: 50 * 21, count: 24))
    }

    /// What pieces wrote is there when the call returns, without any lock of the caller's.
    @Test func whatPiecesWroteIsSeenByTheCaller() {
        for round in 0..<200 {
            var values = [Int](repeating: 0, count: 64)
            values.withUnsafeMutableBufferPointer { buffer in
                nonisolated(unsafe) let buffer = buffer
                Parallel.perform(buffer.count) { buffer[$0] = round + $0 }
            }
            #expect(values == (0..<64).map { round + $0 })
        }
    }

    @Test func aThreadRunsWhatItWasGiven() {
        final class Box: Sendable { let value = Atomic<Int>(0) }
        let box = Box()
        #expect(ThreadStart.start { box.value.store(7, ordering: .releasing) })
        while box.value.load(ordering: .acquiring) == 0 { sched_yield() }
        #expect(box.value.load(ordering: .acquiring) == 7)
    }

    /// A stack that no address space holds: the system says no, and so does `start`.
    @Test func aThreadThatCannotStartIsSaid() {
        #expect(!ThreadStart.start(stackBytes: 1 << 60) { Issue.record("the thread runs") })
        #expect(ThreadStart.shortage != nil)
    }
}
