/// Reads a regular file into memory.
package enum WholeFile {
    /// Larger than any published tokenizer or configuration file (the largest are below 40 MB).
    package static let sizeLimit = 1 << 29

    /// - Parameter expected: what the file should hold, for the error about an empty one.
    /// - Throws: `FileError` when it is no regular file, is empty, larger than `limit` or what nobody meant to give;
    ///   `SystemFault` when it cannot be read.
    package static func read(_ path: String, expected: String, limit: Int = sizeLimit) throws -> [UInt8] {
        let bytes = try RegularFile(reading: path).contents(limit: limit)
        guard !bytes.isEmpty else { throw FileError.empty(path: path, expected: expected) }
        try ContentKind.refuseForeign(bytes, path: path)
        return bytes
    }
}
