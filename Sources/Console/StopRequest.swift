import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// SIGINT and SIGTERM as a flag that long jobs poll; a second request ends the process at once.
///
/// One request may be two signals: `timeout` sends its signal to the program and then to the program's group.
package enum StopRequest {
    /// Nanoseconds of the monotonic clock at the first signal; 0 before.
    private static let firstRequest = Atomic<Int>(0)
    /// Signals that come within so many nanoseconds are one request.
    private static let together = 1_000_000_000

    /// Takes the signals over. Call once, before the job starts; commands that finish in a moment need not.
    package static func install() {
        // Touched here so that the handler never runs the initialiser.
        _ = firstRequest.load(ordering: .relaxed) + together
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            var time = timespec()
            clock_gettime(CLOCK_MONOTONIC, &time)
            let now = max(1, time.tv_sec * 1_000_000_000 + time.tv_nsec)
            let first = StopRequest.firstRequest.compareExchange(expected: 0, desired: now, ordering: .relaxed)
            if !first.exchanged, now - first.original > StopRequest.together { _exit(128 + signal) }
        }
        // Interrupted calls go on: no library has to expect EINTR because of us.
        action.sa_flags = Int32(SA_RESTART)
        for signal in [SIGINT, SIGTERM] {
            // A shell that starts a job in the background has SIGINT ignored, and means it.
            var inherited = sigaction()
            sigaction(signal, nil, &inherited)
            if unsafeBitCast(inherited.__sigaction_handler.sa_handler, to: Int.self) == 1 { continue }
            sigaction(signal, &action, nil)
        }
        // A parent that starts us from one of its threads may have them blocked there, and does not mean it.
        var taken = sigset_t()
        sigemptyset(&taken)
        sigaddset(&taken, SIGINT)
        sigaddset(&taken, SIGTERM)
        pthread_sigmask(SIG_UNBLOCK, &taken, nil)
    }

    package static var isMade: Bool { firstRequest.load(ordering: .relaxed) > 0 }

    /// For the time before a command writes anything.
    /// - Throws: `ConsoleError.stopped` when a stop was asked for.
    package static func checkBeforeWriting() throws {
        if isMade { throw ConsoleError.stopped(advice: "nothing was written") }
    }
}
