/// The bytes of a pickle, taken front to back; nothing is read past their end.
struct PickleBytes {
    typealias Fault = StateDictionaryUnpickler.Fault

    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func take(_ count: Int) throws(Fault) -> UnsafeRawBufferPointer {
        guard count <= bytes.count - position else { throw Fault(reason: "its pickle is cut short") }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    /// An unsigned number of `width` bytes, little-endian.
    mutating func number(_ width: Int) throws(Fault) -> UInt64 {
        try take(width).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A text of `count` bytes.
    mutating func text(_ count: UInt64) throws(Fault) -> String {
        guard let text = String(validating: try take(Int(clamping: count)), as: UTF8.self) else {
            throw Fault(reason: "a text in it is not UTF-8")
        }
        return text
    }

    /// A name's text, which a line feed ends.
    /// - Parameter longest: bytes it may have.
    mutating func line(atMost longest: Int) throws(Fault) -> String {
        let reach = bytes[position..<min(bytes.count, position + longest + 1)]
        guard let end = reach.firstIndex(of: UInt8(ascii: "\n")) else {
            throw Fault(
                reason: reach.count > longest
                    ? "it asks for a function whose name has more than \(longest) bytes; refused"
                    : "its pickle is cut short")
        }
        let text = try text(UInt64(end - position))
        position += 1
        return text
    }
}
