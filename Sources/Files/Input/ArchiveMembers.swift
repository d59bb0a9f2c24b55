import Diagnostics

/// Members of an archive, one after another in its own order, in one pass.
package final class ArchiveMembers {
    package let path: String
    private let names: Set<String>
    private let packed: PackedFile

    /// - Parameter names: the members to hand out.
    /// - Throws: `FileError`, `SystemFault`.
    package init(path: String, names: Set<String>) throws {
        guard let packed = try Self.open(path) else {
            throw FileError.wrongKind(path: path, expected: "an archive", found: "a file that is none")
        }
        self.path = path
        self.names = names
        self.packed = packed
    }

    /// The next member; what is left of the one before is skipped.
    /// - Parameter buffer: 64 KiB, filled with its first bytes.
    /// - Throws: `FileError`, `SystemFault`.
    func next(sniffing buffer: UnsafeMutableRawBufferPointer) throws -> OpenedSource? {
        while let member = try packed.next() {
            guard member.isFile, names.contains(member.name) else { continue }
            return try OpenedSource.open(member: member.name, of: packed, sniffing: buffer)
        }
        return nil
    }

    /// Names of the files in an archive (attachments such as README left out); nil for a file that is no archive.
    /// - Throws: `FileError`, `SystemFault`.
    package static func names(of path: String) throws -> [String]? {
        guard let packed = try open(path) else { return nil }
        var names: [String] = []
        while let member = try packed.next() {
            if member.isWhole { return nil }
            if member.isFile, !MemberChoice.isAttachment(member.name) { names.append(member.name) }
        }
        return names
    }

    /// The bytes of one member.
    /// - Parameter limit: more bytes than this are an error before they are read.
    /// - Throws: `FileError`, also when there is no such member; `SystemFault`.
    package static func contents(of path: String, member name: String, limit: Int) throws -> [UInt8] {
        let advice = "fetch the file again"
        guard let packed = try open(path) else {
            throw FileError.malformed(
                path: path, offset: 0, expected: "an archive", found: "something else", advice: advice)
        }
        while let member = try packed.next() {
            guard member.isFile, member.name == name else { continue }
            var bytes: [UInt8] = []
            try withUnsafeTemporaryAllocation(byteCount: 256 << 10, alignment: 16) { buffer in
                while true {
                    let count = try packed.read(into: buffer)
                    if count == 0 { return }
                    guard bytes.count + count <= limit else {
                        throw FileError.tooLarge(path: "\(path): \(name)", bytes: bytes.count + count, limit: limit)
                    }
                    bytes.append(contentsOf: buffer[..<count])
                }
            }
            return bytes
        }
        throw FileError.malformed(path: path, offset: 0, expected: "a member \(name)", found: "none", advice: advice)
    }

    /// - Returns: nil for a file that is not packed, or packed by gzip and no tar archive.
    private static func open(_ path: String) throws -> PackedFile? {
        let file = try InputFile(path: path)
        guard file.isRegular else { return nil }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 64)
        defer { buffer.deallocate() }
        let count = try file.read(into: buffer)
        let start = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        switch ContentKind(start) {
        case .gzip?:
            let gzip = try GzipSource(file: file, prefix: start)
            var inflated = 0
            while inflated < ContentKind.sniffedBytes {
                let more = try gzip.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[inflated...]))
                if more == 0 { break }
                inflated += more
            }
            let inner = UnsafeRawBufferPointer(rebasing: buffer[..<inflated])
            return ContentKind(inner) == .tar ? try PackedFile(gzip, path: path, kind: .tar, prefix: inner) : nil
        case let kind? where kind.isPacked:
            return try PackedFile(file, path: path, kind: kind, prefix: start, seekable: file)
        default: return nil
        }
    }
}

/// Texts that are read one after another: files, and members of archives.
package final class TextSequence {
    package struct Place: Sendable, Equatable {
        package let path: String
        /// Members of the archive that the file is; nil for a file that holds one text.
        package let members: Set<String>?

        package init(path: String, members: Set<String>? = nil) {
            self.path = path
            self.members = members
        }
    }

    private let places: [Place]
    private var position = 0
    private var archive: ArchiveMembers?

    package init(_ places: [Place]) { self.places = places }

    /// The lines of the next text, or nil after the last.
    /// - Throws: `FileError`, `SystemFault`.
    package func nextLines() throws -> LineReader? { try LineReader { try self.next(sniffing: $0) } }

    /// The bytes of the next text, or nil after the last.
    /// - Throws: `FileError`, `SystemFault`.
    package func nextBytes() throws -> ByteStream? { try ByteStream { try self.next(sniffing: $0) } }

    private func next(sniffing buffer: UnsafeMutableRawBufferPointer) throws -> OpenedSource? {
        while true {
            if let opened = try archive?.next(sniffing: buffer) { return opened }
            archive = nil
            guard position < places.count else { return nil }
            let place = places[position]
            position += 1
            guard let members = place.members else { return try OpenedSource.open(place.path, sniffing: buffer) }
            archive = try ArchiveMembers(path: place.path, names: members)
        }
    }
}
