import Diagnostics
import Fingerprinting
import Glibc

extension Store {
    /// Writes a FAISS file durably (temporary name, fsync, rename, fsync of the folder) and returns its record; nothing
    /// is current until `publish`.
    /// - Parameters:
    ///   - rows: made for the same codec.
    ///   - computation: what they were computed with.
    /// - Throws: what `rows` throws, `SystemFault`, `StoreError`; then there is no file.
    package func writeLayer(
        checkpoint: String, collection: String, layer: Int, codec: Codec, rows: LayerRows, fingerprint: Fingerprint,
        computation: Computation = .here
    ) throws -> LayerRecord {
        guard mode == .write else { throw StoreError.readOnly(folder: folder) }
        try StoreName.check(checkpoint: checkpoint)
        try StoreName.check(collection: collection)
        precondition(CatalogueKey.layerRange.contains(layer), "layer \(layer) is outside \(CatalogueKey.layerRange)")
        precondition(rows.elementBytes == codec.elementBytes, "rows of another codec than \(codec)")
        let file = StoreLayout.file(
            checkpoint: checkpoint, collection: collection, layer: layer, fingerprint: fingerprint)
        let writer = try LayerFileWriter(file, in: root)
        try FaissEncoding.write(codec: codec, rows, to: writer, path: root.path(of: file))
        let (bytes, checksum) = try writer.finish()
        var record = LayerRecord(
            checkpoint: checkpoint, collection: collection, layer: layer, file: file, codec: codec,
            rows: rows.count, dimension: rows.dimension, bytes: bytes, checksum: checksum, fingerprint: fingerprint,
            created: Double(time(nil)))
        record.computation = computation
        return record
    }

    /// Makes a collection current: text list, digests, layers and checkpoint in one LMDB transaction.
    ///
    /// Layers of the collection already in the catalogue and not in `layers` stay when they share the same list and
    /// were made by the same checkpoint (fingerprint, not only name); otherwise they go. Files are not deleted here,
    /// because readers may have them open or be about to: `collectGarbage` does.
    /// - Parameters:
    ///   - digests: of the rows' token sequences, in row order; gone through more than once.
    package func publish(
        checkpoint: CheckpointRecord, collection: CollectionRecord, layers: [LayerRecord],
        digests: some Collection<Fingerprint>, texts: some RowTexts
    ) throws {
        guard mode == .write else { throw StoreError.readOnly(folder: folder) }
        var collection = collection
        collection.checkpointFingerprint = checkpoint.fingerprint
        let rows = CheckedRows(texts)
        try checkPublication(checkpoint, collection, layers, digests: digests.count, rows)
        // Sorted before anything is locked. A list that another checkpoint shares is there and needs no order.
        let isKnown = try environment.read { try $0.list(collection.list) != nil }
        let order = isKnown ? nil : rows.inKeyOrder()
        try environment.write { transaction in
            let databases = transaction.databases
            let stored = try transaction.collection(collection.collection, checkpoint: checkpoint.name)
            let collectionKey = CatalogueKey.collection(collection.collection, checkpoint: checkpoint.name)
            if stored?.list != collection.list || stored?.checkpointFingerprint != checkpoint.fingerprint
                || stored?.pooling != collection.pooling
            {
                try transaction.removeAll(
                    databases.layers,
                    prefix: CatalogueKey.layers(of: collection.collection, checkpoint: checkpoint.name))
            }
            try transaction.put(
                databases.checkpoints, CatalogueKey.checkpoint(checkpoint.name), RecordCoding.encode(checkpoint))
            var published = collection
            published.sequences = try transaction.putDigests(digests)
            try transaction.put(databases.collections, collectionKey, RecordCoding.encode(published))
            try transaction.removeOwnDigests(of: collection.collection, checkpoint: checkpoint.name)
            for layer in layers {
                let key = CatalogueKey.layer(layer.layer, of: collection.collection, checkpoint: checkpoint.name)
                var layer = layer
                layer.list = collection.list
                try transaction.put(databases.layers, key, RecordCoding.encode(layer))
            }
            // Lists are named by their content: one that is there is the same.
            guard let known = try transaction.list(collection.list) else {
                try rows.write(as: collection.list, keyOrder: order ?? rows.inKeyOrder(), transaction)
                return
            }
            guard known == rows.record else {
                throw StoreError.inconsistentPublication(
                    checkpoint: checkpoint.name, collection: collection.collection,
                    expected: "the stored list \(collection.list.short) of \(known.rows) rows, \(known.bytes) bytes",
                    found: "\(rows.record.rows) rows, \(rows.record.bytes) bytes under the same name")
            }
        }
    }

    /// What a builder hands over must agree with itself before any of it becomes current.
    private func checkPublication(
        _ checkpoint: CheckpointRecord, _ collection: CollectionRecord, _ layers: [LayerRecord],
        digests: Int, _ rows: CheckedRows<some RowTexts>
    ) throws {
        try StoreName.check(checkpoint: checkpoint.name)
        try StoreName.check(collection: collection.collection)
        func require(_ holds: Bool, _ expected: String, _ found: String) throws {
            if holds { return }
            throw StoreError.inconsistentPublication(
                checkpoint: checkpoint.name, collection: collection.collection, expected: expected, found: found)
        }
        try require(
            collection.checkpoint == checkpoint.name, "a collection of \(checkpoint.name)", collection.checkpoint)
        try require(rows.record.rows == collection.rows, "\(collection.rows) texts", "\(rows.record.rows)")
        try require(rows.malformedRow == nil, "UTF-8 texts", "other bytes in row \(rows.malformedRow ?? 0)")
        try require(digests == collection.rows, "\(collection.rows) digests", "\(digests)")
        for layer in layers {
            try require(
                layer.checkpoint == checkpoint.name && layer.collection == collection.collection,
                "layers of this collection", "\(layer.checkpoint) \(layer.collection)")
            try require(layer.rows == collection.rows, "layers of \(collection.rows) rows", "\(layer.rows)")
            let bytes = try openLayer(layer).status.bytes
            try require(bytes == layer.bytes, "\(layer.file) of \(layer.bytes) bytes", "\(bytes)")
        }
    }
}
