import CFaiss
import CLMDB
import Kernels

/// The libraries whose versions decide how a store is written and what its vectors' last bits are.
package enum StoreLibraries {
    /// Name and version of each, for `--version`: the kernels in use, FAISS (of the headers) and LMDB (of the library).
    package static var versions: [(name: String, version: String)] {
        var major: Int32 = 0, minor: Int32 = 0, patch: Int32 = 0
        _ = mdb_version(&major, &minor, &patch)
        return [
            ("kernels", "\(Arithmetic.instructions) (\(Arithmetic.inUse))"),
            ("FAISS", String(cString: cfaiss_version())),
            ("LMDB", "\(major).\(minor).\(patch)"),
        ]
    }
}
