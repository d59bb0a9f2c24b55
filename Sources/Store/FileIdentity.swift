import Diagnostics
import Glibc

/// Which file a path leads to, whatever the path is called.
struct FileIdentity: Hashable, Sendable {
    let device: UInt64
    let inode: UInt64

    init(device: UInt64, inode: UInt64) {
        self.device = device
        self.inode = inode
    }

    init(of path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else { throw SystemFault(operation: "open", path: path, code: errno) }
        self.init(device: UInt64(status.st_dev), inode: UInt64(status.st_ino))
    }
}
