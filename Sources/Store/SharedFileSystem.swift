import CFileSystem
import Glibc

/// Tells file systems that several hosts, or a server of unknown habits, may write to at once.
///
/// There `flock` and LMDB's locks hold on one host at most, and a mapped file may show old pages: two builders on two
/// hosts would both believe that they are alone. So a store is not written there; it can be read.
enum SharedFileSystem {
    /// Set to 1 by somebody who knows that one host alone uses the store.
    static let oneHostVariable = "POLYLEX_ONE_HOST"

    /// "NFS"; nil for file systems of one host, for those not known, and where the user has said that one host uses it.
    static func name(of folder: String) -> String? {
        if let promise = getenv(oneHostVariable), String(cString: promise) == "1" { return nil }
        return kind(folder)
    }

    /// Whether it is one of them, whatever the user has said.
    static func isShared(_ folder: String) -> Bool { kind(folder) != nil }

    private static func kind(_ folder: String) -> String? {
        var status = statfs()
        guard statfs(folder, &status) == 0 else { return nil }
        return name(type: Int(status.f_type))
    }

    /// - Parameter type: `f_type` of `statfs`.
    /// - Source: statfs(2), linux/magic.h, and the file systems' own headers (Lustre, BeeGFS, GPFS, PanFS are not in
    ///   the kernel).
    static func name(type: Int) -> String? {
        // Some systems give the 32 bits with a sign.
        switch UInt32(truncatingIfNeeded: type) {
        case 0x6969: "NFS"
        case 0x517B, 0xFE53_4D42, 0xFF53_4D42: "SMB (CIFS)"
        case 0x6573_5546: "FUSE"
        case 0x0BD0_0BD0: "Lustre"
        case 0x1983_0326: "BeeGFS"
        case 0x00C3_6400: "Ceph"
        case 0x4750_4653: "GPFS"
        case 0x0102_1997: "9p"
        case 0x5346_414F, 0x6B41_4653: "AFS"
        case 0x2003_0528: "OrangeFS"
        case 0xAAD7_AAEA: "PanFS"
        case 0x0116_1970: "GFS2"
        case 0x7461_636F: "OCFS2"
        case 0x7375_7245: "Coda"
        default: nil
        }
    }
}
