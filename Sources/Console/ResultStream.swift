import Diagnostics
import Files
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Standard output, which carries results and nothing else; buffered, flushed by `flush` and by `Program`'s end.
///
/// Safe to use from several threads; a call's text is never interleaved with another's.
package final class ResultStream: Sendable {
    package static let standardOutput = ResultStream(descriptor: STDOUT_FILENO, name: "standard output")

    private let descriptor: Int32
    private let name: String
    private let buffer = Mutex<[UInt8]>([])
    private static let capacity = 1 << 16

    package init(descriptor: Int32, name: String) {
        self.descriptor = descriptor
        self.name = name
    }

    /// Columns of the terminal that shows it; 80 for a file or a pipe.
    package var width: Int {
        var size = winsize()
        guard isatty(descriptor) == 1, ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
            return Self.usualWidth
        }
        return Int(size.ws_col)
    }

    private static let usualWidth = 80

    /// Whether a terminal shows it, where tables stay within its width.
    package var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Whether results are set off by colour (`--color`).
    package var isColored: Bool { ColorChoice.colors(descriptor: descriptor) }

    /// - Throws: `ConsoleError.brokenPipe` when nobody reads any more, `SystemFault` for other failures.
    package func write(_ text: String) throws {
        try buffer.withLock { buffer in
            buffer.append(contentsOf: text.utf8)
            if buffer.count >= Self.capacity { try drain(&buffer) }
        }
    }

    /// Writes what people read: on a terminal within its width, elsewhere as it is.
    /// - Throws: as `write`.
    package func write(report text: String) throws {
        try write(isTerminal ? FoldedText.lines(text, width: width) : text)
    }

    /// Writes one JSON document and a line feed.
    package func write(_ value: JSONValue) throws { try write(value.line + "\n") }

    package func flush() throws { try buffer.withLock { try drain(&$0) } }

    private func drain(_ buffer: inout [UInt8]) throws {
        // Emptied also on failure: what could not be written is not tried again at exit.
        defer { buffer.removeAll(keepingCapacity: true) }
        do {
            try buffer.withUnsafeBytes { try Transfer.write(descriptor, $0, path: name) }
        } catch let fault as SystemFault where fault.code == EPIPE {
            throw ConsoleError.brokenPipe
        }
    }
}
