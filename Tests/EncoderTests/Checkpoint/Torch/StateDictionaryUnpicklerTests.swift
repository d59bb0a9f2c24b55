import Foundation
import TestSupport
import Testing

@testable import Encoder

/// Pickles of state dictionaries, and pickles that want something else.
@Suite struct StateDictionaryUnpicklerTests {
    private typealias Reader = StateDictionaryUnpickler

    private func read(_ pickle: [UInt8]) throws -> Reader.Contents {
        try pickle.withUnsafeBytes { try Reader.read($0) }
    }

    /// What is said of a pickle; nil when it is read.
    private func refusal(_ pickle: [UInt8]) -> String? {
        do {
            _ = try read(pickle)
            return nil
        } catch { return (error as? Reader.Fault)?.reason ?? "\(error)" }
    }

    /// Made by torch itself (tools/goldens/make-training-goldens).
    @Test func torchsOwnIsRead() throws {
        let path = Fixtures.folder + "/training/state-dictionary.pkl"
        let contents = try read([UInt8](Data(contentsOf: URL(fileURLWithPath: path)))), tensors = contents.tensors
        #expect(tensors.count == 44 && contents.others.isEmpty && contents.unnamed == 0)
        #expect(tensors["deep"]?.shape == [2, 3, 4, 5] && tensors["deep"]?.strides == [60, 20, 5, 1])
        #expect(tensors["wide.bias"]?.storage.count == 300 && tensors["wide.bias"]?.storage.type == "F32")
        #expect(tensors["layer.7.weight"]?.shape == [3, 3])
    }

    @Test func whatPolylexWritesIsRead() throws {
        let shapes = (0..<2000).map { (name: "tensor.\($0)", shape: [$0 + 1, 2]) }
        let tensors = try read(StateDictionaryPickle(shapes).bytes).tensors
        #expect(tensors.count == 2000 && tensors["tensor.1999"]?.shape == [2000, 2])
    }

    // Pieces of pickles. A text's length stands in four bytes.
    private func text(_ value: String) -> [UInt8] {
        [UInt8(ascii: "X")] + UInt32(value.utf8.count).littleEndianBytes + Array(value.utf8)
    }
    private func name(_ module: String, _ name: String) -> [UInt8] { Array("c\(module)\n\(name)\n".utf8) }
    private func number(_ value: Int32) -> [UInt8] { [UInt8(ascii: "J")] + value.littleEndianBytes }
    private func tuple(_ numbers: [Int32]) -> [UInt8] { Array("(".utf8) + numbers.flatMap(number) + Array("t".utf8) }
    private func storage(count: Int32 = 6, type: String = "FloatStorage") -> [UInt8] {
        Array("(".utf8) + text("storage") + name("torch", type) + text("0") + text("cpu") + number(count)
            + Array("tQ".utf8)
    }
    private func tensor(
        _ storage: [UInt8], offset: Int32 = 0, shape: [Int32] = [2, 3], strides: [Int32] = [3, 1]
    ) -> [UInt8] {
        name("torch._utils", "_rebuild_tensor_v2") + Array("(".utf8) + storage + number(offset) + tuple(shape)
            + tuple(strides) + [0x89] + Array("N".utf8) + Array("tR".utf8)
    }
    private func dictionary(_ entries: [UInt8]) -> [UInt8] {
        [0x80, 2] + Array("}(".utf8) + entries + Array("u.".utf8)
    }

