import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Threads of the system, with a word for the one that cannot start.
///
/// Foundation's `Thread.start` says nothing when the limit of processes, the container's or that of memory is reached,
/// and libdispatch tries again for ever; whoever waits for such a thread waits for ever too.
package enum ThreadStart {
    private final class Entry {
        let body: @Sendable () -> Void
        init(_ body: @escaping @Sendable () -> Void) { self.body = body }
    }

    /// Why the last thread that could not start did not; 0 while all did.
    private static let lastFailure = Atomic<Int32>(0)

    /// The value of errno for which a thread could not start in this process; nil when all did.
    package static var shortage: Int32? {
        let code = lastFailure.load(ordering: .relaxed)
        return code == 0 ? nil : code
    }

    /// Starts a thread that ends when `body` returns; nobody has to join it.
    /// - Parameter stackBytes: address space, not memory.
    /// - Returns: false when the system gives no thread; then `body` is not called.
    package static func start(stackBytes: Int = 2 << 20, _ body: @escaping @Sendable () -> Void) -> Bool {
        var attributes = pthread_attr_t()
        pthread_attr_init(&attributes)
        defer { pthread_attr_destroy(&attributes) }
        pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
        pthread_attr_setstacksize(&attributes, stackBytes)
        let entry = Unmanaged.passRetained(Entry(body))
        var thread = pthread_t()
        let code = pthread_create(
            &thread, &attributes,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Entry>.fromOpaque(argument).takeRetainedValue().body()
                return nil
            }, entry.toOpaque())
        guard code == 0 else {
            entry.release()
            lastFailure.store(code, ordering: .relaxed)
            return false
        }
        return true
    }
}
