import Fingerprinting

/// Where things lie inside a store folder; all paths relative to it.
enum StoreLayout {
    static let data = "data"
    /// Belongs to the indexer: spool files of unfinished builds.
    static let work = "work"

    /// "data/mbert/words/fi"
    static func folder(checkpoint: String, collection: String) -> String { "\(data)/\(checkpoint)/\(collection)" }

    /// "data/mbert/words/fi/layer-07.0123456789ab.faiss"
    static func file(checkpoint: String, collection: String, layer: Int, fingerprint: Fingerprint) -> String {
        folder(checkpoint: checkpoint, collection: collection)
            + "/layer-\(CatalogueKey.twoDigits(layer)).\(fingerprint.short).faiss"
    }
}