    @Test func dictionariesOfSeveralKindsAreRead() throws {
        let plain = dictionary(text("a") + tensor(storage()))
        #expect(try read(plain).tensors["a"]?.shape == [2, 3])
        // An OrderedDict with the attribute _metadata, and an entry that is no tensor.
        let ordered =
            [0x80, 2] + name("collections", "OrderedDict") + Array(")R(".utf8) + text("a") + tensor(storage())
            + text("version") + number(1) + Array("u}".utf8) + text("_metadata") + name("collections", "OrderedDict")
            + Array(")Rsb.".utf8)
        let contents = try read(ordered)
        #expect(contents.tensors.count == 1 && contents.others == ["version"] && contents.unnamed == 0)
        // The later of two entries with a name stays; a name that is no text is counted.
        let twice = dictionary(
            text("a") + tensor(storage()) + text("a") + tensor(storage(), shape: [3, 2], strides: [2, 1]) + text("b")
                + tensor(storage()) + text("b") + number(1) + number(7) + tensor(storage()))
        let later = try read(twice)
        #expect(later.tensors["a"]?.shape == [3, 2] && later.tensors["b"] == nil)
        #expect(later.others == ["b"] && later.unnamed == 1)
        // Protocol 4: frames, short texts, names from the stack, numbered by themselves.
        let short = { (value: String) -> [UInt8] in [0x8c, UInt8(value.utf8.count)] + Array(value.utf8) + [0x94] }
        let framed =
            [0x80, 4, 0x95, 0, 0, 0, 0, 0, 0, 0, 0] + Array("}".utf8) + [0x94] + short("a")
            + short("torch._utils") + short("_rebuild_tensor_v2") + [0x93, 0x94] + Array("(".utf8) + storage()
            + number(0) + tuple([6]) + tuple([1]) + [0x89] + Array("NtRs.".utf8)
        #expect(try read(framed).tensors["a"]?.shape == [6])
        let parameter =
            name("torch._utils", "_rebuild_parameter") + Array("(".utf8) + tensor(storage()) + [0x88]
            + Array("NtR".utf8)
        #expect(try read(dictionary(text("a") + parameter)).tensors["a"]?.shape == [2, 3])
    }

    @Test(arguments: [
        ("os", "system"), ("builtins", "eval"), ("torch", "load"), ("torch", "FloatTensor"), ("posix", "system"),
        ("torch._utils", "_rebuild_tensor_v3"), ("collections", "defaultdict"), ("", ""),
    ]) func noOtherFunctionIsNamed(module: String, function: String) {
        let pickles = [
            [0x80, 2] + name(module, function) + Array("(".utf8) + text("touch /tmp/x") + Array("tR.".utf8),
            [0x80, 4] + text(module) + text(function) + [0x93] + Array(").".utf8),
            dictionary(text("a") + name(module, function) + Array(")R".utf8)),
        ]
        for pickle in pickles {
            #expect(refusal(pickle)?.contains("asks for \(module).\(function), which a state") == true)
        }
    }

    /// INST, OBJ, NEWOBJ, the extension registry, PERSID by text, buffers, POP, DUP, sets, and what is no opcode.
    @Test func noOtherOpcodeIsKnown() {
        let known: Set<UInt8> = Set(
            [0x80, 0x95, 0x88, 0x89, 0x8a, 0x8c, 0x85, 0x86, 0x87, 0x94, 0x93] + Array("(NKMJGX)t}]suaebqrhjcQR.".utf8))
        for opcode in UInt8.min...UInt8.max where !known.contains(opcode) {
            let said = refusal([0x80, 2, UInt8(ascii: "}"), opcode])
            #expect(said?.contains("opcode 0x\(String(opcode, radix: 16))") == true, "\(said ?? "read")")
        }
    }

    @Test func tensorsLieInTheirStorage() {
        func said(_ tensor: [UInt8]) -> String? { refusal(dictionary(text("a") + tensor)) }
        #expect(said(tensor(storage())) == nil)
        #expect(said(tensor(storage(count: 5)))?.contains("reaches number 5") == true)
        #expect(said(tensor(storage(), offset: 1)) != nil && said(tensor(storage(), offset: -1)) != nil)
        #expect(said(tensor(storage(), shape: [-2, 3])) != nil && said(tensor(storage(), strides: [3, -1])) != nil)
        #expect(said(tensor(storage(), shape: [6])) != nil, "as many strides as extents")
        #expect(said(tensor(storage(count: -1))) != nil)
        let huge = [Int32](repeating: .max, count: 16)
        #expect(said(tensor(storage(count: .max), shape: huge, strides: huge))?.contains("past its storage") == true)
        #expect(said(tensor(storage(), shape: huge + [1], strides: huge + [1])) != nil, "too many extents")
        #expect(said(tensor(storage(type: "QInt8Storage"))) != nil)
        #expect(said(tensor(number(3))) != nil, "a tensor of a number")
    }

