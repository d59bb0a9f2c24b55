import Console
import Diagnostics
import Foundation
import Glibc

/// Another program run to its end: its standard output is kept, its standard error is handed on line by line.
struct ChildProcess {
    struct Outcome {
        /// The exit status, or 128 and the signal that ended it, as a shell says it.
        let status: Int32
        let output: [UInt8]
    }

    /// Of standard output: a table of means of all layers is some KB. More is read and dropped.
    static let outputLimit = 16 << 20
    private static let lineLimit = 8192

    /// The program's path, then its arguments.
    let words: [String]
    /// Standard input; nothing when left out.
    var input: String?
    /// After these it is asked to end, and killed five seconds later.
    var limitSeconds = Double.infinity

    /// Runs it in a process group of its own, so that Ctrl-C reaches this program alone, which passes it on once.
    /// - Parameters:
    ///   - shouldStop: asked several times a second; the first time it is true the program gets SIGTERM.
    ///   - line: told each line of standard error, without its end.
    /// - Throws: `SystemFault` when it cannot be started.
    func run(shouldStop: () -> Bool, line: (String) -> Void) throws -> Outcome {
        let output = try Self.pipe(), errors = try Self.pipe()
        defer { close(output.read); close(errors.read) }
        let process: pid_t
        do {
            defer { close(output.write); close(errors.write) }
            process = try start(output: output.write, errors: errors.write)
        }
        return try watch(process, output: output.read, errors: errors.read, shouldStop, line)
    }

    private func watch(
        _ process: pid_t, output: Int32, errors: Int32, _ shouldStop: () -> Bool, _ line: (String) -> Void
    ) throws -> Outcome {
        var kept: [UInt8] = [], pending: [UInt8] = []
        var open = [output, errors]
        var status: Int32?
        var signals = 0
        let started = monotonicSeconds()
        var asked = Double.infinity
        while true {
            var polled = open.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
            // What a program has left in its pipes is read after its end; what its own children still hold is not
            // waited for.
            let ready = poll(&polled, nfds_t(polled.count), status == nil ? 100 : 0)
            for entry in polled where ready > 0 && entry.revents != 0 {
                var buffer = [UInt8](repeating: 0, count: 1 << 16)
                let count = read(entry.fd, &buffer, buffer.count)
                if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) {
                    open.removeAll { $0 == entry.fd }
                } else if count > 0, entry.fd == output {
                    kept += buffer.prefix(min(count, max(0, Self.outputLimit - kept.count)))
                } else if count > 0 {
                    pending += buffer.prefix(count)
                    Self.takeLines(&pending, line)
                }
            }
            if status != nil, ready <= 0 || open.isEmpty { break }
            if status == nil {
                var word: Int32 = 0
                if waitpid(process, &word, WNOHANG) == process { status = Self.status(word) }
                // Closed its outputs and goes on: nothing to poll for.
                if open.isEmpty, status == nil { usleep(50_000) }
            }
            let elapsed = monotonicSeconds() - started
            if signals == 0, shouldStop() || elapsed > limitSeconds {
                kill(process, SIGTERM)
                (signals, asked) = (1, elapsed)
            } else if signals == 1, limitSeconds.isFinite, elapsed - asked > 5 {
                kill(process, SIGKILL)
                signals = 2
            }
        }
        if !pending.isEmpty { line(Self.text(pending)) }
        return Outcome(status: status ?? 0, output: kept)
    }

    private static func takeLines(_ pending: inout [UInt8], _ line: (String) -> Void) {
        while let end = pending.firstIndex(of: 10) {
            line(text(Array(pending[..<end])))
            pending.removeFirst(end + 1)
        }
        // A line without end is handed on in pieces.
        if pending.count > lineLimit {
            line(text(pending))
            pending = []
        }
    }

    private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

    private static func status(_ word: Int32) -> Int32 {
        // WIFEXITED and its like are macros, which Swift does not see.
        let signal = word & 0x7f
        return signal == 0 ? (word >> 8) & 0xff : 128 + signal
    }

    private static func pipe() throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [0, 0]
        guard Glibc.pipe(&ends) == 0 else { throw SystemFault(operation: "make", path: "a pipe", code: errno) }
        // A night starts one program at a time, from one thread.
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        return (ends[0], ends[1])
    }

    private func start(output: Int32, errors: Int32) throws -> pid_t {
        let source = try standardInput()
        defer { close(source) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        for (from, to) in [(source, STDIN_FILENO), (output, STDOUT_FILENO), (errors, STDERR_FILENO)] {
            posix_spawn_file_actions_adddup2(&actions, from, to)
        }
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // What this program ignores and blocks is its own matter.
        var usual = sigset_t(), none = sigset_t()
        sigemptyset(&usual)
        for signal in [SIGPIPE, SIGXFSZ, SIGINT, SIGTERM] { sigaddset(&usual, signal) }
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &usual)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP))
        var arguments = words.map { strdup($0) } + [nil]
        var environment = ProcessInfo.processInfo.environment.map { strdup("\($0.key)=\($0.value)") } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var process: pid_t = 0
        let code = posix_spawnp(&process, words[0], &actions, &attributes, &arguments, &environment)
        guard code == 0 else { throw SystemFault(operation: "run", path: words[0], code: code) }
        return process
    }

    /// A file, so that a program that never reads cannot hold this one up.
    private func standardInput() throws -> Int32 {
        guard let input else {
            let null = open("/dev/null", O_RDONLY | O_CLOEXEC)
            guard null >= 0 else { throw SystemFault(operation: "open", path: "/dev/null", code: errno) }
            return null
        }
        guard let file = tmpfile() else {
            throw SystemFault(operation: "make", path: "a temporary file", code: errno)
        }
        defer { fclose(file) }
        let bytes = Array(input.utf8)
        guard fwrite(bytes, 1, bytes.count, file) == bytes.count, fflush(file) == 0 else {
            throw SystemFault(operation: "write", path: "a temporary file", code: errno)
        }
        rewind(file)
        let copy = fcntl(fileno(file), F_DUPFD_CLOEXEC, 3)
        guard copy >= 0 else { throw SystemFault(operation: "open", path: "a temporary file", code: errno) }
        return copy
    }
}
