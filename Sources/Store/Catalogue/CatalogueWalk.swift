import Files
import Glibc

/// A walk over every page of one state of LMDB's data file: what LMDB would follow blindly is followed here with open
/// eyes.
///
/// Checked are each page's number, kind and nodes, that keys ascend in it and lie between those of the page above, that
/// no page is reached twice, that trees are as deep and have as many entries as their records say, that long values
/// have their pages, and that the list of free pages names none that is in use: LMDB would write over it. Of values
/// themselves only the pages' headers are read. After that LMDB can neither leave the file nor turn for ever, whatever
/// the values say.
struct CatalogueWalk {
    private let file: CatalogueFile
    private let meta: CatalogueFile.Meta
    /// Whole pages the file has.
    private let pages: Int
    private var claimed: PageSet
    /// A buffer for each level above the leaves.
    private var levels: [CataloguePage] = []
    private var named: [(name: String, tree: CatalogueFile.Tree)] = []

    /// LMDB's own limit.
    private static let deepest = 32
    /// MDB_INTEGERKEY, with which LMDB marks the list of free pages, and the flags that would change how keys compare
    /// or whether values repeat.
    private static let integerKey: UInt16 = 0x08
    private static let orderFlags: UInt16 = 0x7E

    /// Walks the state; call it while a read transaction keeps its pages, or look afterwards whether it was disturbed.
    /// - Throws: `StoreError.damagedCatalogue` naming the page; `SystemFault`.
    static func check(_ file: CatalogueFile, _ meta: CatalogueFile.Meta) throws {
        var walk = CatalogueWalk(file, meta, pages: try file.size() / meta.pageSize)
        try walk.run()
    }

    private init(_ file: CatalogueFile, _ meta: CatalogueFile.Meta, pages: Int) {
        self.file = file
        self.meta = meta
        self.pages = pages
        claimed = PageSet(count: meta.lastPage + 1)
    }

    private mutating func run() throws {
        let flags = meta.free.flags & Self.orderFlags
        guard flags == Self.integerKey else {
            throw file.damaged("meta page", "a list of free pages", "flags \(flags)")
        }
        try walk(meta.free, .freePages)
        guard meta.main.flags & Self.orderFlags == 0 else {
            throw file.damaged("meta page", "a plain tree of names", "flags \(meta.main.flags)")
        }
        try walk(meta.main, .names)
        for (name, tree) in named {
            guard tree.flags == 0 else {
                throw file.damaged("database '\(name)'", "a plain tree", "flags \(tree.flags)")
            }
            try walk(tree, .records)
        }
    }

    // MARK: Trees

    private enum Content {
        case freePages, names, records
    }

    private mutating func walk(_ tree: CatalogueFile.Tree, _ content: Content) throws {
        guard let root = tree.root else {
            guard tree.depth == 0, tree.entries == 0 else {
                throw file.damaged("an empty tree", "no levels and no entries", "\(tree.depth) and \(tree.entries)")
            }
            return
        }
        guard (1...Self.deepest).contains(tree.depth) else {
            throw file.damaged("page \(root)", "a tree of 1 … \(Self.deepest) levels", "\(tree.depth)")
        }
        while levels.count < tree.depth { levels.append(CataloguePage(pageSize: meta.pageSize)) }
        let entries = try visit(root, height: tree.depth - 1, from: nil, below: nil, content)
        guard entries == tree.entries else {
            throw file.damaged("tree at page \(root)", "\(tree.entries) entries", "\(entries)")
        }
    }

    /// - Parameters:
    ///   - height: levels above the leaves.
    ///   - lowest: no key is smaller.
    ///   - end: every key is smaller.
    /// - Returns: entries in the leaves below.
    private mutating func visit(
        _ number: UInt64, height: Int, from lowest: UnsafeRawBufferPointer?, below end: UnsafeRawBufferPointer?,
        _ content: Content
    ) throws -> UInt64 {
        let offset = try claim(number) * meta.pageSize
        let page = levels[height]
        do {
            try page.read(number, kind: height > 0 ? .branch : .leaf) { try file.read(at: offset, into: $0) }
            try checkKeys(page, isBranch: height > 0, from: lowest, below: end, content)
        } catch let problem as CataloguePage.Problem {
            throw file.damaged("page \(number)", problem.expected, problem.found)
        }
        guard height > 0 else {
            for place in 0..<page.count { try visit(page, place, content) }
            return UInt64(page.count)
        }
        var entries: UInt64 = 0
        for place in 0..<page.count {
            entries += try visit(
                page.child(place), height: height - 1, from: place == 0 ? lowest : page.key(place),
                below: place + 1 < page.count ? page.key(place + 1) : end, content)
        }
        return entries
    }

    private func checkKeys(
        _ page: CataloguePage, isBranch: Bool, from lowest: UnsafeRawBufferPointer?, below end: UnsafeRawBufferPointer?,
        _ content: Content
    ) throws {
        // LMDB stops at a branch that does not branch, but for the list of free pages.
        if isBranch, page.count < 2, content != .freePages {
            throw CataloguePage.Problem(expected: "two pages below or more", found: "\(page.count)")
        }
        // The first key of a branch is never looked at.
        var previous = lowest
        for place in (isBranch ? 1 : 0)..<page.count {
            let key = page.key(place)
            if content == .freePages, key.count != 8 {
                throw CataloguePage.Problem(
                    expected: "a transaction's number as key \(place)", found: "\(key.count) bytes")
            }
            if key.isEmpty { throw CataloguePage.Problem(expected: "a key at node \(place)", found: "none") }
            if let previous {
                // The first may be the bound itself; after that each is larger.
                let order = Self.order(previous, key, content), mayBeEqual = place == (isBranch ? 1 : 0) && !isBranch
                guard order < 0 || order == 0 && mayBeEqual else {
                    throw CataloguePage.Problem(expected: "ascending keys", found: "node \(place) out of order")
                }
            }
            previous = key
        }
        if let end, let previous, Self.order(previous, end, content) >= 0 {
            throw CataloguePage.Problem(expected: "keys below those of the next page", found: "larger ones")
        }
    }