    @Test func whatMakesNoSenseIsAnError() {
        let pickles: [[UInt8]] = [
            [], [0x80], [0x80, 1, UInt8(ascii: "}")], [UInt8(ascii: ".")], Array("N.".utf8), Array("t.".utf8),
            Array("R.".utf8), Array("})R.".utf8), Array("h\u{5}.".utf8), Array("q\u{0}.".utf8), Array("(q\u{0}".utf8),
            Array("}(N".utf8) + Array("u.".utf8), Array("NNNs.".utf8), Array("Na.".utf8), Array("}NNb.".utf8),
            Array("cos\nsystem".utf8), Array("X".utf8) + UInt32.max.littleEndianBytes + [0],
            [0x8c, 2, 0xff, 0xfe], [0x8a, 9, 0], Array("NQ.".utf8), Array("(N)u".utf8),
        ]
        for pickle in pickles { #expect(refusal(pickle) != nil, "\(pickle)") }
    }

    /// Values that hold one another do not take memory without end, nor the stack when they go.
    @Test func nestingAndSharingAreBounded() {
        #expect(
            refusal([0x80, 2] + Array(")".utf8) + [UInt8](repeating: 0x85, count: 100_000))?.contains("nested")
                == true)
        // Each tuple holds the one before twice: 2⁷ leaves at most.
        var doubled = [0x80, 2] + Array(")q\u{0}".utf8)
        for _ in 0..<1000 { doubled += Array("h\u{0}h\u{0}".utf8) + [0x86] + Array("q\u{0}".utf8) }
        #expect(refusal(doubled)?.contains("nested") == true)
        // A dictionary in itself is not kept.
        var entries = Array("}q\u{0}".utf8)
        for i in 0..<1000 { entries += text("\(i)") + Array("h\u{0}s".utf8) }
        #expect(refusal([0x80, 2] + entries + Array(".".utf8)) == nil)
        #expect(refusal([0x80, 2] + [UInt8](repeating: UInt8(ascii: "("), count: 100_000)) != nil)
    }

    /// A long name that is set again and again, and hashed each time, would make a file of some hundred kilobytes take
    /// minutes: such a name is no tensor's, and a short one is hashed once.
    @Test func longNamesTakeNoTime() throws {
        for unit in ["a", "e\u{301}"] {
            for count in [100, 400_000] {
                let name = String(repeating: unit, count: count)
                var pickle = [0x80, 2] + Array("}".utf8) + text(name) + Array("q\u{0}".utf8) + tensor(storage())
                pickle += Array("q\u{1}s".utf8)
                for _ in 0..<50_000 { pickle += Array("h\u{0}h\u{1}s".utf8) }
                let contents = try read(pickle + Array(".".utf8))
                let isName = name.utf8.count <= Reader.longestText
                #expect(contents.tensors.count == (isName ? 1 : 0) && contents.unnamed == (isName ? 0 : 50_001))
            }
        }
        let long = String(repeating: "o", count: Reader.longestText + 1)
        #expect(refusal([0x80, 2] + name(long, "system"))?.contains("more than 1024 bytes") == true)
        #expect(refusal([0x80, 4] + text(long) + text("system") + [0x93]) == "a function's name is no text")
        let key = Array("(".utf8) + text("storage") + name("torch", "FloatStorage") + text(String(long.prefix(33)))
        #expect(refusal(key + text("cpu") + number(6) + Array("tQ.".utf8))?.contains("key has 33 bytes") == true)
    }

    /// Every truncation and many changed bytes of a real pickle: an answer or an error, never a trap.
    @Test func damageIsAnErrorOrAnotherAnswer() throws {
        let path = Fixtures.folder + "/training/state-dictionary.pkl"
        let whole = try [UInt8](Data(contentsOf: URL(fileURLWithPath: path)))
        let read = whole.indices.filter { refusal(Array(whole[..<$0])) == nil }
        #expect(read.isEmpty, "read although cut after \(read) bytes")
        var random = SeededGenerator(state: 5)
        for _ in 0..<500 {
            var changed = whole
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                changed[Int.random(in: 0..<changed.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            _ = refusal(changed)
        }
    }
}
