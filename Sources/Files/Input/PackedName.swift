/// Names of packed files: "fi.vec.xz" is "fi.vec", packed.
package enum PackedName {
    private static let endings = [".gz", ".bz2", ".xz", ".zst", ".zip"]
    private static let archives = [".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar"]

    /// `.gz`, `.bz2`, `.xz`, `.zst` or `.zip`, when a name ends so.
    package static func ending(of path: String) -> String? {
        endings.first { path.utf8.count > $0.utf8.count && path.hasSuffix($0) }
    }

    /// A path without its packing: `omw.tar.xz` is `omw`, `en.vec.zip` is `en.vec`.
    package static func plain(_ path: String) -> String {
        var path = path
        if let ending = ending(of: path) { path = String(path.dropLast(ending.utf8.count)) }
        for ending in archives.keys.sorted() + [".tar"] where path.hasSuffix(ending) {
            return String(path.dropLast(ending.utf8.count))
        }
        return path
    }
}
