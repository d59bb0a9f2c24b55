import Fingerprinting

/// Where things lie inside a store folder; all paths relative to it.
enum StoreLayout {
    static let data = "data"
    static let catalogue = "catalog.lmdb"
    static let catalogueData = catalogue + "/data.mdb"
    static let catalogueLock = catalogue + "/lock.mdb"
    static let buildLock = "build.lock"
    /// Belongs to the indexer: spool files of unfinished builds.
    static let work = "work"

    /// "data/mbert/words/fi"
    static func folder(checkpoint: String, collection: String) -> String { "\(data)/\(checkpoint)/\(collection)" }

    /// "data/mbert/words/fi/layer-07.0123456789ab.faiss"
    static func file(checkpoint: String, collection: String, layer: Int, fingerprint: Fingerprint) -> String {
        folder(checkpoint: checkpoint, collection: collection)
            + "/layer-\(CatalogueKey.twoDigits(layer)).\(fingerprint.short).faiss"
    }

    /// Whether a path below `data` has a name only Polylex gives: a layer file, or one being written.
    static func isOurs(_ path: String) -> Bool {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
        guard name.first == UInt8(ascii: ".") else { return isLayerFile(path) }
        return name.starts(with: Array(".layer-".utf8))
            && name.reversed().starts(with: LayerFileWriter.partialSuffix.utf8.reversed())
    }

    /// Whether the last component is the name of a finished layer file.
    static func isLayerFile(_ path: String) -> Bool {
        let name = path.utf8.split(separator: UInt8(ascii: "/")).last.map(Array.init) ?? []
        // layer-07.0123456789ab.faiss
        let parts = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
        return parts.count == 3 && parts[0].count == 8 && parts[0].starts(with: Array("layer-".utf8))
            && parts[0].suffix(2).allSatisfy { (0x30...0x39).contains($0) }
            && parts[1].count == 12 && parts[1].allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
            && parts[2].elementsEqual(Array("faiss".utf8))
    }
}
