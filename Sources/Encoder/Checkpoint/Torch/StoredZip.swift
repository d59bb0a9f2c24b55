import Files

/// Where the members of a zip archive lie in its file, for archives whose members are stored, not deflated:
/// `torch.save` writes such, so that tensors can be mapped.
///
/// Only the directory at the end is believed; of a member's own header only its length is used, since torch writes
/// sizes behind the data. Archives over 4 GB (zip64) are read. Every number is checked against the file, and members
/// that lie on one another are refused.
/// - Source: PKWARE's APPNOTE.TXT 6.3, §4.3 and §4.5.3.
struct StoredZip {
    struct Member {
        /// Bytes of the contents in the file.
        let range: Range<Int>
        let checksum: UInt32
        /// From its own header to the end of its contents.
        let place: Range<Int>
    }

    /// By name.
    let members: [String: Member]

    private static let endSize = 22, locatorSize = 20, end64Size = 56, entrySize = 46, headerSize = 30
    /// Of the archive's comment.
    private static let longestComment = 65_535

    /// - Throws: `CheckpointError.stateDictionary`.
    init(_ file: MappedFile) throws {
        members = try file.withBytes { try Self.members(Bytes(bytes: $0, path: file.path)) }
    }

    /// A member's bytes, after their checksum was compared.
    /// - Throws: `CheckpointError.stateDictionary`.
    static func verify(_ member: Member, named name: String, in file: MappedFile) throws {
        let found = file.withBytes { CRC32.of(UnsafeRawBufferPointer(rebasing: $0[member.range])) }
        guard found == member.checksum else {
            throw CheckpointError.stateDictionary(
                path: file.path, reason: "\(name) does not have its checksum: the file is damaged; fetch it again")
        }
    }

    private static func members(_ bytes: Bytes) throws -> [String: Member] {
        let directory = try directory(bytes)
        var members: [String: Member] = [:], offset = directory.range.lowerBound, places: [Range<Int>] = []
        members.reserveCapacity(directory.count)
        for _ in 0..<directory.count {
            guard offset + entrySize <= directory.range.upperBound, bytes.signature(offset) == 0x0201_4b50 else {
                throw bytes.fault("its directory has fewer members than it says")
            }
            let nameLength = bytes.short(offset + 28), extraLength = bytes.short(offset + 30)
            let next = offset + entrySize + nameLength + extraLength + bytes.short(offset + 32)
            guard next <= directory.range.upperBound else { throw bytes.fault("its directory ends inside an entry") }
            guard bytes.short(offset + 10) == 0, bytes.short(offset + 8) & 1 == 0 else {
                throw bytes.fault("a member is compressed or encrypted, which torch.save never does")
            }
            let name = bytes.text(offset + entrySize, nameLength)
            let member = try member(bytes, offset, extra: offset + entrySize + nameLength, extraLength)
            guard members.updateValue(member, forKey: name) == nil else {
                throw bytes.fault("two members have the name \(name.prefix(60))")
            }
            places.append(member.place)
            offset = next
        }
        // Else a small file could have as many large members as it has names, and reading them would not end.
        places.sort { $0.lowerBound < $1.lowerBound }
        guard (places.last?.upperBound ?? 0) <= directory.range.lowerBound,
            !zip(places, places.dropFirst()).contains(where: { $0.upperBound > $1.lowerBound })
        else { throw bytes.fault("two members, or a member and the directory, lie on one another") }
        return members
    }

    /// One entry of the directory.
    private static func member(_ bytes: Bytes, _ entry: Int, extra: Int, _ extraLength: Int) throws -> Member {
        // Numbers that need 64 bits stand in an extra field, in this order, those alone.
        var wide = bytes.extraField(1, in: extra..<extra + extraLength).map { Array($0) } ?? []
        func number(_ offset: Int) throws -> Int {
            let narrow = bytes.long(offset)
            guard narrow == 0xffff_ffff else { return narrow }
            guard wide.count >= 8 else { throw bytes.fault("a member's size is missing") }
            let value = wide.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            wide.removeFirst(8)
            return Int(clamping: value)
        }
        let size = try number(entry + 24), stored = try number(entry + 20), header = try number(entry + 42)
        guard size == stored, header <= bytes.count - headerSize, bytes.signature(header) == 0x0403_4b50 else {
            throw bytes.fault("a member is not where its directory says")
        }
        let start = header + headerSize + bytes.short(header + 26) + bytes.short(header + 28)
        guard start <= bytes.count, size <= bytes.count - start else { throw bytes.fault("it ends inside a member") }
        return Member(
            range: start..<start + size, checksum: UInt32(bytes.long(entry + 16)), place: header..<start + size)
    }

    private static func directory(_ bytes: Bytes) throws -> (range: Range<Int>, count: Int) {
        guard bytes.count >= endSize else { throw bytes.fault("it is too short") }
        let last = bytes.count - endSize
        guard
            let end = stride(from: last, through: max(0, last - longestComment), by: -1).first(where: {
                bytes.signature($0) == 0x0605_4b50 && $0 + endSize + bytes.short($0 + 20) == bytes.count
            })
        else { throw bytes.fault("its directory is missing: it is cut short") }
        var count = bytes.short(end + 10), size = bytes.long(end + 12), start = bytes.long(end + 16)
        if count == 0xffff || size == 0xffff_ffff || start == 0xffff_ffff {
            let locator = end - locatorSize
            guard locator >= 0, bytes.signature(locator) == 0x0706_4b50 else {
                throw bytes.fault("its directory is missing")
            }
            let end64 = bytes.wide(locator + 8)
            guard end64 <= end - end64Size, bytes.signature(end64) == 0x0606_4b50 else {
                throw bytes.fault("its directory is missing")
            }
            (count, size, start) = (bytes.wide(end64 + 32), bytes.wide(end64 + 40), bytes.wide(end64 + 48))
        }
        guard start <= end, size <= end - start, count <= size / entrySize else {
            throw bytes.fault("its directory does not lie in it")
        }
        return (start..<start + size, count)
    }

    /// Little-endian numbers of a file; offsets are the caller's to check.
    private struct Bytes {
        let bytes: UnsafeRawBufferPointer
        let path: String
        var count: Int { bytes.count }

        func fault(_ reason: String) -> CheckpointError {
            .stateDictionary(path: path, reason: "as a zip archive \(reason); fetch it again")
        }
        func short(_ offset: Int) -> Int {
            Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
        }
        func long(_ offset: Int) -> Int { Int(signature(offset)) }
        /// Clamped: no file is that long.
        func wide(_ offset: Int) -> Int {
            Int(clamping: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        func signature(_ offset: Int) -> UInt32 {
            UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
        }
        func text(_ offset: Int, _ length: Int) -> String {
            String(decoding: bytes[offset..<offset + length], as: UTF8.self)
        }

        /// The contents of an extra field of that number.
        func extraField(_ number: Int, in range: Range<Int>) -> Slice<UnsafeRawBufferPointer>? {
            var offset = range.lowerBound
            while offset + 4 <= range.upperBound {
                let end = offset + 4 + short(offset + 2)
                guard end <= range.upperBound else { return nil }
                if short(offset) == number { return bytes[offset + 4..<end] }
                offset = end
            }
            return nil
        }
    }
}
