import Diagnostics
import Files
import Fingerprinting

/// Taking over what another store has: records as they are, whatever fields they hold, and no vector.
extension Store {
    /// Writes the newest state of the catalogue to an empty file; as `catalog.lmdb/data.mdb` of another folder it is
    /// that folder's catalogue.
    /// - Throws: `SystemFault`, `StoreError`.
    package func copyCatalogue(to file: RegularFile) throws { try environment.copy(to: file) }

    /// Where the catalogue's data file lies in a store.
    package static let catalogueFile = StoreLayout.catalogueData

    /// Where a layer file is written before it has its name, beside it; `collectGarbage` knows it as half written.
    package static func partialName(of file: String, by process: Int32) -> String {
        let parts = file.split(separator: "/").map(String.init)
        let name = ".\(parts.last ?? file).\(process)\(LayerFileWriter.partialSuffix)"
        return (parts.dropLast() + [name]).joined(separator: "/")
    }

    /// Makes a collection of another store current here: checkpoint, collection, layers, digests and text list in one
    /// LMDB transaction, byte for byte as they are there. As with `publish`, layers that are here already stay when
    /// they share list and weights with what comes, and go otherwise.
    ///
    /// The layer files are here already, under the names the records give.
    /// - Returns: false when all of it was here before.
    /// - Throws: `StoreError.unknownCollection`, `.missingLayerFile`, `.damagedLayerFile` when a file is not here or
    ///   not as long as its record says.
    package func adopt(_ name: String, checkpoint: String, from source: Store) throws -> Bool {
        guard mode == .write else { throw StoreError.readOnly(folder: folder) }
        return try source.environment.read { from in
            guard let collection = try from.collection(name, checkpoint: checkpoint),
                let weights = try from.checkpoint(checkpoint)
            else {
                throw StoreError.unknownCollection(
                    folder: source.folder, checkpoint: checkpoint, name: name,
                    known: try from.collections(of: checkpoint).map(\.collection))
            }
            for layer in try from.layers(of: name, checkpoint: checkpoint) {
                guard let found = try root.requireFileIfPresent(layer.file) else {
                    throw StoreError.missingLayerFile(path: root.path(of: layer.file))
                }
                guard found.bytes == layer.bytes else {
                    throw StoreError.damagedLayerFile(
                        path: root.path(of: layer.file), expected: "\(layer.bytes) bytes", found: "\(found.bytes)")
                }
            }
            let key = CatalogueKey.collection(name, checkpoint: checkpoint)
            let layers = CatalogueKey.layers(of: name, checkpoint: checkpoint)
            if try environment.read({ try Self.hasAll(collection, layers: layers, of: from, in: $0) }) { return false }
            try environment.write { to in
                let stored = try to.collection(name, checkpoint: checkpoint)
                if stored?.list != collection.list || stored?.checkpointFingerprint != weights.fingerprint {
                    try to.removeAll(to.databases.layers, prefix: layers)
                }
                let name = CatalogueKey.checkpoint(checkpoint)
                try Self.copy(name, from.databases.checkpoints, from, to.databases.checkpoints, to)
                try Self.copy(key, from.databases.collections, from, to.databases.collections, to)
                try Self.copyDigests(of: collection, from, to)
                try Self.copyAll(layers, from.databases.layers, from, to.databases.layers, to)
                // Lists are named by their content: one that is there is the same.
                let list = CatalogueKey.list(collection.list)
                if try to.list(collection.list) != nil { return }
                try Self.copy(list, from.databases.lists, from, to.databases.lists, to)
                try Self.copyAll(list, from.databases.rows, from, to.databases.rows, to)
                try Self.copyAll(list, from.databases.texts, from, to.databases.texts, to)
            }
            return true
        }
    }

    /// Takes over evaluation results and their outcomes; those that are here stay.
    /// - Returns: how many were new.
    package func adoptResults(from source: Store) throws -> Int {
        guard mode == .write else { throw StoreError.readOnly(folder: folder) }
        return try source.environment.read { from in
            var keys: [[UInt8]] = []
            try from.forEach(from.databases.results) { key, _ in
                keys.append([UInt8](key))
                return true
            }
            if keys.isEmpty { return 0 }
            return try environment.write { to in
                var taken = 0
                for key in keys where try to.withValue(to.databases.results, key, { _ in }) == nil {
                    taken += 1
                    try Self.copy(key, from.databases.results, from, to.databases.results, to)
                    guard let outcomes = from.databases.outcomes, let here = to.databases.outcomes else { continue }
                    try Self.copy(key, outcomes, from, here, to)
                }
                return taken
            }
        }
    }

    // MARK: Bytes

    private static func hasAll(
        _ collection: CollectionRecord, layers: [UInt8], of from: borrowing Transaction, in to: borrowing Transaction
    ) throws -> Bool {
        let name = CatalogueKey.checkpoint(collection.checkpoint)
        let key = CatalogueKey.collection(collection.collection, checkpoint: collection.checkpoint)
        guard try from.value(from.databases.checkpoints, name) == to.value(to.databases.checkpoints, name),
            try from.value(from.databases.collections, key) == to.value(to.databases.collections, key),
            try hasDigests(of: collection, from, to)
        else { return false }
        var same = true
        try from.forEach(from.databases.layers, prefix: layers) { layer, value in
            same = try to.value(to.databases.layers, [UInt8](layer)) == [UInt8](value)
            return same
        }
        return same
    }

    private static func hasDigests(
        of collection: CollectionRecord, _ from: borrowing Transaction, _ to: borrowing Transaction
    ) throws -> Bool {
        let there = try from.withDigests(of: collection) { bytes, _ in [UInt8](bytes) }
        return try there == to.withDigests(of: collection) { bytes, _ in [UInt8](bytes) }
    }

    /// Under the key they have there: their content's, or the collection's own.
    private static func copyDigests(
        of collection: CollectionRecord, _ from: borrowing Transaction, _ to: borrowing Transaction
    ) throws {
        let own = CatalogueKey.collection(collection.collection, checkpoint: collection.checkpoint)
        guard let name = collection.sequences else {
            return try copy(own, from.databases.digests, from, to.databases.digests, to)
        }
        try to.remove(to.databases.digests, own)
        guard let there = from.databases.sequences, let here = to.databases.sequences else { return }
        try copy(name.bigEndianBytes, there, from, here, to)
    }

    /// One value, if it is there.
    private static func copy(
        _ key: [UInt8], _ database: Database, _ from: borrowing Transaction, _ other: Database,
        _ to: borrowing Transaction
    ) throws {
        if let value = try from.value(database, key) { try to.put(other, key, value) }
    }

    /// All values under a prefix, in key order.
    private static func copyAll(
        _ prefix: [UInt8], _ database: Database, _ from: borrowing Transaction, _ other: Database,
        _ to: borrowing Transaction
    ) throws {
        try to.withCursor(other) { cursor in
            try from.forEach(database, prefix: prefix) { key, value in
                try cursor.put(key: key, value: value)
                return true
            }
        }
    }
}
