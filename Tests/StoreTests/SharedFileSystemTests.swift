import Foundation
import Testing

@testable import Store

@Suite struct SharedFileSystemTests {
    /// Numbers of statfs(2), also as the systems give them whose field is signed.
    @Test func kindsAreToldByTheirNumbers() {
        for (type, name) in [
            (0x6969, "NFS"), (0x6573_5546, "FUSE"), (0x0BD0_0BD0, "Lustre"), (0x1983_0326, "BeeGFS"),
            (0x0102_1997, "9p"),
            (0xFF53_4D42, "SMB (CIFS)"), (Int(Int32(bitPattern: 0xFF53_4D42)), "SMB (CIFS)"), (0x00C3_6400, "Ceph"),
        ] { #expect(SharedFileSystem.name(type: type) == name) }
        // ext4, XFS, Btrfs, tmpfs, overlayfs, ZFS.
        for type in [0xEF53, 0x5846_5342, 0x9123_683E, 0x0102_1994, 0x794C_7630, 0x2FC1_2FC1] {
            #expect(SharedFileSystem.name(type: type) == nil)
        }
    }

    @Test func theErrorSaysWhatToDo() {
        let error = StoreError.sharedFileSystem(folder: "/home/x/indexes", kind: "NFS")
        #expect(error.exitStatus == .usage)
        for part in ["/home/x/indexes", "NFS", "--store", "POLYLEX_ONE_HOST=1"] {
            #expect(error.description.contains(part))
        }
    }
}