    /// As LMDB compares: bytes, or numbers in the list of free pages.
    private static func order(_ a: UnsafeRawBufferPointer, _ b: UnsafeRawBufferPointer, _ content: Content) -> Int {
        if content == .freePages, a.count == 8, b.count == 8 {
            let (first, second) = (a.loadUnaligned(as: UInt64.self), b.loadUnaligned(as: UInt64.self))
            return first < second ? -1 : first == second ? 0 : 1
        }
        let common = min(a.count, b.count)
        if common > 0, let first = a.baseAddress, let second = b.baseAddress {
            let order = memcmp(first, second, common)
            if order != 0 { return Int(order) }
        }
        return a.count - b.count
    }

    // MARK: Leaves

    private mutating func visit(_ page: CataloguePage, _ place: Int, _ content: Content) throws {
        switch page.value(place) {
        case .subtree(let record):
            guard content == .names, record.count == CatalogueFile.Tree.bytes else {
                throw file.damaged("page \(page.number)", "a value at node \(place)", "a tree of \(record.count) bytes")
            }
            named.append((CatalogueKey.readable(page.key(place)), CatalogueFile.Tree(record)))
        case .overflow(let first, let bytes):
            try claimOverflow(first, bytes: bytes)
            if content == .freePages {
                let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: bytes, alignment: 8)
                defer { buffer.deallocate() }
                try file.read(at: Int(first) * meta.pageSize + CataloguePage.headerBytes, into: buffer)
                try claimFree(UnsafeRawBufferPointer(buffer), page, place)
            }
        case .inPage(let value):
            if content == .freePages { try claimFree(value, page, place) }
        }
    }

    private mutating func claimOverflow(_ number: UInt64, bytes: Int) throws {
        let place = try claim(number)
        var count = 0
        try withUnsafeTemporaryAllocation(byteCount: CataloguePage.headerBytes, alignment: 8) { header in
            try file.read(at: place * meta.pageSize, into: header)
            let own = UInt64(littleEndian: header.loadUnaligned(as: UInt64.self))
            let flags = UInt16(littleEndian: header.loadUnaligned(fromByteOffset: 10, as: UInt16.self))
            count = Int(UInt32(littleEndian: header.loadUnaligned(fromByteOffset: 12, as: UInt32.self)))
            guard own == number, flags == CataloguePage.overflowFlag, count >= 1, count <= pages - place,
                count * meta.pageSize - CataloguePage.headerBytes >= bytes
            else { throw file.damaged("page \(number)", "\(bytes) bytes of one value", "another page") }
        }
        for next in 1..<max(1, UInt64(count)) { _ = try claim(number + next) }
    }

    /// A page in use. - Returns: its place in the file, which has all of it.
    private mutating func claim(_ page: UInt64) throws -> Int {
        guard page >= 2, page <= UInt64(meta.lastPage), page < UInt64(pages) else {
            throw file.damaged(
                "page \(page)", "a page between 2 and \(min(meta.lastPage, pages - 1))",
                "none: the file is shorter than it was or leads astray")
        }
        guard claimed.insert(Int(page)) else { throw file.damaged("page \(page)", "one use", "two") }
        return Int(page)
    }

    /// Pages that were free after a transaction: their count, then their numbers, descending.
    private mutating func claimFree(_ list: UnsafeRawBufferPointer, _ page: CataloguePage, _ place: Int) throws {
        func problem(_ expected: String, _ found: String) -> StoreError {
            file.damaged("page \(page.number) node \(place)", expected, found)
        }
        let transaction = UInt64(littleEndian: page.key(place).loadUnaligned(as: UInt64.self))
        guard (1...max(1, meta.transaction)).contains(transaction) else {
            throw problem("a transaction up to \(meta.transaction)", "\(transaction)")
        }
        func number(_ index: Int) -> UInt64 {
            UInt64(littleEndian: list.loadUnaligned(fromByteOffset: 8 * index, as: UInt64.self))
        }
        guard list.count >= 8, number(0) < UInt64(list.count / 8) else {
            throw problem("a list of free pages", "\(list.count) bytes of another kind")
        }
        var previous = UInt64.max
        for index in 0..<Int(number(0)) {
            let free = number(index + 1)
            guard free >= 2, free <= UInt64(meta.lastPage), free < previous else {
                throw problem("descending pages from \(meta.lastPage) to 2", "page \(free)")
            }
            guard claimed.insert(Int(free)) else { throw problem("pages not in use", "page \(free), which is") }
            previous = free
        }
    }
}

/// Which pages were met.
private struct PageSet {
    private var words: [UInt64]

    init(count: Int) { words = [UInt64](repeating: 0, count: count / 64 + 1) }

    /// - Returns: false when it was in the set already.
    mutating func insert(_ page: Int) -> Bool {
        let bit: UInt64 = 1 << UInt64(page % 64)
        guard words[page / 64] & bit == 0 else { return false }
        words[page / 64] |= bit
        return true
    }
}
