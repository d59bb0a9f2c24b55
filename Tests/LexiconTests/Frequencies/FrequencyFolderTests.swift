import Diagnostics
import Files
import TestSupport
import Testing

@testable import Lexicon

@Suite struct FrequencyFolderTests {
    private let folder = try! TemporaryFolder(inMemory: true)

    /// MessagePack by hand: [{"format": "cB", "version": 1}, [], ["the"], ["0000", "of", …]].
    private static func packed(_ buckets: [[String]], format: String = "cB", version: UInt8 = 1) -> [UInt8] {
        func text(_ text: String) -> [UInt8] {
            let bytes = Array(text.utf8)
            return (bytes.count < 32 ? [0xa0 | UInt8(bytes.count)] : [0xd9, UInt8(bytes.count)]) + bytes
        }
        var output: [UInt8] = [0xdc, 0, UInt8(buckets.count + 1), 0x82]
        output += text("format") + text(format) + text("version") + [version]
        for bucket in buckets { output += [0x90 | UInt8(bucket.count)] + bucket.flatMap(text) }
        return output
    }

    private func words(_ path: String, top: Int) throws -> [String] {
        let table = try FrequencyFolder.read(path: path, language: "en", top: top)
        return (0..<table.count).map { table.string(at: $0) }
    }

    @Test func readsWordfreqLists() throws {
        let long = String(repeating: "é", count: 30)
        let path = try folder.write(
            "large_en.msgpack.gz",
            gzip(Self.packed([[], ["the"], ["0000", "of", "1.5", "3d", "٣٤"], [], [long, "日"]])))
        #expect(try words(path, top: 100) == ["the", "of", "3d", long, "日"])
        #expect(try words(path, top: 2) == ["the", "of"])
    }

    @Test func damagedListsAreErrors() throws {
        let whole = Self.packed([["the"], ["of", "and"]])
        for length in 0..<whole.count {
            let path = try folder.write("large_en.msgpack", Array(whole.prefix(length)))
            #expect(throws: FileError.self) { try words(path, top: 100) }
        }
        let damaged: [[UInt8]] = [
            whole + [0], Self.packed([["a"]], format: "dB"), Self.packed([["a"]], version: 2), Self.packed([]),
            Self.packed([[]]), [0xdd, 0xff, 0xff, 0xff, 0xff] + Array(whole.dropFirst(3)), [0x90], [0xc0],
            whole.map { $0 == UInt8(ascii: "h") ? 0xff : $0 },
        ]
        for bytes in damaged {
            let path = try folder.write("large_en.msgpack", bytes)
            #expect(throws: (any Error).self) { try words(path, top: 100) }
        }
    }

    /// A billion words "a" are some megabytes of gzip: the count is refused, not counted through.
    @Test func aListOfBillionsIsRefusedAtOnce() throws {
        let header = Self.packed([]).dropFirst(3)
        let path = try folder.write(
            "large_en.msgpack", [0x92] + header + [0xdd, 0xff, 0xff, 0xff, 0xff, 0xa1, 0x61])
        let error = #expect(throws: FileError.self) { try words(path, top: 10) }
        #expect(error?.description.contains("at most 16777216 words in all, found a list of 4294967295") == true)
    }

    @Test func mutationsParseOrThrow() throws {
        let whole = Self.packed([["the"], ["of", "and"], [], ["x", "yy", "zzz"]])
        var generator = SeededGenerator(state: 9)
        var parsed = 0
        for _ in 0..<2_000 {
            var bytes = whole
            bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            let path = try folder.write("large_en.msgpack", bytes)
            do {
                #expect(try !words(path, top: 100).isEmpty)
                parsed += 1
            } catch is any Diagnosable {}
        }
        #expect(parsed > 0)
    }

    @Test func choosesAListForEachLanguage() throws {
        for name in [
            "small_en.msgpack.gz", "large_en.msgpack.gz", "small_fil.msgpack.gz", "fi.txt", "wiki.de.vec", "notes.md",
        ] {
            try folder.write(name, "")
        }
        let found = try FrequencyFolder(folder.path)
        #expect(found.path(of: "en")?.hasSuffix("large_en.msgpack.gz") == true)
        #expect(found.path(of: "tl")?.hasSuffix("small_fil.msgpack.gz") == true)
        #expect(found.files.map(\.language) == ["de", "en", "fi", "fil", "tl"])
        try folder.write("eng.txt", "")
        #expect(throws: LexiconError.self) { try FrequencyFolder(folder.path) }
    }
}
