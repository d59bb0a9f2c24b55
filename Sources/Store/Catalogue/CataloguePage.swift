/// A branch or leaf page of LMDB's data file: header, node offsets growing up, nodes growing down.
struct CataloguePage {
    enum Kind: UInt16 {
        case branch = 0x01
        case leaf = 0x02
    }

    /// One node. In a branch only `child` means something, in a leaf everything else.
    struct Node {
        let child: UInt64
        let dataCount: Int
        /// First page of a value too long for the leaf.
        let overflow: UInt64?
        /// The 48 bytes describing a named database.
        let subtree: Bytes?
    }

    private let bytes: Bytes
    private let nodes: Int
    /// Where the nodes begin.
    private let upper: Int
    private let kind: UInt16
    private let damaged: (_ expected: String, _ found: String) -> StoreError

    init(
        bytes: Bytes, number: UInt64, damaged: @escaping (_ expected: String, _ found: String) -> StoreError
    ) throws {
        self.bytes = bytes
        self.damaged = damaged
        let own = bytes.number(0, as: UInt64.self)
        guard own == number else { throw damaged("its own number", "\(own)") }
        kind = bytes.number(10, as: UInt16.self)
        let lower = Int(bytes.number(12, as: UInt16.self))
        upper = Int(bytes.number(14, as: UInt16.self))
        guard lower >= 16, lower <= upper, upper <= bytes.count, lower % 2 == 0 else {
            throw damaged("free space inside the page", "\(lower) … \(upper)")
        }
        nodes = (lower - 16) / 2
    }

    func requireKind(_ expected: Kind) throws {
        guard kind & 0x7F == expected.rawValue else { throw damaged("a \(expected) page", "flags \(kind)") }
    }

    func forEachNode(_ body: (Node) throws -> Void) throws {
        for place in 0..<nodes {
            let offset = Int(bytes.number(16 + 2 * place, as: UInt16.self))
            guard offset >= upper, offset + 8 <= bytes.count else {
                throw damaged("node \(place) inside the page", "offset \(offset)")
            }
            let low = UInt64(bytes.number(offset, as: UInt32.self))
            let flags = bytes.number(offset + 4, as: UInt16.self)
            let keyCount = Int(bytes.number(offset + 6, as: UInt16.self))
            let data = offset + 8 + keyCount
            guard data <= bytes.count else { throw damaged("node \(place) inside the page", "a key of \(keyCount)") }
            if kind & Kind.branch.rawValue != 0 {
                try body(Node(child: low | UInt64(flags) << 32, dataCount: 0, overflow: nil, subtree: nil))
                continue
            }
            let isOverflow = flags & 0x01 != 0
            let isSubtree = flags & 0x02 != 0
            let inPage = isOverflow ? 8 : Int(low)
            guard inPage <= bytes.count - data, !isSubtree || inPage == 48, flags & ~0x03 == 0 else {
                throw damaged("node \(place) inside the page", "\(low) bytes of flags \(flags)")
            }
            try body(
                Node(
                    child: 0, dataCount: Int(low), overflow: isOverflow ? bytes.number(data, as: UInt64.self) : nil,
                    subtree: isSubtree ? bytes.slice(data, 48) : nil))
        }
    }
}
