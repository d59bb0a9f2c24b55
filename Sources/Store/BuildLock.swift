import Diagnostics
import Files
import Glibc
import Synchronization

/// Held while building; released on `release()`, deinit or process death.
///
/// An `flock` on `<folder>/build.lock`: the kernel gives it back when the process dies, however it dies. The file's
/// text names the holder and is only for people to read; a text without a lock means nothing.
package final class BuildLock: Sendable {
    private let file: Mutex<RegularFile?>

    /// - Parameters:
    ///   - wait: block until it is free, after telling `onWait` who holds it.
    /// - Throws: `StoreError.locked`, `SystemFault`.
    init(_ store: ContainedFolder, wait: Bool, onWait: (String) -> Void) throws {
        let opened = try store.open(StoreLayout.buildLock, for: .updating)
        if try !Self.take(opened, LOCK_EX | LOCK_NB) {
            let holder = Self.holder(opened.descriptor)
            guard wait else { throw StoreError.locked(folder: store.path, holder: holder) }
            onWait(holder)
            _ = try Self.take(opened, LOCK_EX)
        }
        try Self.sign(opened)
        file = Mutex(opened)
    }

    deinit { release() }

    package func release() {
        file.withLock { file in
            // Closing it gives the lock back.
            if let held = file { ftruncate(held.descriptor, 0) }
            file = nil
        }
    }

    /// - Returns: false when somebody else holds it.
    private static func take(_ file: RegularFile, _ operation: Int32) throws -> Bool {
        while flock(file.descriptor, operation) != 0 {
            switch errno {
            case EINTR: continue
            case EWOULDBLOCK: return false
            default: throw SystemFault(operation: "lock", path: file.path, code: errno)
            }
        }
        return true
    }

    private static func sign(_ file: RegularFile) throws {
        let text = Array("process \(getpid()) on \(hostName()) since \(now()): \(commandLine())\n".utf8)
        guard ftruncate(file.descriptor, 0) == 0 else {
            throw SystemFault(operation: "write", path: file.path, code: errno)
        }
        let written = pwrite(file.descriptor, text, text.count, 0)
        // A write cut short sets no error number.
        guard written == text.count else {
            throw SystemFault(operation: "write", path: file.path, code: written < 0 ? errno : ENOSPC)
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
