import Diagnostics
import Glibc
import Synchronization

/// Held while building; released on `release()`, deinit or process death.
///
/// An `flock` on `<folder>/build.lock`: the kernel gives it back when the process dies, however it dies. The file's text
/// names the holder and is only for people to read; a text without a lock means nothing.
package final class BuildLock: Sendable {
    private let descriptor: Mutex<Int32>

    /// - Parameters:
    ///   - wait: block until it is free, after telling `onWait` who holds it.
    /// - Throws: `StoreError.locked`, `SystemFault`.
    init(folder: String, wait: Bool, onWait: (String) -> Void) throws {
        let path = folder + "/build.lock"
        let opened = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard opened >= 0 else { throw SystemFault(operation: "open", path: path, code: errno) }
        do {
            if try !Self.take(opened, LOCK_EX | LOCK_NB, path: path) {
                let holder = Self.holder(opened)
                guard wait else { throw StoreError.locked(folder: folder, holder: holder) }
                onWait(holder)
                _ = try Self.take(opened, LOCK_EX, path: path)
            }
            try Self.sign(opened, path: path)
        } catch {
            close(opened)
            throw error
        }
        descriptor = Mutex(opened)
    }

    deinit { release() }

    package func release() {
        descriptor.withLock { descriptor in
            guard descriptor >= 0 else { return }
            ftruncate(descriptor, 0)
            close(descriptor)
            descriptor = -1
        }
    }

    /// - Returns: false when somebody else holds it.
    private static func take(_ descriptor: Int32, _ operation: Int32, path: String) throws -> Bool {
        while flock(descriptor, operation) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw SystemFault(operation: "lock", path: path, code: errno)
            }
        }
        return true
    }

    private static func sign(_ descriptor: Int32, path: String) throws {
        let text = Array("process \(getpid()) on \(hostName()) since \(now()): \(commandLine())\n".utf8)
        guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
            throw SystemFault(operation: "write", path: path, code: errno)
        }
    }

    private static func holder(_ descriptor: Int32) -> String {
        var text = [UInt8](repeating: 0, count: 2_048)
        let count = pread(descriptor, &text, text.count, 0)
        let line = text.prefix(max(0, count)).prefix { $0 != UInt8(ascii: "\n") }
        return line.isEmpty ? "it has just begun and not said who it is" : String(decoding: line, as: UTF8.self)
    }

    private static func hostName() -> String {
        var name = [UInt8](repeating: 0, count: 256)
        let status = name.withUnsafeMutableBytes { bytes in
            bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.map { gethostname($0, 255) } ?? -1 }
        }
        return status == 0 ? String(decoding: name.prefix { $0 != 0 }, as: UTF8.self) : "this machine"
    }

    /// UTC, "2026-01-31 23:59:59Z".
    private static func now() -> String {
        var seconds = time(nil)
        var parts = tm()
        gmtime_r(&seconds, &parts)
        func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : String(number) }
        return "\(parts.tm_year + 1_900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday)) "
            + "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
    }

    private static func commandLine() -> String {
        let words = CommandLine.arguments.joined(separator: " ")
        // One line, and not longer than a reader of the lock looks at.
        return String(decoding: words.utf8.prefix(1_000).map { $0 < 0x20 ? UInt8(ascii: " ") : $0 }, as: UTF8.self)
    }
}
