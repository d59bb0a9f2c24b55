import Files
import Synchronization

#if canImport(Glibc)
import Glibc
#endif

/// Standard error: messages for people, and at most one status line (a progress bar) that stays below them.
///
/// Safe to use from several threads. Failures to write are ignored: a job goes on when nobody watches.
package final class MessageStream: Sendable {
    package static let standardError = MessageStream(descriptor: STDERR_FILENO)

    /// Whether a status line can be redrawn in place.
    package let isTerminal: Bool
    private let isColored: Bool
    private let sink: @Sendable (String) -> Void
    private let widthSource: @Sendable () -> Int
    private let statusLine = Mutex<String>("")

    package convenience init(descriptor: Int32) {
        let dumb = getenv("TERM").map { String(cString: $0) == "dumb" } ?? true
        self.init(
            isTerminal: isatty(descriptor) == 1 && !dumb, isColored: ColorChoice.colors(descriptor: descriptor),
            width: {
                var size = winsize()
                return ioctl(descriptor, UInt(TIOCGWINSZ), &size) == 0 && size.ws_col > 0 ? Int(size.ws_col) : 80
            },
            sink: { text in
                try? Array(text.utf8).withUnsafeBytes { try Transfer.write(descriptor, $0, path: "standard error") }
            })
    }

    package init(
        isTerminal: Bool, isColored: Bool = false, width: @escaping @Sendable () -> Int,
        sink: @escaping @Sendable (String) -> Void
    ) {
        self.isTerminal = isTerminal
        self.isColored = isColored
        self.widthSource = width
        self.sink = sink
    }

    /// Columns of the terminal; 80 when unknown.
    package var width: Int { widthSource() }

    /// Writes a message and a line feed, above the status line when there is one.
    ///
    /// A message is text, whatever file names, words and values from files it quotes: what would move the cursor or do
    /// worse to a terminal is written as `\u{…}`. Further lines of a message begin with two spaces; a line end before
    /// anything else is none of ours, and escaped too: nothing that is quoted can pass for a message. Of a message that
    /// quotes without end (one letter can have a million accents) the beginning is written.
    /// - Parameter style: how it is set off where there are colours.
    package func say(_ message: String, style: TextStyle? = nil) {
        let message = Self.shortened(message).split(separator: "\n  ", omittingEmptySubsequences: false)
            .map { DisplayWidth.printable(String($0)) }
            .map { isColored ? style?.applied(to: $0) ?? $0 : $0 }.joined(separator: "\n  ")
        statusLine.withLock { status in
            sink(status.isEmpty ? message + "\n" : "\r\u{1B}[K" + message + "\n" + status)
        }
    }

    /// Bytes of UTF-8; the longest messages of ours list forty names.
    static let longestMessage = 8192

    private static func shortened(_ message: String) -> String {
        let excess = message.utf8.count - longestMessage
        guard excess > 0 else { return message }
        return String(decoding: message.utf8.prefix(longestMessage), as: UTF8.self) + "… (\(excess) bytes more)"
    }

    /// Redraws the status line (terminal only); an empty text removes it.
    package func showStatus(_ text: String) {
        guard isTerminal else { return }
        let text = DisplayWidth.printable(text)
        statusLine.withLock { status in
            status = text
            sink("\r\u{1B}[K" + text)
        }
    }
}
