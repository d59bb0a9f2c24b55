/// Reads the pickle of a PyTorch state dictionary without running it: an interpreter of the few opcodes such a pickle
/// is made of, in which nothing can be called but the functions that rebuild a tensor.
///
/// A pickle is a program, and Python's own reader runs whatever function it names. Here a name outside `Name` ends the
/// reading, objects have no attributes, and lists, numbers and the like are kept only as far as a tensor's description
/// needs them. Memory and time are bounded by the pickle's size: values are shared, never copied out, nothing that
/// could hold itself is kept, and a text is hashed once, however often it is recalled.
/// - Source: Python's `pickletools` (protocols 2 to 5); `torch.serialization`, `torch._utils._rebuild_tensor_v2`.
struct StateDictionaryUnpickler {
    /// Tensors at the top of the dictionary, by name, and the entries that are something else.
    static func read(_ pickle: UnsafeRawBufferPointer) throws(Fault) -> Contents {
        var reader = StateDictionaryUnpickler(pickle)
        return try reader.run()
    }

    // MARK: the machine

    /// A tensor's description has three levels.
    private static let deepest = 8
    private static let mostDimensions = 16
    /// Bytes of a text that is kept; longer ones are values no tensor is made of. Names of tensors have some 80.
    static let longestText = 1024
    /// Bytes of a storage's key: torch counts storages, in decimal.
    static let longestKey = 32

    private var input: PickleBytes
    private var stack: [Value] = []
    /// Heights of the stack.
    private var marks: [Int] = []
    private var memo: [Int: Value] = [:]
    /// Of every text in the pickle, in order; a value knows its place here.
    private var texts: [String] = []

    private init(_ pickle: UnsafeRawBufferPointer) { input = PickleBytes(pickle) }

    private mutating func run() throws(Fault) -> Contents {
        while true {
            let opcode = try input.take(1)[0]
            if opcode == UInt8(ascii: ".") { break }
            try execute(opcode)
        }
        guard case .dictionary(let entries) = try pop() else {
            throw Fault(reason: "it holds something else than a dictionary of tensors")
        }
        return contents(entries)
    }

    private mutating func execute(_ opcode: UInt8) throws(Fault) {
        switch opcode {
        case 0x80:  // PROTO
            let protocolNumber = try input.take(1)[0]
            guard (2...5).contains(protocolNumber) else {
                throw Fault(reason: "it is a pickle of protocol \(protocolNumber), expected 2 to 5")
            }
        case 0x95: _ = try input.take(8)  // FRAME
        case UInt8(ascii: "("): marks.append(stack.count)
        case UInt8(ascii: "N"): stack.append(.none)
        case 0x88, 0x89: stack.append(.other)  // True, False
        case UInt8(ascii: "K"): stack.append(.integer(Int(try input.number(1))))
        case UInt8(ascii: "M"): stack.append(.integer(Int(try input.number(2))))
        case UInt8(ascii: "J"): stack.append(.integer(Int(Int32(truncatingIfNeeded: try input.number(4)))))
        case 0x8a: try pushLong()
        case UInt8(ascii: "G"):  // a float
            _ = try input.take(8)
            stack.append(.other)
        case UInt8(ascii: "X"): try pushText(try input.number(4))
        case 0x8c: try pushText(try input.number(1))
        case UInt8(ascii: ")"): stack.append(.tuple([], depth: 1))
        case 0x85, 0x86, 0x87: try pushTuple(try pop(count: Int(opcode - 0x84)))
        case UInt8(ascii: "t"): try pushTuple(try popToMark())
        case UInt8(ascii: "}"): stack.append(.dictionary(Entries()))
        case UInt8(ascii: "]"): stack.append(.other)
        case UInt8(ascii: "s"):
            let cells = try pop(count: 2)
            try set(cells)
        case UInt8(ascii: "u"):
            let cells = try popToMark()
            try set(cells)
        case UInt8(ascii: "a"):
            _ = try pop()
            try requireList()
        case UInt8(ascii: "e"):
            _ = try popToMark()
            try requireList()
        case UInt8(ascii: "b"):  // attributes, which nothing here has; `_metadata` of a module's dictionary is one
            _ = try pop()
            guard case .dictionary? = stack.last else {
                throw Fault(reason: "it sets attributes of something that is no dictionary; refused")
            }
        case UInt8(ascii: "q"): try memoise(Int(try input.number(1)))
        case UInt8(ascii: "r"): try memoise(Int(try input.number(4)))
        case 0x94: try memoise(memo.count)
        case UInt8(ascii: "h"): try recall(Int(try input.number(1)))
        case UInt8(ascii: "j"): try recall(Int(try input.number(4)))
        case UInt8(ascii: "c"):
            let module = try input.line(atMost: Self.longestText)
            try pushName(module: module, name: try input.line(atMost: Self.longestText))
        case 0x93: try pushStackName()
        case UInt8(ascii: "Q"):
            let reference = try pop()
            stack.append(.storage(try storage(reference)))
        case UInt8(ascii: "R"): try call()
        default:
            let code = String(opcode, radix: 16)
            throw Fault(reason: "it has the opcode 0x\(code), which a state dictionary does not need; refused")
        }
    }

