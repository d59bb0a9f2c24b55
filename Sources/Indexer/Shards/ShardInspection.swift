import Files
import Fingerprinting
import Store

/// Opens a finished shard as a store once everything its note says of it holds.
struct ShardInspection {
    let folder: PlanFolder
    let shard: Int

    /// - Parameter allowingMoved: whether layer files may be gone: an earlier merge may have moved them.
    /// - Returns: the shard's store and the records of its layer files; their bytes are not read (see `damagedFile`).
    /// - Throws: `ShardError`, `StoreError`, `FileError`, `SystemFault`.
    func open(allowingMoved: Bool = false) throws -> (store: Store, layers: [LayerRecord]) {
        let (root, note) = try folder.open(shard)
        // Before LMDB sees a page of it.
        let catalogue = try root.requireFileIfPresent(Store.catalogueFile)
        guard catalogue != nil else { throw damaged("\(Store.catalogueFile)", "no such file") }
        let file = try root.open(Store.catalogueFile, for: .reading)
        let checksum = try Fingerprint.of(file)
        guard file.status.bytes == note.catalogue.bytes, checksum == note.catalogue.checksum else {
            throw damaged(
                "\(Store.catalogueFile) of \(note.catalogue.bytes) bytes with checksum "
                    + note.catalogue.checksum.short,
                "\(file.status.bytes) with \(checksum.short)")
        }
        let store = try Store.open(folder.path(of: shard), mode: .read)
        let layers = try ShardContents(plan: folder.plan, shard: shard, folder: root.path).layers(in: store)
        guard Set(note.files.keys) == Set(layers.map(\.file)) else {
            throw damaged("the \(layers.count) layer files of its catalogue", "\(note.files.count) in shard.json")
        }
        for layer in layers {
            guard note.files[layer.file] == ShardNote.File(bytes: layer.bytes, checksum: layer.checksum) else {
                throw damaged("the size and checksum of \(layer.file) as its catalogue has them", "others")
            }
            guard let there = try root.requireFileIfPresent(layer.file) else {
                if allowingMoved { continue }
                throw damaged(layer.file, "no such file")
            }
            guard there.bytes == layer.bytes else {
                throw damaged("\(layer.file) of \(layer.bytes) bytes", "\(there.bytes)")
            }
        }
        return (store, layers)
    }

    /// Reads every byte of the layer files.
    /// - Throws: `ShardError.damagedShard` naming the first that is not what was written.
    func requireUndamaged(_ layers: [LayerRecord], in store: Store) throws {
        for layer in layers {
            // Moved by an earlier merge.
            guard try store.root.requireFileIfPresent(layer.file) != nil else { continue }
            let checksum = try Fingerprint.of(store.root.open(layer.file, for: .reading))
            guard checksum == layer.checksum else {
                throw damaged("\(layer.file) with checksum \(layer.checksum.short)", checksum.short)
            }
        }
    }

    private func damaged(_ expected: String, _ found: String) -> ShardError {
        .damagedShard(folder: folder.path(of: shard), index: shard, expected: expected, found: found)
    }
}
