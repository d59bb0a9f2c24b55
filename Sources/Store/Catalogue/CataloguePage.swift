import Glibc

/// A branch or leaf page of LMDB's data file: header, node offsets growing up, nodes growing down from the end.
///
/// The buffer is used again for page after page. Nodes are checked once, when a page is read: each lies inside the
/// page, none overlaps another, none leaves a gap (LMDB moves bytes about by their sizes and trusts them).
/// - Source: mdb.c of LMDB 0.9 (`MDB_page`, `MDB_node`), 64-bit, little-endian.
final class CataloguePage {
    enum Kind: UInt16 {
        case branch = 0x01
        case leaf = 0x02
    }

    static let headerBytes = 16
    static let overflowFlag: UInt16 = 0x04
    /// LMDB's longest key.
    private static let longestKey = 511
    private static let nodeHeaderBytes = 8
    private static let bigValue: UInt16 = 0x01
    private static let subtree: UInt16 = 0x02

    private let bytes: UnsafeMutableRawBufferPointer
    /// For every second byte of the page, where the node that begins there ends; 0 where none does.
    private let ends: UnsafeMutableBufferPointer<UInt16>
    private(set) var number: UInt64 = 0
    private(set) var count = 0
    private var kind = Kind.leaf

    init(pageSize: Int) {
        bytes = .allocate(byteCount: pageSize, alignment: 16)
        ends = .allocate(capacity: pageSize / 2)
    }

    deinit {
        bytes.deallocate()
        ends.deallocate()
    }

    /// What is wrong with a page.
    struct Problem: Error {
        let expected: String
        let found: String
    }

    /// Takes a page in.
    /// - Parameter fill: reads it into the buffer.
    /// - Throws: `Problem`, what `fill` throws.
    func read(_ number: UInt64, kind: Kind, _ fill: (UnsafeMutableRawBufferPointer) throws -> Void) throws {
        try fill(bytes)
        self.number = number
        self.kind = kind
        let own = load(0, UInt64.self)
        guard own == number else { throw Problem(expected: "its own number", found: "\(own)") }
        // Any other flag, "dirty" among them, would make LMDB treat the page as memory of its own.
        let flags = load(10, UInt16.self)
        guard flags == kind.rawValue else { throw Problem(expected: "a \(kind) page", found: "flags \(flags)") }
        let lower = Int(load(12, UInt16.self)), upper = Int(load(14, UInt16.self))
        guard lower >= Self.headerBytes, lower <= upper, upper <= bytes.count, lower % 2 == 0, upper % 2 == 0 else {
            throw Problem(expected: "free space inside the page", found: "\(lower) … \(upper)")
        }
        count = (lower - Self.headerBytes) / 2
        guard count > 0 else { throw Problem(expected: "entries", found: "none") }
        try checkNodes(upper: upper)
    }

    private func checkNodes(upper: Int) throws {
        ends.update(repeating: 0)
        for place in 0..<count {
            let offset = self.offset(place)
            guard offset >= upper, offset % 2 == 0, offset + Self.nodeHeaderBytes <= bytes.count else {
                throw Problem(expected: "node \(place) inside the page", found: "offset \(offset)")
            }
            let keyBytes = Int(load(offset + 6, UInt16.self))
            guard keyBytes <= Self.longestKey else {
                throw Problem(expected: "a key of at most \(Self.longestKey) bytes", found: "\(keyBytes)")
            }
            var end = offset + Self.nodeHeaderBytes + keyBytes
            if kind == .leaf {
                let flags = load(offset + 4, UInt16.self)
                guard flags & ~(Self.bigValue | Self.subtree) == 0, flags != Self.bigValue | Self.subtree else {
                    throw Problem(expected: "a value or a tree at node \(place)", found: "flags \(flags)")
                }
                end += flags & Self.bigValue != 0 ? 8 : valueBytes(place)
            }
            end += end % 2
            guard end <= bytes.count, ends[offset / 2] == 0 else {
                throw Problem(expected: "node \(place) inside the page", found: "\(offset) … \(end)")
            }
            // A page has at most 32,768 bytes: its end fits.
            ends[offset / 2] = UInt16(end)
        }
        var place = upper, seen = 0
        while place < bytes.count {
            guard ends[place / 2] != 0 else {
                throw Problem(expected: "nodes without gaps", found: "a gap at \(place)")
            }
            place = Int(ends[place / 2])
            seen += 1
        }
        guard seen == count else { throw Problem(expected: "\(count) nodes side by side", found: "some over others") }
    }

    private func load<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
        Number(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: type))
    }

    private func offset(_ place: Int) -> Int { Int(load(Self.headerBytes + 2 * place, UInt16.self)) }

    // MARK: Nodes (of a page that was read)

    func key(_ place: Int) -> UnsafeRawBufferPointer {
        let offset = self.offset(place), count = Int(load(offset + 6, UInt16.self))
        return UnsafeRawBufferPointer(
            rebasing: bytes[offset + Self.nodeHeaderBytes..<offset + Self.nodeHeaderBytes + count])
    }

    /// Of a branch: the page below.
    func child(_ place: Int) -> UInt64 {
        let offset = self.offset(place)
        return UInt64(load(offset, UInt32.self)) | UInt64(load(offset + 4, UInt16.self)) << 32
    }

    /// Of a leaf: bytes of the value, wherever it lies.
    func valueBytes(_ place: Int) -> Int { Int(load(offset(place), UInt32.self)) }

    enum Value {
        case inPage(UnsafeRawBufferPointer)
        /// First page of a value too long for the leaf, and its bytes.
        case overflow(page: UInt64, bytes: Int)
        /// The record of a named database.
        case subtree(UnsafeRawBufferPointer)
    }

    /// Of a leaf.
    func value(_ place: Int) -> Value {
        let offset = self.offset(place), flags = load(offset + 4, UInt16.self)
        let data = offset + Self.nodeHeaderBytes + Int(load(offset + 6, UInt16.self))
        if flags & Self.bigValue != 0 {
            return .overflow(page: load(data, UInt64.self), bytes: valueBytes(place))
        }
        let value = UnsafeRawBufferPointer(rebasing: bytes[data..<data + valueBytes(place)])
        return flags & Self.subtree != 0 ? .subtree(value) : .inPage(value)
    }
}
