import Diagnostics

/// A text that is open: the file itself, or what is unpacked from it.
package struct OpenedSource {
    /// Names the text in errors: the file, or the file and the member: "omw.tar.xz: omw/fr.tab".
    package let path: String
    /// Where the text goes on.
    package let source: any ByteSource
    /// How many of its first bytes are in the buffer already.
    package let count: Int
    /// Name of the archive's member; nil for a file that is none.
    package let member: String?

    /// Opens a file as what its first bytes say it is; of an archive that holds several files one is taken, and a
    /// remark says which.
    ///
    /// - Parameter buffer: 64 KiB, filled with the text's first bytes.
    /// - Throws: `FileError` (missing, a folder, no text, damaged, packed in a way that is not read), `SystemFault`.
    static func open(_ path: String, sniffing buffer: UnsafeMutableRawBufferPointer) throws -> OpenedSource {
        try open(InputFile(path: path), sniffing: buffer)
    }

    /// As above, for a file that is open already.
    static func open(_ file: InputFile, sniffing buffer: UnsafeMutableRawBufferPointer) throws -> OpenedSource {
        let path = file.path
        // A terminal hands over a line at a time: two bytes tell it from what is packed.
        let count = try fill(buffer, from: file, atLeast: file.isRegular ? ContentKind.sniffedBytes : 2)
        let start = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        try ContentKind.refuseForeign(start, path: path)
        switch ContentKind(start) {
        case .gzip?:
            let gzip = try GzipSource(file: file, prefix: start)
            let inflated = try fill(buffer, from: gzip, atLeast: ContentKind.sniffedBytes)
            let inner = UnsafeRawBufferPointer(rebasing: buffer[..<inflated])
            if ContentKind(inner) == .tar {
                let packed = try PackedFile(gzip, path: path, kind: .tar, prefix: inner)
                return try firstMember(of: packed, path: path, sniffing: buffer)
            }
            return try OpenedSource(path: path, source: gzip, count: inflated, member: nil).checked(buffer)
        case let kind?:
            return try open(file, kind: kind, prefix: start, sniffing: buffer)
        case nil:
            try requirePlainName(path, start)
            return OpenedSource(path: path, source: file, count: count, member: nil)
        }
    }

    /// Opens the member an archive is in at the moment.
    static func open(
        member name: String, of packed: PackedFile, sniffing buffer: UnsafeMutableRawBufferPointer
    ) throws -> OpenedSource {
        let count = try fill(buffer, from: packed, atLeast: ContentKind.sniffedBytes)
        let opened = OpenedSource(
            path: "\(packed.path): \(MemberChoice.printable(name))", source: packed, count: count, member: name)
        return try opened.checked(buffer)
    }

    private static func open(
        _ file: InputFile, kind: ContentKind, prefix: UnsafeRawBufferPointer,
        sniffing buffer: UnsafeMutableRawBufferPointer
    ) throws -> OpenedSource {
        let path = file.path, seekable = file.isRegular ? file : nil
        let packed = try PackedFile(file, path: path, kind: kind, prefix: prefix, seekable: seekable)
        guard file.isRegular else { return try firstMember(of: packed, path: path, sniffing: buffer) }
        var names: [String] = []
        while let member = try packed.next() {
            if member.isWhole { return try whole(packed, path: path, sniffing: buffer) }
            if member.isFile { names.append(member.name) }
        }
        guard let choice = MemberChoice(names, archive: path) else {
            throw FileError.noMember(path: path, kind: kind)
        }
        if let remark = choice.remark(path: path) { InputRemark.say(remark) }
        let again = try ArchiveMembers(path: path, names: [choice.name])
        guard let opened = try again.next(sniffing: buffer) else { throw FileError.noMember(path: path, kind: kind) }
        return opened
    }

    /// A stream cannot be gone through twice: the first member that is no mere attachment is taken.
    private static func firstMember(
        of packed: PackedFile, path: String, sniffing buffer: UnsafeMutableRawBufferPointer
    ) throws -> OpenedSource {
        while let member = try packed.next() {
            if member.isWhole { return try whole(packed, path: path, sniffing: buffer) }
            guard member.isFile, !MemberChoice.isAttachment(member.name) else { continue }
            InputRemark.say("\(path): takes \(MemberChoice.printable(member.name)), the first file in it")
            return try open(member: member.name, of: packed, sniffing: buffer)
        }
        throw FileError.noMember(path: path, kind: .tar)
    }

    private static func whole(
        _ packed: PackedFile, path: String, sniffing buffer: UnsafeMutableRawBufferPointer
    ) throws -> OpenedSource {
        let count = try fill(buffer, from: packed, atLeast: ContentKind.sniffedBytes)
        return try OpenedSource(path: path, source: packed, count: count, member: nil).checked(buffer)
    }

    /// Refuses what was unpacked and is no text either.
    private func checked(_ buffer: UnsafeMutableRawBufferPointer) throws -> OpenedSource {
        let start = UnsafeRawBufferPointer(rebasing: buffer[..<count])
        try ContentKind.refuseForeign(start, path: path)
        if let kind = ContentKind(start) { throw FileError.packedTwice(path: path, kind: kind) }
        return self
    }

    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from source: any ByteSource, atLeast least: Int
    ) throws -> Int {
        var count = 0
        while count < least {
            let more = try source.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            if more == 0 { break }
            count += more
        }
        return count
    }

    /// A name that promises packed data must hold some: a plain file under it was cut short or saved wrongly.
    private static func requirePlainName(_ path: String, _ start: UnsafeRawBufferPointer) throws {
        guard let ending = PackedName.ending(of: path) else { return }
        if ending == ".gz", start.count == 0 || (start.count == 1 && start[0] == 0x1f) {
            throw FileError.truncatedGzip(path: path, offset: start.count)
        }
        let found = start.prefix(4).map { "0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        throw FileError.notPacked(
            path: path, ending: ending, found: found.isEmpty ? "nothing" : found.joined(separator: " "))
    }
}
