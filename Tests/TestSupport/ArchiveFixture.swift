import CArchive

/// Archives and packed files as other programs write them, by libarchive's own writer.
package enum ArchiveFixture {
    /// S_IFDIR and S_IFREG.
    private static let (folderType, fileType): (UInt32, UInt32) = (0o040000, 0o100000)

    package enum Format: Sendable { case raw, tar, zip }
    package enum Filter: String, CaseIterable, Sendable { case none, bzip2, xz, zstd, gzip }

    /// - Parameter members: names and contents, in order; a name that ends in "/" is a folder. `raw` takes one.
    package static func bytes(
        _ members: [(name: String, contents: [UInt8])], _ format: Format, _ filter: Filter = .none
    ) throws -> [UInt8] {
        guard let archive = archive_write_new() else { throw TestSupportError(description: "no memory for an archive") }
        defer { archive_write_free(archive) }
        switch format {
        case .raw: archive_write_set_format_raw(archive)
        case .tar: archive_write_set_format_ustar(archive)
        case .zip: archive_write_set_format_zip(archive)
        }
        switch filter {
        case .none: archive_write_add_filter_none(archive)
        case .bzip2: archive_write_add_filter_bzip2(archive)
        case .xz: archive_write_add_filter_xz(archive)
        case .zstd:
            archive_write_add_filter_zstd(archive)
        case .gzip: archive_write_add_filter_gzip(archive)
        }
        let total = members.reduce(1 << 20) { $0 + $1.contents.count + 4096 }
        var output = [UInt8](repeating: 0, count: total)
        var used = 0
        let status = output.withUnsafeMutableBytes { buffer in
            withUnsafeMutablePointer(to: &used) { used -> Int32 in
                var status = archive_write_open_memory(archive, buffer.baseAddress, buffer.count, used)
                for (name, contents) in members {
                    let entry = archive_entry_new()
                    defer { archive_entry_free(entry) }
                    archive_entry_set_pathname_utf8(entry, name)
                    archive_entry_set_filetype(entry, name.hasSuffix("/") ? folderType : fileType)
                    archive_entry_set_perm(entry, 0o644)
                    archive_entry_set_size(entry, Int64(contents.count))
                    status = min(status, archive_write_header(archive, entry))
                    contents.withUnsafeBytes { _ = archive_write_data(archive, $0.baseAddress, $0.count) }
                }
                return min(status, archive_write_close(archive))
            }
        }
        guard status >= ARCHIVE_WARN else {
            throw TestSupportError(
                description: archive_error_string(archive).map { String(cString: $0) } ?? "no archive")
        }
        return Array(output.prefix(used))
    }

    package static func bytes(_ text: String, _ filter: Filter) throws -> [UInt8] {
        try bytes([("data", Array(text.utf8))], .raw, filter)
    }
}
