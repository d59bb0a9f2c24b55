import Diagnostics
import TestSupport
import Testing

@testable import Files

@Suite struct LineReaderTests {
    let folder = try! TemporaryFolder(inMemory: true)

    @Test func splitsAtLineFeedsOnly() throws {
        let texts = ["a b ", "\u{2028}", "x\u{85}y", "\u{a0}", "", "lone\rreturn", "last"]
        let path = try folder.write("a.txt", texts.joined(separator: "\n"))
        #expect(try bytes(lines(of: path)) == bytes(texts))
        let ended = try folder.write("b.txt", texts.joined(separator: "\n") + "\n")
        #expect(try bytes(lines(of: ended)) == bytes(texts))
    }

    @Test func countsLinesAndBytes() throws {
        let reader = try LineReader(path: folder.write("a.txt", "\u{feff}ab\n\u{e9}\nc"))
        _ = try reader.next()
        #expect(reader.lineNumber == 1)
        #expect(reader.lineOffset == 3)
        _ = try reader.next()
        #expect(reader.lineOffset == 6)
        _ = try reader.next()
        #expect(reader.lineNumber == 3)
        #expect(reader.lineOffset == 9)
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    @Test func dropsOneByteOrderMarkAtTheStart() throws {
        #expect(try bytes(lines(of: folder.write("a", "\u{feff}a\n\u{feff}b\n"))) == bytes(["a", "\u{feff}b"]))
        #expect(try bytes(lines(of: folder.write("b", "\u{feff}\u{feff}a"))) == bytes(["\u{feff}a"]))
        #expect(try lines(of: folder.write("c", "\u{feff}")).isEmpty)
        #expect(try lines(of: folder.write("d", "")).isEmpty)
        #expect(try bytes(lines(of: folder.write("e.gz", gzip("\u{feff}a\n")))) == bytes(["a"]))
    }

    @Test func stripsOneCarriageReturnWhenTheFirstLineHasOne() throws {
        #expect(try bytes(lines(of: folder.write("a", "a\r\nb\r\r\nc\nd\r\n"))) == bytes(["a", "b\r", "c", "d"]))
        #expect(try bytes(lines(of: folder.write("b", "a\r\nb\r"))) == bytes(["a", "b"]))
        #expect(try bytes(lines(of: folder.write("c", "\r\nb\r\n"))) == bytes(["", "b"]))
        #expect(try bytes(lines(of: folder.write("d", "a\nb\r"))) == bytes(["a", "b\r"]))
    }

    @Test func mixedLineEndsAreAnError() throws {
        let path = try folder.write("a", "a\nb\r\nc\n")
        #expect(throws: FileError.mixedLineEnds(path: path, line: 2)) { try lines(of: path) }
    }

    @Test func readsLinesLongerThanItsBuffer() throws {
        let texts = [300_000, 0, 262_144, 1, 900_000, 262_143].map { String(repeating: "x", count: $0) }
        let text = texts.joined(separator: "\n") + "\n"
        #expect(try lines(of: folder.write("a", text)) == texts)
        #expect(try lines(of: folder.write("a.gz", gzip(text))) == texts)
    }

    @Test func refusesLinesOverTheLimit() throws {
        let path = try folder.write("a", "ok\n" + String(repeating: "x", count: 1_001) + "\n")
        #expect(try lines(of: path, maximalLineBytes: 1_001).count == 2)
        #expect(throws: FileError.lineTooLong(path: path, line: 2, limitBytes: 1_000)) {
            try lines(of: path, maximalLineBytes: 1_000)
        }
    }

    @Test func tellsWhereTextIsNotUTF8() throws {
        let path = try folder.write("a", Array("caf\u{e9}\nab".utf8) + [0xe9, 0x20] + Array("c\n".utf8))
        #expect(throws: FileError.notUTF8(path: path, line: 2, offset: 8, found: "0xe9 0x20 0x63")) {
            try lines(of: path)
        }
    }

    @Test func missingFilesAndFoldersAreToldApart() throws {
        let missing = folder.path + "/nothing.txt"
        let error = #expect(throws: FileError.self) { try LineReader(path: missing) }
        #expect(error == .missing(path: missing))
        #expect(error?.exitStatus == .missingInput)
        let kind = #expect(throws: FileError.self) { try LineReader(path: folder.path) }
        #expect(kind == .wrongKind(path: folder.path, expected: "a file", found: "a folder"))
        #expect(kind?.exitStatus == .badInput)
    }

    /// Every ill-formed and well-formed sequence of up to two bytes, and the edges of longer ones, against the
    /// standard library.
    @Test func utf8ValidationAgreesWithTheStandardLibrary() {
        func check(_ sequence: [UInt8]) {
            let padded = Array("abcdefgh".utf8) + sequence
            for bytes in [sequence, padded, sequence + [0x61], sequence + Array("abcdefghi".utf8)] {
                let expected = String(validating: bytes, as: UTF8.self) != nil
                let found = bytes.withUnsafeBufferPointer(UTF8Validation.firstInvalidOffset)
                if expected != (found == nil) { Issue.record("\(bytes): expected \(expected), found \(found as Any)") }
            }
        }
        let edges: [UInt8] = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0]
        for lead in UInt8.min...UInt8.max {
            check([lead])
            for second in edges {
                check([lead, second])
                guard lead >= 0xe0 else { continue }
                for third in edges {
                    check([lead, second, third])
                    guard lead >= 0xf0 else { continue }
                    for fourth in edges { check([lead, second, third, fourth]) }
                }
            }
        }
    }
}
