import Files

/// A file that `torch.load(weights_only=True)` reads as a dict of float32 tensors: a zip archive of stored members, as
/// `torch.save` writes them since 1.6.
///
/// Every member's data begins at a multiple of 64 bytes (an extra field pads), so that torch may map it. Members have
/// no times of their own: the same tensors give the same bytes.
/// - Source: PyTorch's caffe2/serialize/inline_container.cc; PKWARE's APPNOTE.TXT 6.3, §4.3.
struct TorchArchive {
    struct Tensor {
        let name: String
        let shape: [Int]
        /// In row order.
        let values: UnsafePointer<Float>
        var count: Int { shape.reduce(1, *) }
    }

    private struct Member {
        let name: String
        let byteCount: Int
        let checksum: UInt32
        let headerOffset: Int
    }

    static let alignment = 64
    /// 0 o'clock on 1 January 1980, the earliest a zip archive can say.
    private static let date: UInt16 = 1 << 5 | 1

    private let file: DurableFile
    private var offset = 0
    private var members: [Member] = []

    /// Whether the plain zip format has room: offsets of 32 bits, members counted in 16.
    static func holds(floats: Int, tensors: Int) -> Bool { tensors < 65_000 && floats < (4 << 30 - 64 << 20) / 4 }

    /// The file appears under its name when it is complete.
    /// - Precondition: `holds`.
    /// - Throws: `SystemFault`.
    static func write(_ tensors: [Tensor], to path: String) throws {
        let floats = tensors.reduce(0) { $0 + $1.count }
        precondition(holds(floats: floats, tensors: tensors.count), "too much for a zip archive")
        var archive = try TorchArchive(path: path)
        try archive.append("data.pkl", StateDictionaryPickle(tensors.map { ($0.name, $0.shape) }).bytes)
        try archive.append("byteorder", Array("little".utf8))
        for (index, tensor) in tensors.enumerated() {
            try archive.append("data/\(index)", UnsafeRawBufferPointer(start: tensor.values, count: tensor.count * 4))
        }
        try archive.append("version", Array("3\n".utf8))
        try archive.finish()
    }

    private init(path: String) throws { file = try DurableFile(path: path) }

    private mutating func append(_ name: String, _ contents: [UInt8]) throws {
        try contents.withUnsafeBytes { try append(name, $0) }
    }

    private mutating func append(_ name: String, _ contents: UnsafeRawBufferPointer) throws {
        let name = "archive/" + name
        let member = Member(
            name: name, byteCount: contents.count, checksum: CRC32.of(contents), headerOffset: offset)
        members.append(member)
        // Torch's own padding field: "FB", its length, that many Zs.
        let dataStart = offset + 30 + name.utf8.count + 4
        let padding = (Self.alignment - dataStart % Self.alignment) % Self.alignment
        let header = Self.signature(3, 4) + Self.common(member, extraBytes: padding + 4)
        let extra = Array("FB".utf8) + UInt16(padding).littleEndianBytes
        let filler = [UInt8](repeating: UInt8(ascii: "Z"), count: padding)
        try write(header + Array(name.utf8) + extra + filler)
        try write(contents)
    }

    private static func signature(_ a: UInt8, _ b: UInt8) -> [UInt8] { [UInt8(ascii: "P"), UInt8(ascii: "K"), a, b] }

    /// What a member's header and its directory entry share, from the version needed on.
    private static func common(_ member: Member, extraBytes: Int) -> [UInt8] {
        let bytes = UInt32(member.byteCount).littleEndianBytes
        let version: UInt16 = 10, flags: UInt16 = 0, stored: UInt16 = 0, time: UInt16 = 0
        return [version, flags, stored, time, date].flatMap(\.littleEndianBytes) + member.checksum.littleEndianBytes
            + bytes + bytes + UInt16(member.name.utf8.count).littleEndianBytes + UInt16(extraBytes).littleEndianBytes
    }

    private mutating func finish() throws {
        let directory = offset
        for member in members {
            let madeBy: UInt16 = 10
            // No comment, the first disk, no attributes.
            let middle = [UInt8](repeating: 0, count: 2 + 2 + 2 + 4)
            try write(
                Self.signature(1, 2) + madeBy.littleEndianBytes + Self.common(member, extraBytes: 0) + middle
                    + UInt32(member.headerOffset).littleEndianBytes + Array(member.name.utf8))
        }
        let count = UInt16(members.count).littleEndianBytes, disks = [UInt8](repeating: 0, count: 4)
        let noComment: [UInt8] = [0, 0]
        try write(
            Self.signature(5, 6) + disks + count + count + UInt32(offset - directory).littleEndianBytes
                + UInt32(directory).littleEndianBytes + noComment)
        try file.finish()
    }

    private mutating func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    private mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        try file.append(bytes)
        offset += bytes.count
    }
}