    /// As Python's dictionary would be: of two entries with one name the later one stays.
    private func contents(_ entries: Entries) -> Contents {
        var named: [String: Tensor?] = [:], contents = Contents(tensors: [:], others: [], unnamed: entries.unnamed)
        for (text, value) in entries.values.sorted(by: { $0.value.order < $1.value.order }) {
            named.updateValue(value.tensor, forKey: texts[text])
        }
        for (name, tensor) in named {
            if let tensor { contents.tensors[name] = tensor } else { contents.others.append(name) }
        }
        contents.others.sort()
        return contents
    }

    // MARK: opcodes

    private mutating func pushLong() throws(Fault) {
        let count = Int(try input.number(1)), digits = try input.take(count)
        guard count <= 8 else {
            stack.append(.other)
            return
        }
        var value: UInt64 = count > 0 && digits[count - 1] >= 0x80 ? .max : 0
        for byte in digits.reversed() { value = value << 8 | UInt64(byte) }
        stack.append(.integer(Int(truncatingIfNeeded: value)))
    }

    private mutating func pushText(_ count: UInt64) throws(Fault) {
        let text = try input.text(count)
        guard text.utf8.count <= Self.longestText else {
            stack.append(.other)
            return
        }
        stack.append(.text(texts.count))
        texts.append(text)
    }

    private mutating func pushTuple(_ elements: [Value]) throws(Fault) {
        let depth = 1 + (elements.lazy.map(\.depth).max() ?? 0)
        guard depth <= Self.deepest else { throw Fault(reason: "its tuples are nested more than \(Self.deepest) deep") }
        stack.append(.tuple(elements, depth: depth))
    }

    private func set(_ cells: [Value]) throws(Fault) {
        guard case .dictionary(let entries)? = stack.last, cells.count % 2 == 0 else {
            throw Fault(reason: "it puts entries into something that is no dictionary")
        }
        for place in stride(from: 0, to: cells.count, by: 2) {
            guard case .text(let name) = cells[place] else {
                entries.unnamed += 1
                continue
            }
            let tensor: Tensor? = if case .tensor(let tensor) = cells[place + 1] { tensor } else { nil }
            entries.values[name] = (tensor, entries.setCount)
            entries.setCount += 1
        }
    }

    /// Elements of a list are not kept.
    private func requireList() throws(Fault) {
        guard case .other? = stack.last else { throw Fault(reason: "it appends to something that is no list") }
    }

    private mutating func memoise(_ number: Int) throws(Fault) {
        guard let value = stack.last, stack.count > (marks.last ?? 0) else { throw Self.emptyStack }
        memo[number] = value
    }

    private mutating func recall(_ number: Int) throws(Fault) {
        guard let value = memo[number] else { throw Fault(reason: "it recalls a value it never kept") }
        stack.append(value)
    }

    private mutating func pushStackName() throws(Fault) {
        guard case .text(let name) = try pop(), case .text(let module) = try pop() else {
            throw Fault(reason: "a function's name is no text")
        }
        try pushName(module: texts[module], name: texts[name])
    }

