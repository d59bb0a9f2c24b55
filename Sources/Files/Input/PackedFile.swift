import CArchive
import Diagnostics

#if canImport(Glibc)
import Glibc
#endif

/// What libarchive unpacks from a file: bzip2, xz, zstandard, zip and tar, and tar in any of the first three.
///
/// Read as a stream from the file's start to its end, in memory that does not depend on the file's size (the packer's
/// own window: at most 128 MiB for zstandard, what its header says for xz). gzip is not among them: libarchive 3.6 does
/// not compare its checksum.
final class PackedFile: ByteSource {
    struct Member: Sendable {
        /// As the archive writes it; nothing is ever created under it.
        let name: String
        let isFile: Bool
        /// Whether the file is one packed stream and no archive.
        let isWhole: Bool
    }

    /// More members are damage or malice: the largest releases of wordnets have some hundred.
    static let maximalMembers = 100_000

    let path: String
    private let kind: ContentKind
    private let input: Input
    private let archive: OpaquePointer
    private var memberCount = 0
    /// Whether what is packed is not a single byte long.
    private var isEmpty = false

    /// What libarchive's callbacks see.
    private final class Input {
        let source: any ByteSource
        let seekable: InputFile?
        let buffer: UnsafeMutableRawBufferPointer
        /// Bytes at the buffer's start that were read before.
        var prefix: Int
        var failure: (any Error)?

        init(source: any ByteSource, seekable: InputFile?, prefix: UnsafeRawBufferPointer) {
            self.source = source
            self.seekable = seekable
            buffer = .allocate(byteCount: max(64 << 10, prefix.count), alignment: 64)
            buffer.copyMemory(from: prefix)
            self.prefix = prefix.count
        }

        deinit { buffer.deallocate() }

        static func of(_ context: UnsafeMutableRawPointer?) -> Input? {
            context.map { Unmanaged<Input>.fromOpaque($0).takeUnretainedValue() }
        }

        func read() -> Int {
            if prefix > 0 {
                defer { prefix = 0 }
                return prefix
            }
            do {
                return try source.read(into: buffer)
            } catch {
                failure = error
                return -1
            }
        }
    }

    /// - Parameters:
    ///   - prefix: bytes already taken from the source.
    ///   - seekable: the file itself when it is read directly; a zip archive's directory stands at its end.
    /// - Throws: `FileError`, `SystemFault`.
    init(
        _ source: any ByteSource, path: String, kind: ContentKind, prefix: UnsafeRawBufferPointer,
        seekable: InputFile? = nil
    ) throws {
        self.path = path
        self.kind = kind
        input = Input(source: source, seekable: seekable, prefix: prefix)
        guard let archive = archive_read_new() else { throw SystemFault(operation: "unpack", path: path, code: ENOMEM) }
        self.archive = archive
        let supported = [
            archive_read_support_filter_bzip2(archive), archive_read_support_filter_xz(archive),
            archive_read_support_filter_zstd(archive), archive_read_support_format_zip(archive),
            archive_read_support_format_tar(archive), archive_read_support_format_raw(archive),
            archive_read_support_format_empty(archive),
        ]
        guard supported.allSatisfy({ $0 == ARCHIVE_OK }) else {
            throw FileError.damaged(
                path: path, kind: kind, reason: "this libarchive was built without it; install Debian's libarchive13")
        }
        archive_read_set_read_callback(archive) { _, context, block in
            guard let input = Input.of(context) else { return -1 }
            let count = input.read()
            block?.pointee = UnsafeRawPointer(input.buffer.baseAddress)
            return count
        }
        if seekable != nil {
            archive_read_set_seek_callback(archive) { _, context, offset, whence in
                guard let input = Input.of(context), let file = input.seekable else { return Int64(ARCHIVE_FATAL) }
                input.prefix = 0
                return file.seek(to: Int(offset), whence: whence).map(Int64.init) ?? Int64(ARCHIVE_FATAL)
            }
        }
        archive_read_set_callback_data(archive, Unmanaged.passUnretained(input).toOpaque())
        guard archive_read_open1(archive) == ARCHIVE_OK else { throw fault() }
    }

    deinit { archive_read_free(archive) }

    /// Goes on to the next member; what is left of the one before is skipped.
    /// - Returns: nil at the end.
    /// - Throws: `FileError`, `SystemFault`.
    func next() throws -> Member? {
        while true {
            var entry: OpaquePointer?
            let status = archive_read_next_header(archive, &entry)
            if status == ARCHIVE_EOF {
                guard memberCount == 0, kind != .zip, kind != .tar, isFormat(ARCHIVE_FORMAT_EMPTY) else { return nil }
                memberCount = 1
                isEmpty = true
                return Member(name: "data", isFile: true, isWhole: true)
            }
            if status == ARCHIVE_RETRY { continue }
            // A warning is about a name or an attribute that cannot be told: neither is needed.
            guard status == ARCHIVE_OK || status == ARCHIVE_WARN, let entry else { throw fault() }
            memberCount += 1
            guard memberCount <= Self.maximalMembers else {
                throw FileError.damaged(path: path, kind: kind, reason: "more than \(Self.maximalMembers) members")
            }
            let name = (archive_entry_pathname_utf8(entry) ?? archive_entry_pathname(entry)).map { String(cString: $0) }
            return Member(
                name: name ?? "member \(memberCount)", isFile: archive_entry_filetype(entry) == S_IFREG,
                isWhole: isFormat(ARCHIVE_FORMAT_RAW))
        }
    }

    /// Fills the start of `buffer` with the member's next bytes; 0 means its end.
    /// - Throws: `FileError`, `SystemFault`.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
        guard buffer.count > 0, !isEmpty else { return 0 }
        while true {
            let count = archive_read_data(archive, buffer.baseAddress, buffer.count)
            if count >= 0 { return count }
            if count != Int(ARCHIVE_RETRY) { throw fault() }
        }
    }

    private func isFormat(_ format: Int32) -> Bool { archive_format(archive) & ARCHIVE_FORMAT_BASE_MASK == format }

    private func fault() -> any Error {
        if let failure = input.failure { return failure }
        let reason = archive_error_string(archive).map { String(cString: $0) } ?? "the data stops too early"
        // What libzstd says of a frame whose window is larger than libarchive allows, 128 MiB.
        if kind == .zstandard, reason.contains("too much memory") {
            return FileError.largeWindow(path: path, kind: kind)
        }
        return FileError.damaged(path: path, kind: kind, reason: reason)
    }
}
