import Diagnostics
import Files
import Foundation
import Glibc

/// Paths as the catalogue remembers them.
enum AbsolutePath {
    static func of(_ path: String) -> String {
        path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path
    }
}

/// Small text files that may be absent.
enum SmallFile {
    /// - Returns: nil when there is no such file.
    /// - Throws: `SystemFault`, also for a file larger than the limit (EFBIG).
    static func textIfPresent(_ path: String, limitBytes: Int) throws -> String? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            if errno == ENOENT { return nil }
            throw SystemFault(operation: "open", path: path, code: errno)
        }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: limitBytes + 1)
        let filled = try bytes.withUnsafeMutableBytes { try Transfer.read(descriptor, into: $0, at: 0, path: path) }
        if filled > limitBytes { throw SystemFault(operation: "read", path: path, code: EFBIG) }
        return String(decoding: bytes[..<filled], as: UTF8.self)
    }
}

/// What this process has used so far.
enum ProcessUsage {
    /// Largest resident memory so far (VmHWM), bytes; 0 where the system does not say.
    static var peakResidentBytes: Int {
        guard let status = try? SmallFile.textIfPresent("/proc/self/status", limitBytes: 1 << 16) else { return 0 }
        for line in status.utf8.split(separator: 10) where line.starts(with: "VmHWM:".utf8) {
            let digits = line.filter { (48...57).contains($0) }
            return (Int(String(decoding: digits, as: UTF8.self)) ?? 0) * 1024
        }
        return 0
    }
}

/// Room on the disk a folder is on.
enum DiskSpace {
    /// Bytes an ordinary user may still write.
    static func available(folder: String) throws -> Int {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else {
            throw SystemFault(operation: "ask for the free space of", path: folder, code: errno)
        }
        let (bytes, overflow) = Int(clamping: status.f_bavail).multipliedReportingOverflow(by: Int(status.f_frsize))
        return overflow ? .max : bytes
    }

    /// Refuses a job the disk cannot hold.
    static func require(_ bytes: Int, in folder: String) throws {
        let free = try available(folder: folder)
        if free < bytes { throw IndexerError.notEnoughSpace(folder: folder, neededBytes: bytes, availableBytes: free) }
    }
}
