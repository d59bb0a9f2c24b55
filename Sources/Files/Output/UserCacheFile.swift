#if canImport(Glibc)
import Glibc
#endif

/// A small text file in the user's own cache folder (`$XDG_CACHE_HOME/polylex`, else below `~/.cache`): what is worth
/// remembering from run to run and may be lost, stale or nonsense at any time.
package struct UserCacheFile: Sendable {
    /// The folder of all caches, absolute; nil where the user has none.
    package let cacheFolder: String?
    package let name: String
    /// First line of the file: what it is, and its version.
    package let heading: String
    package let limit: Int

    package init(_ name: String, heading: String, limit: Int, in cacheFolder: String?) {
        self.name = name
        self.heading = heading
        self.limit = limit
        self.cacheFolder = cacheFolder
    }

    /// `XDG_CACHE_HOME`, else `~/.cache`; nil where neither is known.
    package static func usualFolder() -> String? {
        if let path = getenv("XDG_CACHE_HOME").map({ String(cString: $0) }), path.hasPrefix("/") { return path }
        guard let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") else { return nil }
        return home + "/.cache"
    }

    /// Those of a file that is the user's and that nobody else can write; none of any other.
    package func lines() -> [String] {
        guard let cacheFolder, let folder = try? ContainedFolder(cacheFolder + "/polylex"),
            let file = try? folder.open(name, for: .reading)
        else { return [] }
        var status = stat()
        guard fstat(file.descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0,
            let bytes = try? file.contents(limit: limit)
        else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        return lines.first == heading ? Array(lines.dropFirst()) : []
    }

    /// Never fails: what cannot be remembered is found out again.
    package func write(_ lines: [String]) {
        guard let cacheFolder else { return }
        let text = ([heading] + lines).joined(separator: "\n") + "\n"
        // The cache folder itself is the user's to make; ours in it is nobody else's to read.
        guard mkdir(cacheFolder, 0o700) == 0 || errno == EEXIST,
            mkdir(cacheFolder + "/polylex", 0o700) == 0 || errno == EEXIST
        else { return }
        try? ContainedFolder(cacheFolder + "/polylex").write(Array(text.utf8), to: name)
    }
}
