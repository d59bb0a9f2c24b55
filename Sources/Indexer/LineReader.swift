import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// Reads UTF-8 lines from a descriptor, split at line feeds only, without holding more than the longest.
struct LineReader {
    /// No word or sentence is that long: such a stream is not text.
    static let lengthLimit = 1 << 26

    let descriptor: Int32
    let name: String

    /// Calls the body with each line, without its line feed, and its number from 1; a last line may lack the feed.
    /// - Throws: `LineError` for a line that is not UTF-8 or too long, `SystemFault`, what the body throws.
    func forEachLine(_ body: (UnsafeBufferPointer<UInt8>, Int) throws -> Void) throws {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var filled = 0
        var number = 0
        func take(_ line: UnsafeBufferPointer<UInt8>) throws {
            number += 1
            guard String(validating: line, as: UTF8.self) != nil else {
                throw LineError(
                    name: name, line: number, expected: "UTF-8", found: "bytes that are not; convert the text first")
            }
            try body(line, number)
        }
        while true {
            if filled == buffer.count {
                guard filled < Self.lengthLimit else {
                    throw LineError(
                        name: name, line: number + 1, expected: "a line of at most \(Self.lengthLimit) bytes",
                        found: "a longer one")
                }
                buffer += [UInt8](repeating: 0, count: buffer.count)
            }
            let got = buffer.withUnsafeMutableBytes { bytes in
                read(descriptor, bytes.baseAddress.map { $0 + filled }, bytes.count - filled)
            }
            if got < 0 {
                if errno == EINTR { continue }
                throw SystemFault(operation: "read", path: name, code: errno)
            }
            let searched = filled
            filled += got
            var start = 0
            try buffer.withUnsafeBufferPointer { bytes in
                var position = searched
                while position < filled {
                    if bytes[position] == 0x0A {
                        try take(UnsafeBufferPointer(rebasing: bytes[start..<position]))
                        start = position + 1
                    }
                    position += 1
                }
                if got == 0 && start < filled {
                    try take(UnsafeBufferPointer(rebasing: bytes[start..<filled]))
                }
            }
            if got == 0 { return }
            if start > 0 {
                buffer.removeSubrange(0..<start)
                buffer += [UInt8](repeating: 0, count: start)
                filled -= start
            }
        }
    }
}