    private mutating func pushName(module: String, name: String) throws(Fault) {
        guard let known = Name(module: module, name: name) else {
            throw Fault(
                reason: "it asks for \(module.prefix(60)).\(name.prefix(60)), which a state dictionary does not need; "
                    + "refused, for a pickle can run any code")
        }
        stack.append(.name(known))
    }

    private mutating func call() throws(Fault) {
        guard case .tuple(let arguments, _) = try pop(), case .name(let function) = try pop() else {
            throw Fault(reason: "it calls something that is no function")
        }
        switch function {
        case .orderedDictionary:
            guard arguments.isEmpty else { throw Fault(reason: "it makes a dictionary of values; refused") }
            stack.append(.dictionary(Entries()))
        case .rebuildTensor: stack.append(.tensor(try Self.tensor(arguments)))
        case .rebuildParameter:
            guard case .tensor(let tensor)? = arguments.first else {
                throw Fault(reason: "a parameter is made of something that is no tensor")
            }
            stack.append(.tensor(tensor))
        case .size: stack.append(arguments.first ?? .tuple([], depth: 1))
        case .device: stack.append(.other)
        case .storage: throw Fault(reason: "it makes a storage of its own; refused")
        }
    }

    /// ("storage", type, key, device, count)
    private func storage(_ reference: Value) throws(Fault) -> Storage {
        guard case .tuple(let parts, _) = reference, parts.count >= 5, case .text(let kind) = parts[0],
            texts[kind] == "storage", case .name(.storage(let type, let width)) = parts[1],
            case .text(let place) = parts[2], case .integer(let count) = parts[4], count >= 0
        else { throw Fault(reason: "a reference leads to something that is no storage") }
        let key = texts[place]
        guard key.utf8.count <= Self.longestKey else {
            throw Fault(reason: "a storage's key has \(key.utf8.count) bytes, expected \(Self.longestKey) at most")
        }
        if parts.count > 5, case .none = parts[5] {
        } else if parts.count > 5 {
            throw Fault(reason: "a storage is a view of another: save the model again with a newer PyTorch")
        }
        return Storage(key: key, type: type, width: width, count: count)
    }

    /// (storage, offset, shape, strides, …); checks that it lies in its storage.
    private static func tensor(_ arguments: [Value]) throws(Fault) -> Tensor {
        guard arguments.count >= 4, case .storage(let storage) = arguments[0], case .integer(let offset) = arguments[1],
            let shape = extents(arguments[2]), let strides = extents(arguments[3]), offset >= 0,
            shape.count == strides.count
        else { throw Fault(reason: "a tensor is not made of a storage, an offset, a shape and strides") }
        guard !shape.contains(0) else { return Tensor(storage: storage, offset: 0, shape: shape, strides: strides) }
        var last = offset
        for (extent, stride) in zip(shape, strides) {
            let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
            let (sum, more) = last.addingReportingOverflow(reach)
            guard !overflow, !more else { throw Fault(reason: "a tensor reaches past its storage") }
            last = sum
        }
        guard last < storage.count else {
            throw Fault(
                reason: "a tensor of shape \(shape) reaches number \(last) of a storage of \(storage.count) numbers")
        }
        return Tensor(storage: storage, offset: offset, shape: shape, strides: strides)
    }

    private static func extents(_ value: Value) -> [Int]? {
        guard case .tuple(let elements, _) = value, elements.count <= mostDimensions else { return nil }
        var extents: [Int] = []
        for element in elements {
            guard case .integer(let extent) = element, extent >= 0 else { return nil }
            extents.append(extent)
        }
        return extents
    }

    // MARK: the stack

    private static let emptyStack = Fault(reason: "it takes a value that is not there")

    private mutating func pop() throws(Fault) -> Value {
        guard stack.count > (marks.last ?? 0), let value = stack.popLast() else { throw Self.emptyStack }
        return value
    }

    private mutating func pop(count: Int) throws(Fault) -> [Value] {
        guard stack.count - (marks.last ?? 0) >= count else { throw Self.emptyStack }
        defer { stack.removeLast(count) }
        return Array(stack.suffix(count))
    }

    private mutating func popToMark() throws(Fault) -> [Value] {
        guard let mark = marks.popLast() else { throw Self.emptyStack }
        defer { stack.removeLast(stack.count - mark) }
        return Array(stack[mark...])
    }
}
