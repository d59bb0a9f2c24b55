import Diagnostics
import Store

#if canImport(Glibc)
import Glibc
#endif

/// A store opened for an evaluation: results are kept in it when it can be written, and computed either way.
struct OpenedStore {
    let store: Store
    /// Why results are not kept; nil when they are.
    let readOnlyReason: String?

    /// - Throws: `StoreError.missing` for a folder that does not exist: evaluations never create a store.
    static func forEvaluation(_ folder: String) throws -> OpenedStore {
        var status = stat()
        guard stat(folder, &status) == 0 else { throw StoreError.missing(folder: folder) }
        guard access("\(folder)/catalog.lmdb/data.mdb", W_OK) == 0, access("\(folder)/catalog.lmdb", W_OK) == 0 else {
            let reason = String(cString: strerror(errno))
            return OpenedStore(store: try Store.open(folder, mode: .read), readOnlyReason: reason)
        }
        return OpenedStore(store: try Store.open(folder, mode: .write), readOnlyReason: nil)
    }
}
