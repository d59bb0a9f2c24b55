import CZlib
import Foundation
import Kernels
import TestSupport
import Testing

@testable import Encoder

@Suite struct TorchArchiveTests {
    /// As in tools/goldens/make-training-goldens.
    private static let shapes: [(name: String, shape: [Int])] =
        (0..<40).map { ("layer.\($0).weight", [$0 % 5 + 1, 3]) }
        + [("wide.bias", [300]), ("wide.weight", [300, 256]), ("deep", [2, 3, 4, 5]), ("cube", [2, 1, 3])]

    @Test func thePickleIsTorchs() throws {
        let path = Fixtures.folder + "/training/state-dictionary.pkl"
        let expected = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        #expect(StateDictionaryPickle(Self.shapes).bytes == expected)
    }

    private func write(_ tensors: [(name: String, shape: [Int], values: [Float])]) throws -> [UInt8] {
        let path = try Fixtures.temporaryFolder() + "/pytorch_adapter.bin", memory = FloatBuffer()
        memory.reserve(tensors.reduce(0) { $0 + $1.values.count })
        var archived: [TorchArchive.Tensor] = [], offset = 0
        for tensor in tensors {
            for (i, value) in tensor.values.enumerated() { memory.pointer[offset + i] = value }
            archived.append(.init(name: tensor.name, shape: tensor.shape, values: memory.pointer + offset))
            offset += tensor.values.count
        }
        try withExtendedLifetime(memory) { try TorchArchive.write(archived, to: path) }
        return try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
    }

    @Test func everyMemberIsStoredAlignedAndHasItsChecksum() throws {
        let tensors: [(name: String, shape: [Int], values: [Float])] = [
            ("a.weight", [2, 3], [1, -2, 3.5, 0, .infinity, 1e-30]), ("a.bias", [1], [7]),
            ("b.weight", [40], (0..<40).map { Float($0) / 3 }),
        ]
        let pickle = StateDictionaryPickle(tensors.map { ($0.name, $0.shape) }).bytes
        let bytes = try write(tensors), members = try #require(ZipMember.read(bytes))
        #expect(
            members.map(\.name)
                == ["data.pkl", "byteorder", "data/0", "data/1", "data/2", "version"].map { "archive/" + $0 })
        for member in members {
            #expect(member.dataStart % 64 == 0, "\(member.name)")
            let contents = Array(bytes[member.dataStart..<member.dataStart + member.byteCount])
            #expect(member.checksum == UInt32(crc32(0, contents, UInt32(contents.count))), "\(member.name)")
            switch member.name {
            case "archive/data.pkl": #expect(contents == pickle)
            case "archive/byteorder": #expect(contents == Array("little".utf8))
            case "archive/version": #expect(contents == Array("3\n".utf8))
            default:
                let index = try #require(Int(member.name.dropFirst("archive/data/".count)))
                #expect(contents == tensors[index].values.flatMap { $0.bitPattern.littleEndianBytes })
            }
        }
        // No clock, no process: the same again.
        #expect(try write(tensors) == bytes)
    }

    /// Python's zipfile looks at what a reader of our own might not.
    @Test func pythonReadsTheArchive() throws {
        let path = try Fixtures.temporaryFolder() + "/pytorch_adapter.bin"
        try Data(write([("a", [3], [1, 2, 3])])).write(to: URL(fileURLWithPath: path))
        let outcome = try PythonProcess.run([
            "-c",
            """
            import pickletools, struct, sys, zipfile
            archive = zipfile.ZipFile(sys.argv[1])
            assert archive.testzip() is None
            pickletools.dis(archive.read("archive/data.pkl"), open("/dev/null", "w"))
            print(struct.unpack("<3f", archive.read("archive/data/0")))
            """, path,
        ])
        #expect(outcome.output == "(1.0, 2.0, 3.0)\n")
    }

    @Test func aZipArchiveHasLimits() {
        #expect(TorchArchive.holds(floats: 1 << 29, tensors: 48))
        #expect(!TorchArchive.holds(floats: 1 << 30, tensors: 48))
        #expect(!TorchArchive.holds(floats: 1 << 20, tensors: 1 << 16))
    }
}

/// A stored member of a zip archive, as its directory entry and its header agree to describe it.
private struct ZipMember {
    let name: String
    let byteCount: Int
    let checksum: UInt32
    let dataStart: Int

    /// Nil when anything is out of place: signatures, methods, sizes, gaps between members, bytes after the end record.
    static func read(_ bytes: [UInt8]) -> [ZipMember]? {
        func number(_ offset: Int, _ width: Int) -> Int {
            (0..<width).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
        }
        let end = bytes.count - 22
        guard end >= 0, number(end, 4) == 0x0605_4b50, number(end + 8, 2) == number(end + 10, 2) else { return nil }
        var entry = number(end + 16, 4), next = 0, members: [ZipMember] = []
        guard entry + number(end + 12, 4) == end else { return nil }
        for _ in 0..<number(end + 10, 2) {
            // Neither an extra field nor a comment in the directory.
            guard number(entry, 4) == 0x0201_4b50, number(entry + 30, 4) == 0 else { return nil }
            let header = number(entry + 42, 4), nameBytes = number(entry + 28, 2), stored = number(entry + 10, 2)
            guard header == next, number(header, 4) == 0x0403_4b50, stored == 0 else { return nil }
            // Version, flags, method, time, checksum, sizes and the name's length stand in both.
            guard bytes[header + 4..<header + 28].elementsEqual(bytes[entry + 6..<entry + 30]) else { return nil }
            let name = bytes[entry + 46..<entry + 46 + nameBytes]
            guard name.elementsEqual(bytes[header + 30..<header + 30 + nameBytes]) else { return nil }
            let start = header + 30 + nameBytes + number(header + 28, 2), size = number(entry + 24, 4)
            guard number(entry + 20, 4) == size else { return nil }
            members.append(
                ZipMember(
                    name: String(decoding: name, as: UTF8.self), byteCount: size,
                    checksum: UInt32(number(entry + 16, 4)), dataStart: start))
            next = start + size
            entry += 46 + nameBytes
        }
        return next == number(end + 16, 4) && entry == end ? members : nil
    }
}
