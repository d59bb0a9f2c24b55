import Foundation
import Testing

@testable import Files

/// Lines of a descriptor that hands its bytes over in pieces, as standard input does.
@Suite struct PipedLinesTests {
    /// Sends bytes through a pipe, in pieces, to a `LineReader`.
    private func read(_ bytes: [UInt8], piece: Int) throws -> [[UInt8]] {
        var ends: [Int32] = [0, 0]
        try #require(pipe(&ends) == 0)
        let (readEnd, writeEnd) = (ends[0], ends[1])
        let writer = Thread {
            for start in stride(from: 0, to: bytes.count, by: piece) {
                let part = Array(bytes[start..<min(bytes.count, start + piece)])
                _ = part.withUnsafeBytes { write(writeEnd, $0.baseAddress, $0.count) }
            }
            close(writeEnd)
        }
        writer.start()
        defer { close(readEnd) }
        var lines: [[UInt8]] = []
        let reader = try LineReader(InputFile(descriptor: readEnd, name: "pipe"), isVerbatim: true)
        while let line = try reader.next() {
            lines.append(Array(line))
            #expect(reader.lineNumber == lines.count)
        }
        return lines
    }

    @Test("lines end at line feeds only, however the bytes arrive", arguments: [1, 3, 70_000])
    func lineReader(_ piece: Int) throws {
        let long = [UInt8](repeating: 0x61, count: piece == 1 ? 300 : 200_000)
        let expected = [Array("a\r".utf8), [], Array("ä\u{2028}\u{85}b".utf8), long, [], Array("end".utf8)]
        #expect(try read(Array(expected.joined(separator: [0x0A])), piece: piece) == expected)
        #expect(try read([], piece: piece) == [])
        #expect(try read([0x0A], piece: piece) == [[]])
        #expect(try read([0x61, 0x0A], piece: piece) == [[0x61]])
    }

    @Test func notUTF8() throws {
        let error = #expect(throws: FileError.self) { try read([0x61, 0x0A, 0xC3, 0x0A], piece: 8) }
        #expect(error == .notUTF8(path: "pipe", line: 2, offset: 2, found: "0xc3") && error?.exitStatus == .badInput)
    }
}
