import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// SIGINT and SIGTERM as a flag that long jobs poll; a second signal ends the process at once.
package enum StopRequest {
    private static let requests = Atomic<Int>(0)

    /// Takes the signals over. Call once, before the job starts; commands that finish in a moment need not.
    package static func install() {
        // Touched here so that the handler never runs the initialiser.
        _ = requests.load(ordering: .relaxed)
        var action = sigaction()
        action.__sigaction_handler.sa_handler = { signal in
            if StopRequest.requests.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(128 + signal) }
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

    package static var isMade: Bool { requests.load(ordering: .relaxed) > 0 }
}
