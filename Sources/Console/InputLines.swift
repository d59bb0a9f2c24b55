import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Lines of a descriptor (standard input), split at LF only: other line ends of Unicode are text.
///
/// A last line without LF is a line; an LF at the end does not start another.
package final class InputLines {
    package static let longestLineBytes = 1 << 26

    private let descriptor: Int32
    private let name: String
    private var buffer: [UInt8] = []
    private var start = 0
    private var ended = false
    /// Number of the line returned last, from 1.
    package private(set) var number = 0

    package init(descriptor: Int32 = STDIN_FILENO, name: String = "standard input") {
        self.descriptor = descriptor
        self.name = name
    }

    /// The bytes of the next line without its LF; nil at the end.
    /// - Throws: `SystemFault`; `ConsoleError.lineTooLong` beyond 64 MiB.
    package func next() throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: 10) {
                defer { start = end + 1 }
                number += 1
                return Array(buffer[start..<end])
            }
            if ended {
                guard start < buffer.count else { return nil }
                defer { start = buffer.count }
                number += 1
                return Array(buffer[start...])
            }
            if buffer.count - start > Self.longestLineBytes {
                throw ConsoleError.lineTooLong(name: name, line: number + 1, limitBytes: Self.longestLineBytes)
            }
            buffer.removeSubrange(..<start)
            start = 0
            searched = buffer.count
            try fill()
        }
    }

    private func fill() throws {
        let size = 1 << 16
        let previous = buffer.count
        buffer.append(contentsOf: repeatElement(0, count: size))
        while true {
            let count = buffer.withUnsafeMutableBytes { read(descriptor, $0.baseAddress! + previous, size) }
            if count < 0 && errno == EINTR { continue }
            buffer.removeSubrange((previous + max(count, 0))...)
            if count < 0 { throw SystemFault(operation: "read", path: name, code: errno) }
            if count == 0 { ended = true }
            return
        }
    }
}
