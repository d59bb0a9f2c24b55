import Diagnostics
import Glibc

extension Store {
    /// Gives up the vectors of a checkpoint, or of one of its collections, and keeps what is known: collections, lists,
    /// what each layer was computed from, evaluation results with their outcomes. Whoever asks for a vector is told
    /// (`StoreError.droppedVectors`); a build that encodes it again brings it back under the same name.
    ///
    /// Records go first, in one transaction, then the files: a kill in between leaves files that `collectGarbage`
    /// finds. Digests of token sequences go, too, unless another checkpoint shares them: they tell which rows of a file
    /// can be used again, and are the larger part of the catalogue.
    /// - Returns: the collections, and the files that were there; no results.
    /// - Throws: `StoreError.unknownCheckpoint`, `.unknownCollection`, `.locked` when a builder is at work.
    package func dropVectors(
        checkpoint: String, collection: String?, wait: Bool = false, onWait: (String) -> Void = { _ in }
    ) throws -> RemovalReport {
        let lock = try lockForBuilding(wait: wait, onWait: onWait)
        defer { lock.release() }
        let now = Double(time(nil))
        let (report, files) = try environment.write { transaction in
            _ = try self.requireCheckpoint(checkpoint, transaction)
            var report = RemovalReport(
                collections: try transaction.collections(of: checkpoint).map(\.collection), files: 0, bytes: 0,
                results: 0)
            if let collection {
                report.collections = [
                    try self.requireCollection(collection, checkpoint: checkpoint, transaction).collection
                ]
            }
            var files: [String] = []
            for name in report.collections {
                for layer in try transaction.layers(of: name, checkpoint: checkpoint) where layer.dropped == nil {
                    var record = layer
                    record.dropped = now
                    try transaction.put(
                        transaction.databases.layers,
                        CatalogueKey.layer(layer.layer, of: name, checkpoint: checkpoint), RecordCoding.encode(record))
                    files.append(layer.file)
                    report.bytes = [report.bytes, layer.bytes].saturatingSum()
                }
                try transaction.removeOwnDigests(of: name, checkpoint: checkpoint)
                if var record = try transaction.collection(name, checkpoint: checkpoint), record.sequences != nil {
                    record.sequences = nil
                    try transaction.put(
                        transaction.databases.collections, CatalogueKey.collection(name, checkpoint: checkpoint),
                        RecordCoding.encode(record))
                }
            }
            let collections = try transaction.records(CollectionRecord.self, in: transaction.databases.collections)
            try transaction.removeSequences(try transaction.unusedSequences(among: collections))
            report.files = files.count
            return (report, files)
        }
        for file in files { try root.remove(file) }
        try StoreFiles.removeEmptyFolders(StoreLayout.data, of: root)
        return report
    }
}
