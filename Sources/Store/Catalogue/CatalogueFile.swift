import Diagnostics
import Files
import Fingerprinting
import Glibc

/// LMDB's data file, read with `pread` and not through LMDB.
///
/// LMDB trusts its file: a number that leads nowhere, a page that is reached twice or a node that is longer than its
/// page ends the process with a signal or makes it turn for ever. So both meta pages are looked at before LMDB opens
/// the file, and the pages of a state are walked (`CatalogueWalk`) before LMDB follows the first of them.
/// - Source: mdb.c of LMDB 0.9 (`MDB_meta`, `MDB_db`), 64-bit, little-endian.
final class CatalogueFile {
    let folder: String
    private let file: RegularFile

    /// Nil when the store has none yet. - Throws: `SystemFault`, `FileError`.
    init?(_ root: ContainedFolder) throws {
        guard try root.requireFileIfPresent(StoreLayout.catalogueData) != nil else { return nil }
        file = try root.open(StoreLayout.catalogueData, for: .reading)
        folder = root.path
    }

    var isEmpty: Bool { file.status.bytes == 0 }

    /// Bytes it has now.
    func size() throws -> Int { try FileStatus(descriptor: file.descriptor, path: file.path).bytes }

    func damaged(_ place: String, _ expected: String, _ found: String) -> StoreError {
        .damagedCatalogue(folder: folder, key: "data.mdb \(place)", expected: expected, found: found)
    }

    // MARK: Meta pages

    /// The root of a B+ tree as a meta page or a named database's record describes it.
    struct Tree {
        static let bytes = 48
        let flags: UInt16
        let depth: Int
        let entries: UInt64
        /// Nil for an empty tree.
        let root: UInt64?

