import Diagnostics
import Files
import Glibc

/// The pages of LMDB's data file, read with `pread`.
///
/// LMDB trusts its file: a page that is not there or leads nowhere ends the process with a signal. So a truncated file is
/// found when a store is opened, and `verify` walks every page before LMDB itself looks at them.
/// - Source: mdb.c of LMDB 0.9 (`MDB_meta`, `MDB_page`, `MDB_node`, `MDB_db`), 64-bit, little-endian.
final class CatalogueFile {
    private let file: RegularFile
    private let folder: String
    private let size: Int

    /// Nil when the store has none yet. - Throws: `SystemFault`, `FileError`.
    init?(_ root: ContainedFolder) throws {
        guard try root.requireFileIfPresent(StoreLayout.catalogueData) != nil else { return nil }
        file = try root.open(StoreLayout.catalogueData, for: .reading)
        folder = root.path
        size = file.status.bytes
    }

    var isEmpty: Bool { size == 0 }

    /// Throws when pages the catalogue uses lie past the end of the file.
    ///
    /// A file may rightly end before its last page number: a page taken and given back in one transaction is never
    /// written. So only what can be reached counts, and it is walked only when the file is short.
    func checkLength() throws {
        let meta = try newestMeta(transaction: nil)
        guard (meta.lastPage + 1) * meta.pageSize > size else { return }
        do {
            try walk(meta)
        } catch {
            // A commit in the meantime may have given old pages away.
            if try newestMeta(transaction: nil).transaction == meta.transaction { throw error }
        }
    }

    /// Walks every page of a committed state; call it inside a read transaction of that state, which keeps its pages.
    func checkPages(transaction: Int) throws {
        try walk(try newestMeta(transaction: UInt64(transaction)))
    }

    // MARK: Meta pages

    private struct Tree {
        let depth: Int
        let entries: UInt64
        let root: UInt64
    }

    private struct Meta {
        let pageSize: Int
        let lastPage: Int
        let transaction: UInt64
        let free: Tree
        let main: Tree
    }

    private static let noRoot = UInt64.max
    private static let headerBytes = 16
    private static let treeBytes = 48

    private func damaged(_ place: String, _ expected: String, _ found: String) -> StoreError {
        .damagedCatalogue(folder: folder, key: "data.mdb \(place)", expected: expected, found: found)
    }

    private func newestMeta(transaction: UInt64?) throws -> Meta {
        let first = try read(at: 0, count: 192)
        // LMDB's page size is the system's where the file was made: it says so itself.
        let pageSize = Int(first.number(Self.headerBytes + 24, as: UInt32.self))
        guard (512...65_536).contains(pageSize), pageSize & (pageSize - 1) == 0 else {
            throw damaged("page 0", "a page size of 512 … 65536", "\(pageSize)")
        }
        let metas = try [0, 1].map { try meta(try read(at: $0 * pageSize, count: 192), page: $0, pageSize: pageSize) }
        if let transaction, let exact = metas.first(where: { $0.transaction == transaction }) { return exact }
        return metas[0].transaction > metas[1].transaction ? metas[0] : metas[1]
    }

    private func meta(_ bytes: Bytes, page: Int, pageSize: Int) throws -> Meta {
        let at = Self.headerBytes
        let magic = bytes.number(at, as: UInt32.self)
        guard magic == 0xBEEF_C0DE else {
            throw damaged("page \(page)", "LMDB's magic number beefc0de", String(magic, radix: 16))
        }
        let version = bytes.number(at + 4, as: UInt32.self)
        guard version == 1 else { throw damaged("page \(page)", "LMDB data version 1", "\(version)") }
        let trees = at + 24
        let lastPage = bytes.number(trees + 2 * Self.treeBytes, as: UInt64.self)
        guard lastPage >= 1, lastPage < UInt64(Int.max / pageSize - 1) else {
            throw damaged("page \(page)", "a last page", "\(lastPage)")
        }
        return Meta(
            pageSize: pageSize, lastPage: Int(lastPage),
            transaction: bytes.number(trees + 2 * Self.treeBytes + 8, as: UInt64.self),
            free: tree(bytes, at: trees), main: tree(bytes, at: trees + Self.treeBytes))
    }

