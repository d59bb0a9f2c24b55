import Files
import Fingerprinting

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
    static var usual: WalkMemory { WalkMemory(cacheFolder: UserCacheFile.usualFolder()) }

    private var file: UserCacheFile {
        UserCacheFile(Self.name, heading: Self.heading, limit: Self.limit, in: cacheFolder)
    }

    func knows(_ mark: Mark) -> Bool { file.lines().contains { $0 == mark.line } }

    /// Never fails: what cannot be remembered is walked again.
    func remember(_ mark: Mark) {
        guard mark.bytes >= Self.worthwhileBytes else { return }
        let kept = file.lines().filter { !$0.hasPrefix(mark.place + " ") }.suffix(Self.most - 1)
        file.write(kept + [mark.line])
    }
}
