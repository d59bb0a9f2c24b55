import Diagnostics
import Fingerprinting

/// What `remove` took out of a store.
package struct RemovalReport: Codable, Sendable {
    /// Sorted.
    package var collections: [String]
    package var files: Int
    package var bytes: Int
    package var results: Int
}

extension Store {
    /// Removes one collection of a checkpoint, or the checkpoint with all its collections and evaluation results.
    ///
    /// Records go first, in one transaction together with text lists and digests nothing else uses, then the files: a
    /// kill in between leaves files that `collectGarbage` finds. The checkpoint's record goes with its last collection.
    /// - Throws: `StoreError.unknownCheckpoint`, `.unknownCollection`, `.locked` when a builder is at work.
    package func remove(
        checkpoint: String, collection: String?, wait: Bool = false, onWait: (String) -> Void = { _ in }
    ) throws -> RemovalReport {
        let lock = try lockForBuilding(wait: wait, onWait: onWait)
        defer { lock.release() }
        let (report, files) = try environment.write { try self.removeRecords(checkpoint, collection, $0) }
        for file in files { try root.remove(file) }
        try StoreFiles.removeEmptyFolders(StoreLayout.data, of: root)
        return report
    }

    private func removeRecords(
        _ checkpoint: String, _ collection: String?, _ transaction: borrowing Transaction
    ) throws -> (RemovalReport, files: [String]) {
        let databases = transaction.databases
        _ = try requireCheckpoint(checkpoint, transaction)
        let all = try transaction.collections(of: checkpoint).map(\.collection)
        var report = RemovalReport(collections: all, files: 0, bytes: 0, results: 0)
        if let collection {
            report.collections = [try requireCollection(collection, checkpoint: checkpoint, transaction).collection]
        }
        var files: [String] = []
        for collection in report.collections {
            for layer in try transaction.layers(of: collection, checkpoint: checkpoint) {
                files.append(layer.file)
                report.bytes = [report.bytes, layer.bytes].saturatingSum()
            }
            let key = CatalogueKey.collection(collection, checkpoint: checkpoint)
            try transaction.removeAll(
                databases.layers, prefix: CatalogueKey.layers(of: collection, checkpoint: checkpoint))
            try transaction.remove(databases.collections, key)
            try transaction.removeOwnDigests(of: collection, checkpoint: checkpoint)
        }
        if report.collections.count == all.count {
            try transaction.remove(databases.checkpoints, CatalogueKey.checkpoint(checkpoint))
        }
        if collection == nil {
            for result in try transaction.soundResults().records where result.checkpoint == checkpoint {
                try transaction.removeResult(CatalogueKey.result(task: result.task, fingerprint: result.fingerprint))
                report.results += 1
            }
        }
        try removeUnusedTexts(transaction)
        report.files = files.count
        return (report, files)
    }
}
