/// Reads little-endian numbers one after the other and never past the end.
struct ByteReader {
    let bytes: UnsafeRawBufferPointer
    let path: String
    private(set) var offset = 0

    init(bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    var remaining: Int { bytes.count - offset }

    func damaged(_ expected: String, _ found: String) -> StoreError {
        .damagedLayerFile(path: path, expected: "\(expected) at byte \(offset)", found: found)
    }

    func require(_ holds: Bool, _ expected: @autoclosure () -> String, _ found: @autoclosure () -> String) throws {
        if !holds { throw damaged(expected(), found()) }
    }

    /// A number of a type without invalid bit patterns.
    mutating func number<Number: BitwiseCopyable>(_ type: Number.Type) throws -> Number {
        let size = MemoryLayout<Number>.size
        try require(remaining >= size, "\(size) more bytes", "the end of the file (\(bytes.count) bytes)")
        defer { offset += size }
        return bytes.loadUnaligned(fromByteOffset: offset, as: type)
    }

    /// Four characters naming an index type; others than printable ASCII shown as '?'.
    mutating func tag() throws -> String {
        let word = try number(UInt32.self)
        return withUnsafeBytes(of: word) { bytes in
            String(decoding: bytes.map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
        }
    }

    /// A count (u64) and as many elements, which are skipped.
    mutating func vector(elementBytes: Int) throws -> FaissHeader.Section {
        let count = try number(UInt64.self)
        try require(
            count <= UInt64(remaining / elementBytes), "room for an array",
            "\(count) elements of \(elementBytes) bytes with \(remaining) bytes left")
        let section = FaissHeader.Section(offset: offset, count: Int(count))
        offset += Int(count) * elementBytes
        return section
    }

    /// The last part of the file.
    mutating func rest(exactly size: Int) throws -> FaissHeader.Section {
        try require(remaining == size, "\(size) bytes up to the end of the file", "\(remaining)")
        return FaissHeader.Section(offset: offset, count: size)
    }

    func floats(_ section: FaissHeader.Section) -> [Float] {
        (0..<section.count).map { bytes.loadUnaligned(fromByteOffset: section.offset + 4 * $0, as: Float.self) }
    }
}
