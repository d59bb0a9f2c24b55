import Foundation
import TestSupport
import Testing

@testable import Encoder
@testable import Files

/// Files of `torch.save` as they are on disks, and what else has their name.
@Suite struct StateDictionaryFileTests {
    private let real = Fixtures.folder + "/adapters/version-2/pytorch_adapter.bin"

    private func said(of bytes: [UInt8]) throws -> String? {
        let folder = try TemporaryFolder()
        let path = try folder.write("pytorch_adapter.bin", bytes)
        do {
            _ = try StateDictionaryFile(path: path)
            return nil
        } catch let error as CheckpointError { return error.description } catch let error as FileError {
            return error.description
        }
    }

    @Test func tensorsHaveTypeShapeAndPlace() throws {
        let file = try StateDictionaryFile(path: real)
        let entry = try #require(file.entries["bert.encoder.layer.2.output.adapters.words.adapter_down.0.weight"])
        #expect(file.entries.count == 12 && entry.typeName == "F16" && entry.shape == [4, 32])
        #expect(entry.range.count == 256 && entry.range.lowerBound % 64 == 0)
    }

    @Test func otherFilesAreNamed() throws {
        let old: [UInt8] = [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e]
        #expect(try said(of: old)?.contains("before PyTorch 1.6") == true)
        var tar = [UInt8](repeating: 0, count: 512)
        tar.replaceSubrange(257..<262, with: Array("ustar".utf8))
        #expect(try said(of: tar)?.contains("before PyTorch 1.6") == true)
        #expect(try said(of: [])?.contains("no file of torch.save") == true)
        #expect(try said(of: Array("{}".utf8))?.contains("no file of torch.save") == true)
        #expect(
            try said(of: Array("version https://git-lfs.github.com/spec/v1\noid".utf8))?.contains("git-lfs") == true)
    }

    @Test func membersAreCompleteAndRight() throws {
        let pickle = StateDictionaryPickle([(name: "a", shape: [2])]).bytes, data = [UInt8](repeating: 0, count: 8)
        #expect(try said(of: Fixtures.zip([("x/data.pkl", pickle), ("x/data/0", data)])) == nil)
        for (members, says) in [
            ([("x/data.pkl", pickle)], "member x/data/0 is missing"),
            ([("x/data.pkl", pickle), ("x/data/0", [0])], "1 bytes, expected 2 × 4"),
            ([("x/data/0", data)], "0 members data.pkl"),
            ([("x/data.pkl", pickle), ("y/data.pkl", pickle)], "2 members data.pkl"),
            ([("x/data.pkl", pickle), ("x/data/0", data), ("x/data/0", data)], "two members"),
            ([("x/data.pkl", pickle), ("x/data/0", data), ("x/byteorder", Array("big".utf8))], "big-endian"),
            ([("x/data.pkl", Array("cos\nsystem\n(X\u{2}\u{0}\u{0}\u{0}lstR.".utf8))], "asks for os.system"),
        ] as [([(String, [UInt8])], String)] {
            let said = try said(of: Fixtures.zip(members.map { (name: $0.0, bytes: $0.1) }))
            #expect(said?.contains(says) == true, "\(says): \(said ?? "read")")
        }
    }

    /// Names in the directory are cheap, and each could lead to the same large member.
    @Test func membersDoNotLieOnOneAnother() throws {
        let pickle = StateDictionaryPickle([(name: "a", shape: [2])]).bytes, data = [UInt8](repeating: 0, count: 8)
        var archive = Fixtures.zip([("x/data.pkl", pickle), ("x/data/0", data), ("x/data/1", data)])
        #expect(try said(of: archive) == nil)
        // The directory's last entry names the place of the one before.
        let entry = 46 + "x/data/0".utf8.count, end = archive.count - 22
        let second = archive[(end - 2 * entry + 42)..<(end - 2 * entry + 46)]
        archive.replaceSubrange((end - entry + 42)..<(end - entry + 46), with: Array(second))
        let said = try said(of: archive)
        #expect(said?.contains("lie on one another") == true, "\(said ?? "read")")
    }

    /// Two tensors of one storage, as torch.save leaves views of one tensor: one member, two places in it.
    @Test func tensorsMayShareAStorage() throws {
        let folder = try TemporaryFolder()
        var pickle = StateDictionaryPickle([(name: "a", shape: [2]), (name: "b", shape: [3])]).bytes
        // Both of storage 0, which has five numbers; b begins at the third.
        let text = { (value: String) in [UInt8(ascii: "X")] + UInt32(value.utf8.count).littleEndianBytes + value.utf8 }
        let key = try #require(pickle.firstRange(of: text("1")))
        pickle.replaceSubrange(key, with: text("0"))
        // A storage's last parts are its device and its count; a tensor's offset follows the reference.
        let count = { (value: UInt8) in [UInt8(ascii: "K"), value, UInt8(ascii: "t")] }
        for found in [UInt8(2), 3] {
            let range = try #require(pickle.firstRange(of: count(found)))
            pickle.replaceSubrange(range, with: count(5))
        }
        let reference = [UInt8(ascii: "Q"), UInt8(ascii: "K"), 0, UInt8(ascii: "K"), 3]
        let offset = try #require(pickle.firstRange(of: reference))
        pickle.replaceSubrange(offset, with: reference[..<2] + [2] + reference[3...])
        let data = [Float](arrayLiteral: 1, 2, 3, 4, 5).withUnsafeBytes { Array($0) }
        let path = try folder.write("shared.bin", Fixtures.zip([("x/data.pkl", pickle), ("x/data/0", data)]))
        let file = try StateDictionaryFile(path: path)
        let a = try #require(file.entries["a"]).range, b = try #require(file.entries["b"]).range
        #expect(a.count == 8 && b.count == 12 && b.lowerBound == a.upperBound)
        #expect(file.file.withBytes { $0.loadUnaligned(fromByteOffset: b.lowerBound, as: Float.self) } == 3)
    }

    /// What is no tensor is said, not dropped; a training's checkpoint has its weights one dictionary further in.
    @Test func entriesThatAreNoTensorsAreKnown() throws {
        let text = { (value: String) in [UInt8(ascii: "X")] + UInt32(value.utf8.count).littleEndianBytes + value.utf8 }
        let one = StateDictionaryPickle([(name: "a", shape: [2])]).bytes, data = [UInt8](repeating: 0, count: 8)
        let more = one.dropLast(2) + text("epoch") + [UInt8(ascii: "K"), 3] + one.suffix(2)
        let folder = try TemporaryFolder()
        let path = try folder.write("more.bin", Fixtures.zip([("x/data.pkl", Array(more)), ("x/data/0", data)]))
        #expect(try StateDictionaryFile(path: path).others == ["epoch"])
        let nested = [0x80, 2] + Array("}".utf8) + text("state_dict") + one[2...].dropLast() + Array("s.".utf8)
        let said = try said(of: Fixtures.zip([("x/data.pkl", nested), ("x/data/0", data)]))
        #expect(said?.contains("no tensor, only state_dict; save") == true, "\(said ?? "read")")
    }

    private struct Expected: Decodable {
        struct Tensor: Decodable {
            let dtype: String
            let shape: [Int]
            let bytes: String
        }
        let tensors: [String: Tensor]
    }

    /// Written by torch itself (tools/goldens/make-legacy-checkpoints): tied weights, a transposed and a permuted
    /// tensor, rows and columns of another, every type, a number, nothing.
    @Test func torchsOwnFileIsReadNumberByNumber() throws {
        let root = URL(fileURLWithPath: Fixtures.folder).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().path
        let folder = root + "/tools/checks/fixtures/legacy-checkpoint"
        let contents = try Data(contentsOf: URL(fileURLWithPath: folder + "/expected.json"))
        let expected = try JSONDecoder().decode(Expected.self, from: contents).tensors
        let file = try StateDictionaryFile(path: folder + "/zip.bin")
        #expect(file.others == ["epoch", "optimizer"] && Set(file.entries.keys) == Set(expected.keys))
        for (name, tensor) in expected {
            let entry = try #require(file.entries[name])
            #expect(entry.typeName == tensor.dtype && entry.shape == tensor.shape, "\(name)")
            guard let type = SafetensorsFile.ElementType(rawValue: entry.typeName) else { continue }
            let numbers = MappedTensor(name: name, type: type, file: file.file, entry: entry).read()
            let digits = Array(tensor.bytes.utf8)
            let bytes = stride(from: 0, to: digits.count, by: 2).map {
                UInt8(String(decoding: digits[$0..<$0 + 2], as: UTF8.self), radix: 16)!
            }
            #expect(numbers == Self.floats(bytes, type), "\(name)")
        }
        #expect(file.entries["transposed"]?.strides == [1, 3] && file.entries["columns"]?.strides == [5, 1])
        let old = try said(of: [UInt8](Data(contentsOf: URL(fileURLWithPath: folder + "/before-1.6.bin"))))
        #expect(old?.contains("before PyTorch 1.6") == true)
    }

    private static func floats(_ bytes: [UInt8], _ type: SafetensorsFile.ElementType) -> [Float] {
        bytes.withUnsafeBytes { buffer in
            stride(from: 0, to: bytes.count, by: type.byteCount).map { at in
                switch type {
                case .float32: buffer.loadUnaligned(fromByteOffset: at, as: Float.self)
                case .float64: Float(buffer.loadUnaligned(fromByteOffset: at, as: Double.self))
                case .float16: Float(buffer.loadUnaligned(fromByteOffset: at, as: Float16.self))
                case .bfloat16:
                    Float(bitPattern: UInt32(buffer.loadUnaligned(fromByteOffset: at, as: UInt16.self)) << 16)
                }
            }
        }
    }

    /// From any number on, as rows of an embedding table are read.
    @Test func partsOfATransposedTensorAreRead() throws {
        let folder = try TemporaryFolder()
        let numbers = (0..<6).map(Float.init)
        let path = try folder.write("six", numbers.withUnsafeBytes { Array($0) })
        let entry = SafetensorsFile.Entry(typeName: "F32", shape: [3, 2], range: 0..<24, strides: [1, 3])
        let tensor = MappedTensor(name: "t", type: .float32, file: try MappedFile(path: path), entry: entry)
        #expect(tensor.read() == [0, 3, 1, 4, 2, 5])
        for start in 0..<6 {
            for count in 0...(6 - start) {
                let part = [Float](unsafeUninitializedCapacity: count) { buffer, filled in
                    if let base = buffer.baseAddress { tensor.read(start: start, count: count, into: base) }
                    filled = count
                }
                #expect(part == Array(tensor.read()[start..<start + count]))
            }
        }
    }

    /// [2, 3] with strides [0, 1] of three numbers: an expanded tensor, which can be of any size.
    @Test func aTensorThatRepeatsNumbersIsRefused() throws {
        var pickle = StateDictionaryPickle([(name: "a", shape: [2, 3])]).bytes
        let strides = try #require(pickle.firstRange(of: [UInt8(ascii: "K"), 3, UInt8(ascii: "K"), 1, 0x86]))
        pickle.replaceSubrange(strides, with: [UInt8(ascii: "K"), 0, UInt8(ascii: "K"), 1, 0x86])
        let count = try #require(pickle.firstRange(of: [UInt8(ascii: "K"), 6, UInt8(ascii: "t")]))
        pickle.replaceSubrange(count, with: [UInt8(ascii: "K"), 3, UInt8(ascii: "t")])
        let said = try said(of: Fixtures.zip([("x/data.pkl", pickle), ("x/data/0", [UInt8](repeating: 0, count: 12))]))
        #expect(said?.contains("repeats numbers") == true, "\(said ?? "read")")
    }

    @Test func damageIsFound() throws {
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: real)))
        let folder = try TemporaryFolder(), path = try folder.write("cut.bin", whole)
        for count in whole.indices.reversed() {
            try #require(truncate(path, count) == 0)
            #expect(throws: (any Error).self, "\(count) bytes") { try StateDictionaryFile(path: path) }
        }
        // A changed number of a tensor has another checksum.
        let place = try StateDictionaryFile(path: real).entries.values.map(\.range).min {
            $0.lowerBound < $1.lowerBound
        }
        var changed = whole
        changed[try #require(place).lowerBound] ^= 1
        #expect(try said(of: changed)?.contains("checksum") == true)
        var random = SeededGenerator(state: 6)
        for _ in 0..<500 {
            var mutant = whole
            mutant[Int.random(in: 0..<mutant.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            _ = try said(of: mutant)
        }
    }
}
