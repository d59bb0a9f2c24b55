import CLMDB
import Diagnostics
import Glibc

/// A status code of LMDB on its way to becoming an error with a place.
struct LMDBStatus: Error {
    let operation: String
    let code: Int32
}

/// The one way a status code of LMDB becomes an error: `errno` values are system faults, the rest LMDB's own.
func lmdbFault(folder: String, operation: String, code: Int32) -> any Error {
    if code == EIO {
        // A write that a filling disk cut short is EIO in LMDB.
        var disk = statvfs()
        if statvfs(folder, &disk) == 0, UInt64(disk.f_bavail) * UInt64(disk.f_frsize) < 1 << 20 {
            return SystemFault(operation: operation, path: folder + "/catalog.lmdb", code: ENOSPC)
        }
        return StoreError.catalogueFault(
            folder: folder, operation: operation,
            reason:
                "a page was written or read only in part: a quota or a limit of file sizes is reached, or the device "
                + "fails; the store is as it was before")
    }
    if code > 0 { return SystemFault(operation: operation, path: folder + "/catalog.lmdb", code: code) }
    let reason = String(cString: mdb_strerror(code))
    switch code {
    case MDB_PANIC:
        // LMDB's word for "a write of mine failed": it takes nothing more from this process, and the file is sound.
        return StoreError.catalogueFault(
            folder: folder, operation: operation,
            reason:
                "an earlier write to it failed: the disk is full, a quota or a limit of file sizes is reached, or the "
                + "device fails; the store is as it was before: make room and run the same command again")
    case MDB_INVALID, MDB_CORRUPTED, MDB_PAGE_NOTFOUND:
        return StoreError.damagedCatalogue(
            folder: folder, key: "data.mdb", expected: "an LMDB file", found: "\(reason) (while trying to \(operation))"
        )
    case MDB_VERSION_MISMATCH:
        return StoreError.catalogueFault(
            folder: folder, operation: operation, reason: "\(reason): it was written by another version of LMDB")
    case MDB_READERS_FULL:
        return StoreError.catalogueFault(
            folder: folder, operation: operation,
            reason: "\(reason): more than 1,024 readers are at work, try again later")
    default:
        return StoreError.catalogueFault(folder: folder, operation: operation, reason: reason)
    }
}
