import Diagnostics
import Fingerprinting
import Glibc

/// What `collectGarbage` removed, or would remove.
package struct GarbageReport: Codable, Sendable {
    package struct File: Codable, Sendable {
        /// Relative to the store folder.
        package let path: String
        package let bytes: Int
        /// Why nothing needs it.
        package let reason: String
    }

    /// Sorted by path.
    package var files: [File] = []
    /// Text lists no collection uses.
    package var lists: [Fingerprint] = []
    /// Digests of token sequences no collection has.
    package var sequences: [Fingerprint] = []
    /// Evaluation results whose bytes, or their queries' outcomes, are not what was written.
    package var results = 0
    package var bytes: Int { files.lazy.map(\.bytes).saturatingSum() }
}

extension Store {
    /// Unfinished work not touched for this long is given up.
    package static let usualWorkAgeSeconds: Double = 7 * 86_400

    /// Removes what nothing points to: layer files that were replaced or never published, half-written ones, text lists
    /// and digests no collection uses, damaged evaluation results, and unfinished work that nobody has touched for
    /// `workAgeSeconds`.
    ///
    /// Holds the builder's lock, so that files written and not yet published are never taken for garbage. A reader that
    /// is between reading a record and opening its file gets `StoreError.changedWhileReading`; one that has it open
    /// keeps it. Files in `data` that Polylex does not name are left alone.
    package func collectGarbage(
        dryRun: Bool, workAgeSeconds: Double = Store.usualWorkAgeSeconds, wait: Bool = false,
        onWait: (String) -> Void = { _ in }
    ) throws -> GarbageReport {
        let lock = try lockForBuilding(wait: wait, onWait: onWait)
        defer { lock.release() }
        var report = GarbageReport()
        let current = try environment.read { transaction in
            Set(
                try transaction.records(LayerRecord.self, in: transaction.databases.layers)
                    .filter { $0.dropped == nil }.map(\.file))
        }
        for file in try StoreFiles.files(in: StoreLayout.data, of: root)
        where !current.contains(file.path) && StoreLayout.isOurs(file.path) {
            let reason = file.path.hasSuffix(LayerFileWriter.partialSuffix) ? "half written" : "not in the catalogue"
            report.files.append(GarbageReport.File(path: file.path, bytes: file.bytes, reason: reason))
        }
        report.files += try staleWork(olderThan: workAgeSeconds)
        (report.lists, report.sequences, report.results) = try environment.read {
            let unused = try self.unusedTexts($0)
            return (
                unused.lists, unused.sequences, try $0.soundResults().damaged.count + $0.unsoundOutcomes().count
            )
        }
        if dryRun { return report }

        if !report.lists.isEmpty || !report.sequences.isEmpty || report.results > 0 {
            try environment.write { transaction in
                try self.removeUnusedTexts(transaction)
                let damaged = try transaction.soundResults().damaged + transaction.unsoundOutcomes().map(\.key)
                for key in damaged { try transaction.removeResult(key) }
            }
        }
        for file in report.files { try root.remove(file.path) }
        for parent in [StoreLayout.data, StoreLayout.work] { try StoreFiles.removeEmptyFolders(parent, of: root) }
        return report
    }

    /// Files of each entry of `work` none of whose files is younger.
    private func staleWork(olderThan age: Double) throws -> [GarbageReport.File] {
        let oldest = Double(time(nil)) - age
        guard let work = try root.folderIfPresent(StoreLayout.work) else { return [] }
        return try work.names().flatMap { name in
            let path = "\(StoreLayout.work)/\(name)"
            guard let status = try work.status(of: name) else { return [GarbageReport.File]() }
            let files =
                status.kind == .folder
                ? try StoreFiles.files(in: path, of: root)
                : [StoreFiles.File(path: path, bytes: status.bytes, modified: status.modifiedSeconds)]
            guard files.allSatisfy({ $0.modified < oldest }) else { return [] }
            return files.map { GarbageReport.File(path: $0.path, bytes: $0.bytes, reason: "unfinished and abandoned") }
        }
    }

    /// Text lists, and digests of token sequences, that no collection has.
    func unusedTexts(
        _ transaction: borrowing Transaction
    ) throws -> (lists: [Fingerprint], sequences: [Fingerprint]) {
        let collections = try transaction.records(CollectionRecord.self, in: transaction.databases.collections)
        let used = Set(collections.map(\.list))
        var lists: [Fingerprint] = []
        try transaction.forEach(transaction.databases.lists) { key, _ in
            if key.count == 16, case let list = Fingerprint(bigEndian: key), !used.contains(list) {
                lists.append(list)
            }
            return true
        }
        return (lists, try transaction.unusedSequences(among: collections))
    }

    func removeUnusedTexts(_ transaction: borrowing Transaction) throws {
        let unused = try unusedTexts(transaction)
        for list in unused.lists {
            let prefix = CatalogueKey.list(list)
            try transaction.remove(transaction.databases.lists, prefix)
            try transaction.removeAll(transaction.databases.rows, prefix: prefix)
            try transaction.removeAll(transaction.databases.texts, prefix: prefix)
        }
        try transaction.removeSequences(unused.sequences)
    }
}
