import Diagnostics
import Synchronization
import TestSupport
import Testing

@testable import Files

@Suite struct PackedFileTests {
    let folder = try! TemporaryFolder()
    let text = (1...4000).map { "line \($0) \u{43a}\u{43e}\u{442}\n" }.joined()

    private static let filters: [ArchiveFixture.Filter] = [.bzip2, .xz, .zstd]

    @Test("packed texts are recognised by their contents, whatever the name", arguments: filters)
    func texts(_ filter: ArchiveFixture.Filter) throws {
        let expected = try lines(of: folder.write("plain", text))
        let bytes = try ArchiveFixture.bytes(text, filter)
        for name in ["a.txt", "a.txt.xz", "a.gz"] { #expect(try lines(of: folder.write(name, bytes)) == expected) }
        #expect(try lines(of: folder.write("two", bytes + bytes)).count == 8000)
        #expect(try lines(of: folder.write("none", ArchiveFixture.bytes("", filter))).isEmpty)
    }

    @Test func theMemberOfAnArchiveIsRead() throws {
        for (format, filter) in [(ArchiveFixture.Format.zip, .none), (.tar, .none)]
            + ArchiveFixture.Filter.allCases.map({ (.tar, $0) })
        {
            let path = try folder.write(
                "x", ArchiveFixture.bytes([("d/", []), ("d/en.vec", Array(text.utf8))], format, filter))
            let reader = try LineReader(path: path)
            #expect(reader.member == "d/en.vec" && reader.path == "\(path): d/en.vec", "\(format) \(filter)")
            #expect(try lines(of: path).count == 4000, "\(format) \(filter)")
        }
    }

    @Test(
        "of several members the one named like the archive is taken, else the first text; attachments are no texts",
        arguments: [
            ("en.vec.zip", ["README.md", "fr.vec", "en.vec"], "en.vec", ["fr.vec"]),
            ("wiki.en.zip", ["wiki.en.bin", "wiki.en.vec"], "wiki.en.vec", ["wiki.en.bin"]),
            ("glove.zip", ["glove.50d.txt", "glove.100d.txt"], "glove.50d.txt", ["glove.100d.txt"]),
            ("a.zip", ["__MACOSX/._en.txt", ".hidden.txt", "LICENSE", "en.txt"], "en.txt", []),
            ("a.tar.xz", ["a"], "a", []), ("a.zip", ["README.txt"], "README.txt", []),
        ])
    func choice(_ archive: String, _ names: [String], _ taken: String, _ others: [String]) throws {
        let choice = try #require(MemberChoice(names, archive: "x/" + archive))
        #expect(choice.name == taken && choice.others == others)
        let remark = choice.remark(path: archive)
        #expect((remark == nil) == others.isEmpty)
        if let remark { #expect(remark.contains(taken) && others.allSatisfy(remark.contains)) }
        let path = try folder.write(archive, ArchiveFixture.bytes(names.map { ($0, Array("\($0)\n".utf8)) }, .zip))
        #expect(try lines(of: path) == [taken])
    }

    @Test func anArchiveWithoutAFileIsRefused() throws {
        let path = try folder.write("x.zip", ArchiveFixture.bytes([("d/", [])], .zip))
        #expect(throws: FileError.noMember(path: path, kind: .zip)) { try lines(of: path) }
    }

    @Test("every truncation is an error", arguments: filters)
    func truncations(_ filter: ArchiveFixture.Filter) throws {
        let whole = try ArchiveFixture.bytes(String(text.prefix(3000)), filter)
        for length in stride(from: 12, to: whole.count, by: 7) {
            let path = try folder.write("a", Array(whole.prefix(length)))
            #expect(throws: FileError.self) { try lines(of: path) }
        }
    }

    /// A flipped bit is found by the packer's checksum, or it changes nothing. (What libarchive writes as zstandard has
    /// no checksum; what zstd writes does.)
    @Test("every flipped bit is an error or changes nothing", arguments: [ArchiveFixture.Filter.bzip2, .xz])
    func flips(_ filter: ArchiveFixture.Filter) throws {
        let whole = try ArchiveFixture.bytes(String(text.prefix(300)), filter)
        let expected = try lines(of: folder.write("whole", whole))
        var refused = 0
        for bit in stride(from: 0, to: whole.count * 8, by: 3) {
            var damaged = whole
            damaged[bit / 8] ^= 1 << (bit % 8)
            do {
                // Without its first bytes it is a file of another kind, which may be text.
                if bit / 8 >= 6, try lines(of: folder.write("a", damaged)) != expected {
                    Issue.record("\(filter): bit \(bit) changed the text unnoticed")
                }
            } catch is FileError { refused += 1 }
        }
        #expect(refused > whole.count)
    }

    /// Damaged archives are read or refused; they never trap.
    /// A frame of one stored block whose header asks for a window of 1 GiB, as `zstd --long=30` writes it.
    @Test func aWindowLargerThanMemoryIsGivenForIsSaid() throws {
        let word = Array("dog\n".utf8)
        let header: [UInt8] = [0x28, 0xb5, 0x2f, 0xfd, 0, 20 << 3]
        let path = try folder.write("a.zst", header + [UInt8(word.count << 3 | 1), 0, 0] + word)
        #expect(throws: FileError.largeWindow(path: path, kind: .zstandard)) { try lines(of: path) }
        // The same with a window of 1 MiB is read.
        let small = try folder.write("b.zst", header[..<5] + [10 << 3, UInt8(word.count << 3 | 1), 0, 0] + word)
        #expect(try lines(of: small) == lines(of: folder.write("plain", word)))
    }

    @Test func damagedArchives() throws {
        var generator = SeededGenerator(state: 77)
        for (format, filter) in [(ArchiveFixture.Format.zip, ArchiveFixture.Filter.none), (.tar, .none), (.tar, .xz)] {
            let seed = try ArchiveFixture.bytes(
                [("a.txt", Array("one\n".utf8)), ("b.txt", Array("two\n".utf8))], format, filter)
            var refused = 0
            for _ in 0..<400 {
                var bytes = seed
                for _ in 0..<Int.random(in: 1...6, using: &generator) {
                    bytes[Int.random(in: 0..<min(bytes.count, 2048), using: &generator)] = UInt8.random(
                        in: 0...255, using: &generator)
                }
                if Bool.random(using: &generator) {
                    bytes.removeLast(Int.random(in: 1..<bytes.count, using: &generator))
                }
                let path = try folder.write("fuzz", bytes)
                do {
                    _ = try lines(of: path)
                    _ = try ArchiveMembers.names(of: path)
                } catch let error as FileError {
                    #expect(error.description.hasPrefix(path))
                    refused += 1
                }
            }
            #expect(refused > 40, "\(format) \(filter): \(refused)")
        }
    }

    @Test("a bomb stops at the line limit", arguments: filters)
    func bombs(_ filter: ArchiveFixture.Filter) throws {
        let bomb = try ArchiveFixture.bytes(String(repeating: "a", count: 40 << 20), filter)
        #expect(bomb.count < 100_000)
        let path = try folder.write("a", bomb)
        #expect(throws: FileError.lineTooLong(path: path, line: 1, limitBytes: 16 << 20)) { try lines(of: path) }
    }

    @Test func membersOfAnArchiveFollowOneAnother() throws {
        let members = (0..<40).map { ("d/\($0).tab", Array("line of \($0)\n".utf8)) } + [("README", [0x61])]
        let path = try folder.write("x.tar.xz", ArchiveFixture.bytes(members, .tar, .xz))
        let names = try #require(try ArchiveMembers.names(of: path))
        #expect(names == members.dropLast().map(\.0))
        let plain = try folder.write("plain", "first\n")
        let sequence = TextSequence([.init(path: plain), .init(path: path, members: ["d/3.tab", "d/17.tab"])])
        var found: [String] = []
        while let reader = try sequence.nextLines() {
            while let line = try reader.next() { found.append(String(decoding: line, as: UTF8.self)) }
        }
        #expect(found == ["first", "line of 3", "line of 17"])
        #expect(try ArchiveMembers.names(of: plain) == nil)
        #expect(try ArchiveMembers.names(of: folder.write("p.xz", ArchiveFixture.bytes("a", .xz))) == nil)
    }

    @Test func aMemberIsReadWhole() throws {
        let path = try folder.write("x.npz", ArchiveFixture.bytes([("a.npy", [1, 2, 3]), ("b.npy", [4])], .zip))
        #expect(try ArchiveMembers.contents(of: path, member: "b.npy", limit: 10) == [4])
        #expect(throws: FileError.self) { try ArchiveMembers.contents(of: path, member: "c.npy", limit: 10) }
        #expect(throws: FileError.self) { try ArchiveMembers.contents(of: path, member: "a.npy", limit: 2) }
    }

    @Test func whatIsPackedTwiceIsSaid() throws {
        let inner = try ArchiveFixture.bytes("a\n", .bzip2)
        let path = try folder.write("a.zip", ArchiveFixture.bytes([("a.txt.bz2", inner)], .zip))
        let error = #expect(throws: FileError.self) { try lines(of: path) }
        #expect(error?.description.contains("bzip2 data again") == true)
    }

    @Test("a name that promises packed data must hold some", arguments: ["xz", "bz2", "zst", "zip"])
    func names(_ ending: String) throws {
        let path = try folder.write("a.txt.\(ending)", "text\n")
        let error = #expect(throws: FileError.self) { try lines(of: path) }
        #expect(error?.description.contains("drop .\(ending) from its name") == true)
    }

    @Test func plainNames() {
        for (name, plain) in [
            ("a/omw.tar.xz", "a/omw"), ("en.vec.zip", "en.vec"), ("fi.txt.gz", "fi.txt"), ("x.tgz", "x"),
            ("x.tar", "x"),
            ("plain.txt", "plain.txt"), (".gz", ".gz"), ("en.txt.bz2", "en.txt"), ("en.vec.zst", "en.vec"),
        ] { #expect(PackedName.plain(name) == plain) }
    }
}
