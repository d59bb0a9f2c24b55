/// Opens a file as what it is: plain, or gzip (told by its first two bytes).
enum OpenedSource {
    /// - Parameter buffer: at most 64 KiB, filled with the text's first bytes when the file is plain.
    /// - Returns: where the text goes on, and how many of its bytes are in the buffer already.
    /// - Throws: `FileError` (missing, a folder, not gzip in spite of its name), `SystemFault`.
    static func open(
        _ path: String, sniffing buffer: UnsafeMutableRawBufferPointer
    ) throws -> (source: any ByteSource, count: Int) {
        try open(InputFile(path: path), sniffing: buffer)
    }

    /// As above, for a file that is open already.
    static func open(
        _ file: InputFile, sniffing buffer: UnsafeMutableRawBufferPointer
    ) throws -> (source: any ByteSource, count: Int) {
        let path = file.path
        var count = 0
        // Pipes may hand over one byte at a time: read until the two that tell gzip from text are there.
        while count < 2 {
            let more = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[count...]))
            if more == 0 { break }
            count += more
        }
        if count >= 2, buffer[0] == 0x1f, buffer[1] == 0x8b {
            return (try GzipSource(file: file, prefix: UnsafeRawBufferPointer(rebasing: buffer[..<count])), 0)
        }
        if path.hasSuffix(".gz") {
            if count == 0 || (count == 1 && buffer[0] == 0x1f) {
                throw FileError.truncatedGzip(path: path, offset: count)
            }
            let found = buffer[..<min(count, 4)].map { "0x" + ($0 < 16 ? "0" : "") + String($0, radix: 16) }
            throw FileError.notGzip(path: path, found: found.joined(separator: " "))
        }
        return (file, count)
    }
}
