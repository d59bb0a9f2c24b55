/// The pickle of a PyTorch state dictionary: what `torch.save` puts into `data.pkl` for a dict of contiguous float32
/// tensors on the CPU, each with a storage of its own, numbered in order.
///
/// Protocol 2 and, as Python's pickler does it, everything that could be met again is memoised: up to 1,000 tensors the
/// bytes are torch's own. Only names that `torch.load(weights_only=True)` allows are used.
/// - Source: Python's `pickle` and `pickletools`; `torch.serialization._save`.
struct StateDictionaryPickle {
    private(set) var bytes: [UInt8] = []
    private var memoised = 0
    /// Memo numbers of the strings and classes that every tensor repeats.
    private var shared: [String: Int] = [:]

    /// - Parameter tensors: names and shapes, in order; no shape is empty, and none has more than 2³¹ numbers.
    init(_ tensors: [(name: String, shape: [Int])]) {
        bytes += [Opcode.proto, 2, Opcode.emptyDictionary]
        memoise()
        bytes.append(Opcode.mark)
        for (index, tensor) in tensors.enumerated() { append(tensor.name, tensor.shape, storage: index) }
        bytes += [Opcode.setItems, Opcode.stop]
    }

    private enum Opcode {
        static let proto: UInt8 = 0x80, stop = UInt8(ascii: "."), mark = UInt8(ascii: "(")
        static let emptyDictionary = UInt8(ascii: "}"), setItems = UInt8(ascii: "u")
        static let unicode = UInt8(ascii: "X"), global = UInt8(ascii: "c"), reduce = UInt8(ascii: "R")
        static let byte = UInt8(ascii: "K"), short = UInt8(ascii: "M"), integer = UInt8(ascii: "J")
        static let tuple = UInt8(ascii: "t"), emptyTuple = UInt8(ascii: ")"), persistent = UInt8(ascii: "Q")
        /// Tuples of one, two and three.
        static let shortTuples: [UInt8] = [0x85, 0x86, 0x87]
        static let isFalse: UInt8 = 0x89
        static let put = UInt8(ascii: "q"), longPut = UInt8(ascii: "r")
        static let get = UInt8(ascii: "h"), longGet = UInt8(ascii: "j")
    }

    /// name: _rebuild_tensor_v2(storage, offset, shape, strides, requires_grad, backward hooks)
    private mutating func append(_ name: String, _ shape: [Int], storage: Int) {
        precondition(!shape.isEmpty, "a tensor without extents")
        append(string: name)
        append(class: "torch._utils", "_rebuild_tensor_v2")
        bytes += [Opcode.mark, Opcode.mark]
        append(shared: "storage")
        append(class: "torch", "FloatStorage")
        append(string: String(storage))
        append(shared: "cpu")
        append(shape.reduce(1, *))
        bytes.append(Opcode.tuple)
        memoise()
        bytes.append(Opcode.persistent)
        append(0)
        append(tuple: shape)
        append(tuple: shape.indices.map { shape[($0 + 1)...].reduce(1, *) })
        bytes.append(Opcode.isFalse)
        append(class: "collections", "OrderedDict")
        bytes += [Opcode.emptyTuple, Opcode.reduce]
        memoise()
        bytes.append(Opcode.tuple)
        memoise()
        bytes.append(Opcode.reduce)
        memoise()
    }

    private mutating func memoise() {
        append(memoised, short: Opcode.put, long: Opcode.longPut)
        memoised += 1
    }

    private mutating func append(_ number: Int, short: UInt8, long: UInt8) {
        if number < 256 { bytes += [short, UInt8(number)] } else { bytes += [long] + UInt32(number).littleEndianBytes }
    }

    private mutating func append(string: String) {
        bytes += [Opcode.unicode] + UInt32(string.utf8.count).littleEndianBytes + string.utf8
        memoise()
    }

    private mutating func append(shared string: String) {
        if recall(string) { return }
        shared[string] = memoised
        append(string: string)
    }

    private mutating func append(class module: String, _ name: String) {
        let key = module + "." + name
        if recall(key) { return }
        shared[key] = memoised
        bytes += [Opcode.global] + "\(module)\n\(name)\n".utf8
        memoise()
    }

    private mutating func recall(_ key: String) -> Bool {
        guard let number = shared[key] else { return false }
        append(number, short: Opcode.get, long: Opcode.longGet)
        return true
    }

    private mutating func append(_ number: Int) {
        switch number {
        case 0..<256: bytes += [Opcode.byte, UInt8(number)]
        case 256..<65536: bytes += [Opcode.short] + UInt16(number).littleEndianBytes
        default: bytes += [Opcode.integer] + Int32(number).littleEndianBytes
        }
    }

    private mutating func append(tuple numbers: [Int]) {
        if numbers.count > 3 { bytes.append(Opcode.mark) }
        for number in numbers { append(number) }
        bytes.append(numbers.count > 3 ? Opcode.tuple : Opcode.shortTuples[numbers.count - 1])
        memoise()
    }
}

extension FixedWidthInteger {
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian) { Array($0) } }
}
