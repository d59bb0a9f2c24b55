import Diagnostics
import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// A read-only memory mapping of a whole file; unmapped on deinit.
package final class MappedFile: @unchecked Sendable {
    package let path: String
    /// Bytes of the file at opening time.
    package let byteCount: Int
    private let base: UnsafeMutableRawPointer?

    /// - Throws: `SystemFault` when the file cannot be opened or mapped, `FileError` when it is no regular file.
    package convenience init(path: String) throws { try self.init(RegularFile(reading: path)) }

    /// Maps an open file, which may be closed after that.
    /// - Throws: `SystemFault`.
    package init(_ file: RegularFile) throws {
        path = file.path
        byteCount = file.status.bytes
        if byteCount == 0 {
            base = nil
            return
        }
        guard let mapping = mmap(nil, byteCount, PROT_READ, MAP_PRIVATE, file.descriptor, 0), mapping != MAP_FAILED
        else {
            throw SystemFault(operation: "map", path: path, code: errno)
        }
        base = mapping
    }

    /// The file, unless it is a git-lfs pointer or a web page instead of what its name says.
    /// - Throws: `FileError.foreign`.
    package func refusingForeign() throws -> MappedFile {
        try withBytes {
            try ContentKind.refuseForeign(
                UnsafeRawBufferPointer(rebasing: $0.prefix(ContentKind.sniffedBytes)), path: path, isText: false)
        }
        return self
    }

    deinit {
        if let base { munmap(base, byteCount) }
    }

    /// Lends the bytes; the mapping cannot go away while the closure runs.
    package func withBytes<R>(_ body: (UnsafeRawBufferPointer) throws -> R) rethrows -> R {
        try withExtendedLifetime(self) { try body(UnsafeRawBufferPointer(start: base, count: byteCount)) }
    }

    /// A copy of part of the file.
    package func data(_ range: Range<Int>) -> Data { withBytes { Data($0[range]) } }

    package var data: Data { data(0..<byteCount) }

    /// Drops the pages read so far from this process; they come back from the page cache when touched.
    package func releasePages() {
        if let base { madvise(base, byteCount, MADV_DONTNEED) }
    }
}
