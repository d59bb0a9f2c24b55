import Diagnostics
import Glibc

/// One night at a time for one configuration file; released when the process ends, however it ends.
final class NightlyLock {
    private let descriptor: Int32

    /// - Throws: `NightlyError.anotherNight`, `SystemFault`.
    init(_ file: String) throws {
        descriptor = open(file, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault(operation: "open", path: file, code: errno) }
        // Where a file system has no locks the store's own one keeps builders apart.
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK {
            close(descriptor)
            throw NightlyError.anotherNight(file: file)
        }
    }

    func release() { close(descriptor) }
}
