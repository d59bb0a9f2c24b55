import Files

#if canImport(Glibc)
import Glibc
#endif

/// The files of a tokenizer's folder.
enum TokenizerFile {
    static func exists(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0
    }

    /// - Throws: `FileError` when it is no regular file, is empty or far too large; `SystemFault` when it cannot be
    ///   read.
    static func read(_ path: String) throws -> [UInt8] { try WholeFile.read(path, expected: "a tokenizer") }
}
