#if canImport(Glibc)
import Glibc
#endif

/// Streams the lines of a text file, unpacked where it is packed, as UTF-8 bytes lent from one buffer.
///
/// - Lines end at LF only: U+0085, U+2028 and lone CR are text. The last line may lack its LF.
/// - A UTF-8 byte order mark at the start of the file is dropped.
/// - When the first line ends with CR LF, one CR is dropped from the end of every line; when it does not, a later line
///   that ends with CR LF is an error, because it would otherwise become a word nobody can look up.
/// - Every line is valid UTF-8, or an error tells where it is not.
/// - Packed files are recognised by their first bytes; one named `.gz`, `.bz2`, `.xz`, `.zst` or `.zip` must be packed.
/// - Memory: one buffer of 256 KiB, doubled until the longest line fits; a line over `maximalLineBytes` is an error.
/// - After an error that concerns one line (too long, CR LF, not UTF-8) reading may go on with the next line.
package final class LineReader {
    /// Names the text in errors: the file, or the file and the archive's member.
    package let path: String
    /// Name of the archive's member that is read; nil for a file that is no archive.
    package let member: String?
    package let maximalLineBytes: Int
    /// Number of the line last returned, from 1.
    package private(set) var lineNumber = 0
    /// Offset of that line's first byte in the (decompressed) text.
    package private(set) var lineOffset = 0

    private let source: any ByteSource
    private var buffer: UnsafeMutableRawBufferPointer
    /// Bytes `start..<end` of the buffer are read and not yet returned.
    private var start = 0
    private var end: Int
    /// Offset of `buffer[start]` in the text.
    private var textOffset = 0
    private var atEnd = false
    private let isVerbatim: Bool
    private var stripsCarriageReturn = false
    /// Whether the bytes up to the next LF belong to a line that was refused as too long.
    private var isDiscarding = false

    private static let initialBufferBytes = 256 << 10
    private static let sniffedBytes = 64 << 10
    private static let lineFeed = UInt8(ascii: "\n")
    private static let carriageReturn = UInt8(ascii: "\r")

    /// - Throws: `FileError`, `SystemFault`.
    package convenience init(path: String, maximalLineBytes: Int = 16 << 20) throws {
        try self.init(InputFile(path: path), maximalLineBytes: maximalLineBytes)
    }

    /// The lines of standard input, verbatim: each is a text of its own, whatever it ends with.
    /// - Throws: `FileError`, `SystemFault`.
    package static func standardInput() throws -> LineReader {
        try LineReader(InputFile(descriptor: STDIN_FILENO, name: "standard input"), isVerbatim: true)
    }

    /// The lines of a file that is open already.
    /// - Parameter isVerbatim: keep a byte order mark and every CR.
    /// - Throws: `FileError`, `SystemFault`.
    package convenience init(_ file: InputFile, maximalLineBytes: Int = 16 << 20, isVerbatim: Bool = false) throws {
        let buffer = Self.newBuffer()
        do {
            let opened = try OpenedSource.open(file, sniffing: Self.sniffed(buffer))
            self.init(opened, buffer: buffer, maximalLineBytes: maximalLineBytes, isVerbatim: isVerbatim)
        } catch {
            buffer.deallocate()
            throw error
        }
    }

    /// - Parameter opening: fills a buffer with the first bytes; nil when there is nothing to open.
    convenience init?(opening: (UnsafeMutableRawBufferPointer) throws -> OpenedSource?) throws {
        let buffer = Self.newBuffer()
        do {
            guard let opened = try opening(Self.sniffed(buffer)) else {
                buffer.deallocate()
                return nil
            }
            self.init(opened, buffer: buffer, maximalLineBytes: 16 << 20, isVerbatim: false)
        } catch {
            buffer.deallocate()
            throw error
        }
    }

    /// Takes the buffer over.
    private init(
        _ opened: OpenedSource, buffer: UnsafeMutableRawBufferPointer, maximalLineBytes: Int, isVerbatim: Bool
    ) {
        precondition(maximalLineBytes > 0)
        path = opened.path
        member = opened.member
        source = opened.source
        end = opened.count
        self.buffer = buffer
        self.maximalLineBytes = maximalLineBytes
        self.isVerbatim = isVerbatim
    }

    private static func newBuffer() -> UnsafeMutableRawBufferPointer {
        .allocate(byteCount: initialBufferBytes, alignment: 64)
    }

    private static func sniffed(_ buffer: UnsafeMutableRawBufferPointer) -> UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(rebasing: buffer[..<sniffedBytes])
    }

    deinit { buffer.deallocate() }

    /// The next line without its line end, or nil at the end of the text. Valid until the next call.
    ///
    /// - Throws: `FileError`, `SystemFault`.
    package func next() throws -> UnsafeBufferPointer<UInt8>? {
        guard let line = try nextRaw() else { return nil }
        if let invalid = UTF8Validation.firstInvalidOffset(in: line) {
            throw FileError.notUTF8(
                path: path, line: lineNumber, offset: lineOffset + invalid,
                found: Self.hexadecimal(line[invalid..<min(invalid + 4, line.count)]))
        }
        return line
    }

    private func nextRaw() throws -> UnsafeBufferPointer<UInt8>? {
        if lineNumber == 0, !isVerbatim { try skipByteOrderMark() }
        if isDiscarding { try discardLine() }
        var searched = start
        while true {
            if let found = lineFeedOffset(from: searched) {
                return try take(lineEnd: found, next: found + 1)
            }
            if atEnd {
                return start < end ? try take(lineEnd: end, next: end) : nil
            }
            guard end - start <= maximalLineBytes else {
                lineNumber += 1
                isDiscarding = true
                throw tooLong(line: lineNumber)
            }
            let pending = end - start
            try fill()
            searched = start + pending
        }
    }

    private func lineFeedOffset(from offset: Int) -> Int? {
        guard offset < end, let base = buffer.baseAddress,
            let found = memchr(base + offset, Int32(Self.lineFeed), end - offset)
        else { return nil }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// Hands out `start..<lineEnd` and moves on to `next`.
    private func take(lineEnd: Int, next: Int) throws -> UnsafeBufferPointer<UInt8> {
        lineNumber += 1
        lineOffset = textOffset
        textOffset += next - start
        let first = start
        start = next
        guard lineEnd - first <= maximalLineBytes else { throw tooLong(line: lineNumber) }
        var last = lineEnd
        if !isVerbatim, lineEnd > first, buffer[lineEnd - 1] == Self.carriageReturn {
            let endsWithLineFeed = next > lineEnd
            if lineNumber == 1, endsWithLineFeed { stripsCarriageReturn = true }
            if stripsCarriageReturn {
                last -= 1
            } else if endsWithLineFeed {
                throw FileError.mixedLineEnds(path: path, line: lineNumber)
            }
        }
        return UnsafeRawBufferPointer(rebasing: buffer[first..<last]).assumingMemoryBound(to: UInt8.self)
    }

    /// Drops what is left of a line that was too long.
    private func discardLine() throws {
        while true {
            if let found = lineFeedOffset(from: start) {
                textOffset += found + 1 - start
                start = found + 1
                break
            }
            textOffset += end - start
            start = end
            if atEnd { break }
            try fill()
        }
        isDiscarding = false
    }

    private func tooLong(line: Int) -> FileError {
        .lineTooLong(path: path, line: line, limitBytes: maximalLineBytes)
    }

    /// Moves what is pending to the front, makes room, reads once.
    private func fill() throws {
        if start > 0, let base = buffer.baseAddress {
            memmove(base, base + start, end - start)
            end -= start
            start = 0
        }
        if end == buffer.count {
            let grown = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 64)
            grown.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[..<end]))
            buffer.deallocate()
            buffer = grown
        }
        let count = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[end...]))
        atEnd = count == 0
        end += count
    }

    private func skipByteOrderMark() throws {
        while end - start < 3, !atEnd { try fill() }
        if end - start >= 3, buffer[start] == 0xef, buffer[start + 1] == 0xbb, buffer[start + 2] == 0xbf {
            start += 3
            textOffset += 3
        }
    }

    private static func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
        bytes.map { "0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
    }
}
