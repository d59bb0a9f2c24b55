import Diagnostics
import Fingerprinting

#if canImport(Glibc)
import Glibc
#endif

/// A file written from start to end that appears under its name only when it is complete and on the disk.
final class DurableFile {
    let path: String
    private let temporaryPath: String
    private var descriptor: Int32
    private var buffer: [UInt8] = []
    private let hash = FingerprintBuilder()
    private static let capacity = 1 << 20

    /// - Throws: `SystemFault`.
    init(path: String) throws {
        self.path = path
        temporaryPath = path + ".\(getpid()).partial"
        descriptor = open(temporaryPath, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw SystemFault(operation: "create", path: path, code: errno) }
        buffer.reserveCapacity(Self.capacity)
    }

    deinit {
        guard descriptor >= 0 else { return }
        close(descriptor)
        unlink(temporaryPath)
    }

    func append(_ bytes: UnsafeRawBufferPointer) throws {
        hash.combine(bytes: bytes)
        if buffer.count + bytes.count > Self.capacity {
            try buffer.withUnsafeBytes(write)
            buffer.removeAll(keepingCapacity: true)
        }
        if bytes.count >= Self.capacity { try write(bytes) } else { buffer.append(contentsOf: bytes) }
    }

    func append(_ floats: UnsafePointer<Float>, count: Int) throws {
        try append(UnsafeRawBufferPointer(start: floats, count: count * 4))
    }

    func append(_ number: UInt64) throws { try withUnsafeBytes(of: number.littleEndian) { try append($0) } }

    /// Appends the hash of everything before it.
    func appendFingerprint() throws {
        let fingerprint = hash.finish()
        try append(fingerprint.high)
        try append(fingerprint.low)
    }

    /// Makes the file durable and gives it its name.
    func finish() throws {
        try buffer.withUnsafeBytes(write)
        guard fsync(descriptor) == 0 else { throw SystemFault(operation: "flush", path: path, code: errno) }
        let closed = close(descriptor), code = errno
        descriptor = -1
        guard closed == 0, rename(temporaryPath, path) == 0 else {
            let reason = closed == 0 ? errno : code
            unlink(temporaryPath)
            throw SystemFault(operation: "write", path: path, code: reason)
        }
        try Self.syncFolder(of: path)
    }

    private func write(_ bytes: UnsafeRawBufferPointer) throws {
        var done = 0
        while done < bytes.count {
            let count = Glibc.write(descriptor, bytes.baseAddress! + done, bytes.count - done)
            if count < 0 {
                if errno == EINTR { continue }
                throw SystemFault(operation: "write", path: path, code: errno)
            }
            if count == 0 { throw SystemFault(operation: "write", path: path, code: ENOSPC) }
            done += count
        }
    }

    /// Makes created and renamed entries of the folder a path stands in durable.
    static func syncFolder(of path: String) throws {
        let slash = path.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw SystemFault(operation: "open", path: folder, code: errno) }
        defer { close(descriptor) }
        // Some file systems cannot sync folders and say EINVAL; there is nothing more to do on those.
        if fsync(descriptor) != 0 && errno != EINVAL {
            throw SystemFault(operation: "sync", path: folder, code: errno)
        }
    }
}