    private func tree(_ bytes: Bytes, at offset: Int) -> Tree {
        Tree(
            depth: Int(bytes.number(offset + 6, as: UInt16.self)), entries: bytes.number(offset + 32, as: UInt64.self),
            root: bytes.number(offset + 40, as: UInt64.self))
    }

    // MARK: Walk

    /// A page still to be visited, and how many levels it stands above the leaves.
    private struct Visit {
        let page: UInt64
        let height: Int
    }

    private func walk(_ meta: Meta) throws {
        var visited = [Bool](repeating: false, count: min(meta.lastPage, size / meta.pageSize) + 1)
        var trees = [meta.free, meta.main]
        while let tree = trees.popLast() {
            if tree.root == Self.noRoot { continue }
            guard (1...32).contains(tree.depth) else {
                throw damaged("page \(tree.root)", "a tree of 1 … 32 levels", "\(tree.depth)")
            }
            var entries: UInt64 = 0
            var visits = [Visit(page: tree.root, height: tree.depth - 1)]
            while let visit = visits.popLast() {
                let page = try self.page(visit.page, meta, &visited)
                try page.requireKind(visit.height > 0 ? .branch : .leaf)
                if visit.height > 0 {
                    try page.forEachNode { node in
                        visits.append(Visit(page: node.child, height: visit.height - 1))
                    }
                } else {
                    try page.forEachNode { node in
                        entries += 1
                        if let overflow = node.overflow {
                            try checkOverflow(overflow, bytes: node.dataCount, meta, &visited)
                        }
                        if let subtree = node.subtree { trees.append(self.tree(subtree, at: 0)) }
                    }
                }
            }
            guard entries == tree.entries else {
                throw damaged("tree at page \(tree.root)", "\(tree.entries) entries", "\(entries)")
            }
        }
    }

    private func claim(_ page: UInt64, _ visited: inout [Bool]) throws -> Int {
        guard page >= 2, page < UInt64(visited.count) else {
            throw damaged(
                "page \(page)", "a page between 2 and \(visited.count - 1)",
                "none: the file has \(size) bytes, it is shorter than it was or leads astray")
        }
        guard !visited[Int(page)] else { throw damaged("page \(page)", "one use", "two") }
        visited[Int(page)] = true
        return Int(page)
    }

    private func page(_ number: UInt64, _ meta: Meta, _ visited: inout [Bool]) throws -> CataloguePage {
        let place = try claim(number, &visited)
        let bytes = try read(at: place * meta.pageSize, count: meta.pageSize)
        return try CataloguePage(bytes: bytes, number: number) { self.damaged("page \(number)", $0, $1) }
    }

    private func checkOverflow(_ number: UInt64, bytes: Int, _ meta: Meta, _ visited: inout [Bool]) throws {
        let place = try claim(number, &visited)
        let header = try read(at: place * meta.pageSize, count: Self.headerBytes)
        let pages = Int(header.number(12, as: UInt32.self))
        guard header.number(0, as: UInt64.self) == number, header.number(10, as: UInt16.self) & 0x04 != 0,
            pages >= 1, (pages * meta.pageSize - Self.headerBytes) >= bytes
        else { throw damaged("page \(number)", "\(bytes) bytes of one value", "another page") }
        for next in 1..<max(1, UInt64(pages)) { _ = try claim(number + next, &visited) }
        guard (place + pages) * meta.pageSize <= size else {
            throw damaged("page \(number)", "\(pages) pages", "the end of the file (\(size) bytes)")
        }
    }

    private func read(at offset: Int, count: Int) throws -> Bytes {
        var storage = [UInt8](repeating: 0, count: count)
        let got = storage.withUnsafeMutableBytes { pread(file.descriptor, $0.baseAddress, count, offset) }
        if got < 0 {
            throw SystemFault(operation: "read", path: file.path, code: errno)
        }
        guard got == count else {
            throw damaged("byte \(offset)", "\(count) bytes", "the end of the file (\(size) bytes)")
        }
        return Bytes(storage: storage)
    }
}

/// Bytes with little-endian numbers in them; offsets are checked by whoever asks.
struct Bytes {
    let storage: [UInt8]
    var count: Int { storage.count }

    func number<Number: FixedWidthInteger>(_ offset: Int, as type: Number.Type) -> Number {
        storage.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
    }

    func slice(_ offset: Int, _ count: Int) -> Bytes { Bytes(storage: Array(storage[offset..<offset + count])) }
}
