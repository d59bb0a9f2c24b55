import CXXHash
import Diagnostics
import Files

#if canImport(Glibc)
import Glibc
#endif

/// Hashes a stream of bytes, strings and numbers into a `Fingerprint`.
///
/// Strings are length-prefixed, so `("ab", "c")` and `("a", "bc")` differ; raw bytes are not.
package final class FingerprintBuilder {
    private let state: OpaquePointer

    package init() {
        // XXH3_createState only fails when memory is exhausted.
        state = XXH3_createState()!
        _ = XXH3_128bits_reset(state)
    }

    deinit { XXH3_freeState(state) }

    package func combine(bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        _ = XXH3_128bits_update(state, base, bytes.count)
    }

    package func combine(_ text: String) {
        combine(UInt64(text.utf8.count))
        var text = text
        text.withUTF8 { combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    package func combine(_ number: UInt64) {
        withUnsafeBytes(of: number.littleEndian) { combine(bytes: $0) }
    }

    package func combine(_ number: Int) { combine(UInt64(bitPattern: Int64(number))) }

    package func combine(_ fingerprint: Fingerprint) {
        combine(fingerprint.high)
        combine(fingerprint.low)
    }

    package func finish() -> Fingerprint {
        let hash = XXH3_128bits_digest(state)
        return Fingerprint(high: hash.high64, low: hash.low64)
    }
}

extension Fingerprint {
    package static func of(bytes: UnsafeRawBufferPointer) -> Fingerprint {
        let hash = XXH3_128bits(bytes.baseAddress, bytes.count)
        return Fingerprint(high: hash.high64, low: hash.low64)
    }

    /// Hashes a regular file's bytes.
    /// - Throws: `SystemFault` when the file cannot be opened or read, `FileError` when it is a pipe or a device.
    package static func of(file path: String) throws -> Fingerprint { try of(RegularFile(reading: path)) }

    /// Hashes an open file from its start, without mapping it, in 4 MiB reads; the descriptor's place stays.
    /// - Throws: `SystemFault`.
    package static func of(_ file: RegularFile) throws -> Fingerprint {
        let builder = FingerprintBuilder()
        let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 4 << 20, alignment: 64)
        defer { chunk.deallocate() }
        var offset = 0
        while true {
            let count = try Transfer.read(file.descriptor, into: chunk, at: offset, path: file.path)
            if count == 0 { return builder.finish() }
            offset += count
            builder.combine(bytes: UnsafeRawBufferPointer(rebasing: chunk[..<count]))
        }
    }
}
