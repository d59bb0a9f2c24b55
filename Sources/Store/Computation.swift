import CFaiss
import CLMDB
import Kernels

/// What decides the last bits of a number: the arithmetic it was computed with and the precision it was computed in.
///
/// AVX2 and AVX-512 give the same bits; portable C, without fused multiply-add, gives others.
package struct Computation: Hashable, Sendable {
    /// "x86-64 fma", or another as `Arithmetic` names it.
    package let arithmetic: String
    /// "float32"
    package let precision: String

    package init(arithmetic: String, precision: String) {
        self.arithmetic = arithmetic
        self.precision = precision
    }

    /// What everything is taken to be that does not say: all there was before it was noted.
    package static let usual = Computation(arithmetic: "x86-64 fma", precision: "float32")
    /// What this program's kernels compute with on this thread.
    package static var here: Computation {
        Computation(arithmetic: Arithmetic.inUse, precision: "float32")
    }
}

extension LayerRecord {
    /// What its vectors were computed with.
    package var computation: Computation {
        get {
            Computation(
                arithmetic: arithmetic ?? Computation.usual.arithmetic,
                precision: precision ?? Computation.usual.precision)
        }
        set { (arithmetic, precision) = (newValue.arithmetic, newValue.precision) }
    }
}

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