        /// - Precondition: 48 bytes.
        init(_ record: UnsafeRawBufferPointer) {
            func number<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
                Number(littleEndian: record.loadUnaligned(fromByteOffset: offset, as: type))
            }
            flags = number(4, UInt16.self)
            depth = Int(number(6, UInt16.self))
            entries = number(32, UInt64.self)
            let page = number(40, UInt64.self)
            root = page == UInt64.max ? nil : page
        }
    }

    /// A committed state.
    struct Meta {
        let pageSize: Int
        let lastPage: Int
        let transaction: UInt64
        let free: Tree
        let main: Tree
    }

    private static let metaBytes = CataloguePage.headerBytes + 24 + 2 * Tree.bytes + 16
    private static let metaFlag: UInt16 = 0x08
    /// Pages a transaction took and gave back in the end are never written: the last page may lie behind the end of the
    /// file, though not by as much as this.
    private static let mostUnwrittenPages = 1 << 24
    /// Far from where counting on would begin again at 0.
    private static let lastTransaction: UInt64 = 1 << 62

    /// Looks at what LMDB reads when it opens the file: both meta pages.
    /// - Throws: `StoreError.damagedCatalogue`, `SystemFault`.
    func checkMetaPages() throws {
        let metas = [try meta(0), try meta(1)]
        guard metas[0].pageSize == metas[1].pageSize else {
            throw damaged("page 1", "a page size of \(metas[0].pageSize)", "\(metas[1].pageSize)")
        }
        // LMDB keeps even states on page 0 and odd ones on page 1, and looks for them there.
        for (page, meta) in metas.enumerated() where meta.transaction != 0 && Int(meta.transaction & 1) != page {
            throw damaged(
                "page \(page)", "the state of \(page == 0 ? "an even" : "an odd") transaction", "\(meta.transaction)")
        }
    }

    /// Whether this is what the first write of all leaves when it is cut short: LMDB's two meta pages without any
    /// state, or blank, or not both of them. Nothing was ever stored then. (Other files are not touched, whatever they
    /// are.)
    func holdsNothingYet() throws -> Bool {
        let size = try size()
        guard size > 0, size <= Self.largestFirstWrite else { return false }
        let whole = try bytes(at: 0, count: size)
        let first = whole.prefix(Self.firstBytes.count)
        let begins = first.elementsEqual(Self.firstBytes.prefix(first.count))
        guard begins || first.allSatisfy({ $0 == 0 }) else { return false }
        let pageSize = begins && size >= Self.metaBytes ? Int(Self.number(whole, 40, UInt32.self)) : 4_096
        guard (4_096...32_768).contains(pageSize) else { return false }
        if size < 2 * pageSize { return begins || whole.allSatisfy { $0 == 0 } }
        return [0, pageSize].allSatisfy { start in
            if whole[start..<start + pageSize].allSatisfy({ $0 == 0 }) { return true }
            let transaction = start + CataloguePage.headerBytes + 24 + 2 * Tree.bytes + 8
            return whole[start + 8..<start + 24].elementsEqual(Self.firstBytes[8..<24])
                && Self.number(whole, transaction, UInt64.self) == 0
        }
    }

    /// Page 0 of every LMDB file: number, padding, flags, bounds; magic number and version.
    private static let firstBytes: [UInt8] =
        [UInt8](repeating: 0, count: 10)
        + [8, 0, 0, 0, 0, 0, 0xDE, 0xC0, 0xEF, 0xBE, 1, 0, 0, 0]
    /// The first commit makes the empty databases: a few pages.
    private static let largestFirstWrite = 1 << 20

    /// Empties a data file in which nothing was ever stored, unless somebody is writing it at this moment.
    /// - Returns: whether it is empty now.
    static func beginAnew(_ root: ContainedFolder) throws -> Bool {
        let lock = try root.open(StoreLayout.catalogueLock, for: .updating)
        // Whoever has the catalogue open holds this byte, and whoever makes it holds it alone.
        var region = flock()
        region.l_type = Int16(F_WRLCK)
        region.l_whence = Int16(SEEK_SET)
        region.l_len = 1
        guard fcntl(lock.descriptor, F_SETLK, &region) == 0 else { return false }
        return try withExtendedLifetime(lock) {
            guard try CatalogueFile(root)?.holdsNothingYet() == true else { return false }
            let data = try root.open(StoreLayout.catalogueData, for: .changing)
            guard ftruncate(data.descriptor, 0) == 0, fsync(data.descriptor) == 0 else {
                throw SystemFault(operation: "empty", path: data.path, code: errno)
            }
            return true
        }
    }

    /// What the file is known by once it was walked.
    func mark() throws -> WalkMemory.Mark {
        let status = try FileStatus(descriptor: file.descriptor, path: file.path)
        let pageSize = try meta(0).pageSize
        let builder = FingerprintBuilder()
        for page in [0, 1] {
            try bytes(at: page * pageSize, count: Self.metaBytes).withUnsafeBytes { builder.combine(bytes: $0) }
        }
        return WalkMemory.Mark(
            identity: FileIdentity(status), bytes: status.bytes, changed: status.changed, metaPages: builder.finish())
    }

    /// The state of a transaction, while its meta page is there: the second commit after it replaces it.
    func meta(of transaction: UInt64) throws -> Meta? {
        let found = try meta(Int(transaction & 1))
        // Read twice: a commit in between shows, a half-written page does too.
        let again = try meta(Int(transaction & 1))
        guard found.transaction == transaction, again.transaction == transaction else { return nil }
        return again
    }

    /// - Throws: `StoreError.damagedCatalogue`.
    private func meta(_ page: Int) throws -> Meta {
        // LMDB's page size is the system's where the file was made: the first page says so itself.
        let first = try bytes(at: 0, count: Self.metaBytes)
        let pageSize = Int(Self.number(first, CataloguePage.headerBytes + 24, UInt32.self))
        guard (4_096...32_768).contains(pageSize), pageSize & (pageSize - 1) == 0 else {
            throw damaged("page 0", "a page size of 4096 … 32768", "\(pageSize)")
        }
        let bytes = page == 0 ? first : try self.bytes(at: pageSize, count: Self.metaBytes)
        func number<Number: FixedWidthInteger>(_ offset: Int, _ type: Number.Type) -> Number {
            Self.number(bytes, offset, type)
        }
        let flags = number(10, UInt16.self)
        guard flags == Self.metaFlag else { throw damaged("page \(page)", "a meta page", "flags \(flags)") }
        let at = CataloguePage.headerBytes, trees = at + 24
        let magic = number(at, UInt32.self)
        guard magic == 0xBEEF_C0DE else {
            throw damaged("page \(page)", "LMDB's magic number beefc0de", String(magic, radix: 16))
        }
        let version = number(at + 4, UInt32.self)
        guard version == 1 else { throw damaged("page \(page)", "LMDB data version 1", "\(version)") }
        let own = Int(number(trees, UInt32.self))
        guard own == pageSize else { throw damaged("page \(page)", "a page size of \(pageSize)", "\(own)") }
        let lastPage = number(trees + 2 * Tree.bytes, UInt64.self),
            transaction = number(trees + 2 * Tree.bytes + 8, UInt64.self)
        let limit = try size() / pageSize + Self.mostUnwrittenPages
        guard lastPage >= 1, lastPage < UInt64(limit) else {
            throw damaged("page \(page)", "a last page below \(limit)", "\(lastPage)")
        }
        guard transaction < Self.lastTransaction else {
            throw damaged("page \(page)", "a transaction's number below \(Self.lastTransaction)", "\(transaction)")
        }
        return Meta(
            pageSize: pageSize, lastPage: Int(lastPage), transaction: transaction,
            free: tree(bytes, at: trees), main: tree(bytes, at: trees + Tree.bytes))
    }

    private func tree(_ bytes: [UInt8], at offset: Int) -> Tree {
        bytes.withUnsafeBytes { Tree(UnsafeRawBufferPointer(rebasing: $0[offset..<offset + Tree.bytes])) }
    }

    private static func number<Number: FixedWidthInteger>(_ bytes: [UInt8], _ offset: Int, _ type: Number.Type)
        -> Number
    {
        bytes.withUnsafeBytes { Number(littleEndian: $0.loadUnaligned(fromByteOffset: offset, as: type)) }
    }

    // MARK: Reading

    private func bytes(at offset: Int, count: Int) throws -> [UInt8] {
        var storage = [UInt8](repeating: 0, count: count)
        try storage.withUnsafeMutableBytes { try read(at: offset, into: $0) }
        return storage
    }

    /// - Throws: `StoreError.damagedCatalogue` where the file ends before, `SystemFault`.
    func read(at offset: Int, into buffer: UnsafeMutableRawBufferPointer) throws {
        guard try Transfer.read(file.descriptor, into: buffer, at: offset, path: file.path) == buffer.count else {
            throw damaged(
                "byte \(offset)", "\(buffer.count) bytes",
                "the end of the file: it is shorter than it was or leads astray")
        }
    }
}
