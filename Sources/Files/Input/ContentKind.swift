/// What a file's first bytes say it is, whatever its name says.
package enum ContentKind: String, Sendable {
    // Packed, and read.
    case gzip, bzip2, xz, zstandard, zip, tar
    // Not what anybody meant to give.
    case gitLFSPointer, webPage, serverMessage, fastTextModel, utf16, sevenZip, rar, lz4, compress, pdf, parquet, hdf5,
        numpy

    /// Bytes that tell all kinds apart: a tar archive says so at byte 257.
    package static let sniffedBytes = 512

    /// - Returns: nil for everything else: text, JSON, XML, tensors.
    package init?(_ start: UnsafeRawBufferPointer) {
        func begins(with bytes: [UInt8], at offset: Int = 0) -> Bool {
            start.count >= offset + bytes.count && start[offset..<offset + bytes.count].elementsEqual(bytes)
        }
        if begins(with: [0x1f, 0x8b]) {
            self = .gzip
        } else if begins(with: Array("BZh".utf8)), start.count > 3, (0x31...0x39).contains(start[3]),
            start.count < 10 || begins(with: [0x31, 0x41, 0x59, 0x26, 0x53, 0x59], at: 4)
                || begins(with: [0x17, 0x72, 0x45, 0x38, 0x50, 0x90], at: 4)
        {
            self = .bzip2
        } else if begins(with: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]) {
            self = .xz
        } else if begins(with: [0x28, 0xb5, 0x2f, 0xfd]) {
            self = .zstandard
        } else if begins(with: [0x50, 0x4b, 0x03, 0x04]) || begins(with: [0x50, 0x4b, 0x05, 0x06]) {
            self = .zip
        } else if begins(with: Array("ustar".utf8), at: 257) {
            self = .tar
        } else if begins(with: [0xba, 0x16, 0x4f, 0x2f]) {
            // 793712314, the first number of a fastText model.
            self = .fastTextModel
        } else if begins(with: Array("version https://git-lfs.github.com/spec/".utf8)) {
            self = .gitLFSPointer
        } else if begins(with: [0xff, 0xfe]) || begins(with: [0xfe, 0xff]) {
            self = .utf16
        } else if begins(with: [0x37, 0x7a, 0xbc, 0xaf, 0x27, 0x1c]) {
            self = .sevenZip
        } else if begins(with: Array("Rar!\u{1a}\u{7}".utf8)) {
            self = .rar
        } else if begins(with: [0x04, 0x22, 0x4d, 0x18]) {
            self = .lz4
        } else if begins(with: [0x1f, 0x9d]) {
            self = .compress
        } else if begins(with: Array("%PDF-".utf8)) {
            self = .pdf
        } else if begins(with: Array("PAR1".utf8)), start.contains(where: { $0 < 0x09 }) {
            self = .parquet
        } else if begins(with: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a]) {
            self = .hdf5
        } else if begins(with: [0x93] + Array("NUMPY".utf8)) {
            self = .numpy
        } else if Self.isWebPage(start) {
            self = .webPage
        } else if Self.isServerMessage(start) {
            self = .serverMessage
        } else {
            return nil
        }
    }

    /// Whether this is a packing whose contents are read.
    package var isPacked: Bool {
        switch self {
        case .gzip, .bzip2, .xz, .zstandard, .zip, .tar: true
        default: false
        }
    }

    /// Whether it stands where another file should be, text or not.
    private var isSentInstead: Bool { self == .gitLFSPointer || self == .webPage || self == .serverMessage }

    /// HTML, or the XML in which storage services say that something is not there.
    private static func isWebPage(_ start: UnsafeRawBufferPointer) -> Bool {
        var bytes = start.prefix(sniffedBytes)[...]
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes = bytes.dropFirst(3) }
        let text = String(decoding: bytes.drop { $0 <= 0x20 }, as: UTF8.self).lowercased()
        return text.hasPrefix("<!doctype html") || text.hasPrefix("<html>") || text.hasPrefix("<html ")
            || text.hasPrefix("<head>")
            || (text.hasPrefix("<?xml") && (text.contains("<html") || text.contains("<error>")))
    }

    /// The line in which the hub says why it does not send a file, saved in the file's place.
    private static func isServerMessage(_ start: UnsafeRawBufferPointer) -> Bool {
        // A file that goes on has contents of its own.
        guard start.count < sniffedBytes else { return false }
        let text = String(decoding: start.drop { $0 <= 0x20 }, as: UTF8.self)
        guard !text.contains(where: \.isNewline) || text.hasSuffix("\n") && text.split(separator: "\n").count == 1
        else {
            return false
        }
        return ["Entry not found", "Repository not found", "Invalid username or password", "Access to model "]
            .contains(where: text.hasPrefix) || text.hasPrefix("{\"error\":") && text.contains("}")
    }

    /// Refuses what nobody meant to give: a git-lfs pointer, a web page, a model where text belongs.
    ///
    /// What begins otherwise is the caller's to judge. Checkpoint files ask this before they are parsed, too.
    /// - Parameters:
    ///   - bytes: the file's first bytes, `sniffedBytes` of them where it has so many.
    ///   - isText: whether the file should be text; a binary file may begin with the marks of other kinds by chance, so
    ///     that only what is sent in a file's place is refused.
    /// - Throws: `FileError.foreign`.
    package static func refuseForeign(_ bytes: UnsafeRawBufferPointer, path: String, isText: Bool = true)
        throws(FileError)
    {
        guard let kind = ContentKind(bytes), !kind.isPacked, isText || kind.isSentInstead else {
            return
        }
        throw FileError.foreign(path: path, kind: kind)
    }

    /// As above, for a whole file that is in memory.
    package static func refuseForeign(_ contents: [UInt8], path: String, isText: Bool = true) throws {
        try contents.withUnsafeBytes {
            try refuseForeign(UnsafeRawBufferPointer(rebasing: $0.prefix(sniffedBytes)), path: path, isText: isText)
        }
    }
}

/// Names of packed files: "fi.vec.xz" is "fi.vec", packed.
package enum PackedName {
    private static let endings = [".gz", ".bz2", ".xz", ".zst", ".zip"]
    private static let archives = [".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar"]

    /// `.gz`, `.bz2`, `.xz`, `.zst` or `.zip`, when a name ends so.
    package static func ending(of path: String) -> String? {
        endings.first { path.utf8.count > $0.utf8.count && path.hasSuffix($0) }
    }

    /// A path without its packing: `omw.tar.xz` is `omw`, `en.vec.zip` is `en.vec`.
    package static func plain(_ path: String) -> String {
        var path = path
        if let ending = ending(of: path) { path = String(path.dropLast(ending.utf8.count)) }
        for ending in archives.keys.sorted() + [".tar"] where path.hasSuffix(ending) {
            return String(path.dropLast(ending.utf8.count))
        }
        return path
    }
}
