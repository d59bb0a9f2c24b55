import Files
import Fingerprinting
import Glibc

/// Remembers which catalogues have been walked (`CatalogueWalk`), so that a question to a large store does not wait for
/// the walk again.
///
/// A small file in the user's own cache folder (`$XDG_CACHE_HOME/polylex/walked-catalogues`, else below `~/.cache`),
/// never in a store: who hands a store on cannot say for others that it is sound. A catalogue is known by device,
/// inode, size, the time of its last change (ctime, which nobody sets at will) and its two meta pages; anything that
/// does not match exactly is walked. The file may be lost, stale or nonsense at any time, and where there is no cache
/// folder nothing is remembered.
struct WalkMemory {
    /// What a catalogue is known by.
    struct Mark: Equatable {
        let identity: FileIdentity
        let bytes: Int
        /// ctime, nanoseconds since 1970.
        let changed: Int
        let metaPages: Fingerprint

        fileprivate var place: String { "\(identity.device) \(identity.inode)" }
        fileprivate var line: String { "\(place) \(bytes) \(changed) \(metaPages)" }
    }

    /// A walk over fewer bytes takes less than a millisecond and is not worth remembering.
    static let worthwhileBytes = 2 << 20
    /// Catalogues remembered; the oldest go first.
    private static let most = 256
    private static let name = "walked-catalogues"
    private static let heading = "polylex walked catalogues 1"
    private static let limit = 1 << 16

    /// Absolute; nil where the user has none.
    let cacheFolder: String?

    /// The user's own.
    static var usual: WalkMemory { WalkMemory(cacheFolder: usualCacheFolder()) }

    private static func usualCacheFolder() -> String? {
        if let path = getenv("XDG_CACHE_HOME").map({ String(cString: $0) }), path.hasPrefix("/") { return path }
        guard let home = getenv("HOME").map({ String(cString: $0) }), home.hasPrefix("/") else { return nil }
        return home + "/.cache"
    }

    func knows(_ mark: Mark) -> Bool { lines().contains { $0 == mark.line } }

    /// Never fails: what cannot be remembered is walked again.
    func remember(_ mark: Mark) {
        guard let cacheFolder, mark.bytes >= Self.worthwhileBytes else { return }
        let kept = lines().filter { !$0.hasPrefix(mark.place + " ") }.suffix(Self.most - 1)
        let text = ([Self.heading] + kept + [mark.line]).joined(separator: "\n") + "\n"
        // The cache folder itself is the user's to make; ours in it is nobody else's to read.
        guard mkdir(cacheFolder, 0o700) == 0 || errno == EEXIST,
            mkdir(cacheFolder + "/polylex", 0o700) == 0 || errno == EEXIST
        else { return }
        try? ContainedFolder(cacheFolder + "/polylex").write(Array(text.utf8), to: Self.name)
    }

    /// Those of a file that is ours and that nobody else can write.
    private func lines() -> [String] {
        guard let cacheFolder, let folder = try? ContainedFolder(cacheFolder + "/polylex"),
            let file = try? folder.open(Self.name, for: .reading)
        else { return [] }
        var status = stat()
        guard fstat(file.descriptor, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o022 == 0,
            let bytes = try? file.contents(limit: Self.limit)
        else { return [] }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        return lines.first == Self.heading ? Array(lines.dropFirst()) : []
    }
}
