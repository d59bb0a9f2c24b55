import TestSupport
import Testing

@testable import Files

@Suite struct GzipSourceTests {
    let folder = try! TemporaryFolder(inMemory: true)
    let text = (1...400).map { "line \($0) \u{43a}\u{43e}\u{442}\n" }.joined()

    @Test func recognisesGzipByContent() throws {
        let plain = try folder.write("a.txt", text)
        let compressed = try folder.write("a.txt.gz", gzip(text))
        let unnamed = try folder.write("b.txt", gzip(text))
        #expect(try lines(of: compressed) == lines(of: plain))
        #expect(try lines(of: unnamed) == lines(of: plain))
        let wrong = try folder.write("c.txt.gz", "<hi>")
        #expect(throws: FileError.notPacked(path: wrong, ending: ".gz", found: "0x3c 0x68 0x69 0x3e")) {
            try lines(of: wrong)
        }
    }

    @Test func readsSeveralMembersAndZeroPadding() throws {
        let members = try gzip("a\nb") + gzip("") + gzip("c\nd\n") + gzip(text)
        #expect(try lines(of: folder.write("a.gz", members)).prefix(3) == ["a", "bc", "d"])
        #expect(try lines(of: folder.write("b.gz", members)).count == 403)
        #expect(try lines(of: folder.write("c.gz", members + [UInt8](repeating: 0, count: 70_000))).count == 403)
    }

    @Test func refusesGarbageAfterTheLastMember() throws {
        let member = try gzip(text)
        for garbage: [UInt8] in [
            [1], Array("hello".utf8), [0, 0, 7], [0x1f, 0x8c, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0], [0x1f, 0x00],
        ] {
            let path = try folder.write("a.gz", member + garbage)
            #expect(throws: FileError.trailingGarbage(path: path, offset: member.count)) { try lines(of: path) }
        }
    }

    @Test func everyTruncationIsAnErrorThatTellsWhere() throws {
        let whole = try gzip(text)
        for length in 0..<whole.count {
            let path = try folder.write("a.gz", Array(whole.prefix(length)))
            #expect(throws: FileError.truncatedGzip(path: path, offset: length)) { try lines(of: path) }
        }
        let second = try gzip("x\n")
        for length in 1..<second.count {
            let path = try folder.write("a.gz", whole + second.prefix(length))
            #expect(throws: FileError.truncatedGzip(path: path, offset: whole.count + length)) {
                try lines(of: path)
            }
        }
    }

    /// A flipped bit is found by the decoder or by the checksum, or it changes nothing: header bits without meaning
    /// here (time, extra flags, operating system, FTEXT) and the bits that fill up the last byte before the checksum.
    @Test func everyFlippedBitIsAnErrorOrChangesNothing() throws {
        let whole = try gzip(String(text.prefix(300)))
        let expected = try lines(of: folder.write("whole.gz", whole))
        var harmless = Set<Int>()
        for bit in 0..<whole.count * 8 {
            var damaged = whole
            damaged[bit / 8] ^= 1 << (bit % 8)
            let path = try folder.write("a.gz", damaged)
            do {
                let found = try lines(of: path)
                if found != expected { Issue.record("bit \(bit) changed the text unnoticed") }
                harmless.insert(bit / 8)
            } catch is FileError {}
        }
        #expect(harmless.isSubset(of: Set([3, 4, 5, 6, 7, 8, 9, whole.count - 9])))
    }

    @Test func aBombStopsAtTheLineLimit() throws {
        let bomb = try gzip([UInt8](repeating: 0x61, count: 40 << 20))
        #expect(bomb.count < 100_000)
        let path = try folder.write("a.txt.gz", bomb)
        #expect(throws: FileError.lineTooLong(path: path, line: 1, limitBytes: 16 << 20)) { try lines(of: path) }
    }
}
