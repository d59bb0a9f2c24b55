import Store

/// The results of a store that speak of what is stored now.
enum StoredResults {
    struct Selection {
        /// One per (task, dataset, pair, checkpoint, layer), sorted by these.
        let current: [ResultRecord]
        /// Results of weights that have been replaced under the same name, or of checkpoints that are gone.
        let outdated: Int
    }

    /// - Parameters: nil for all tasks, all checkpoints.
    static func select(_ store: Store, task: String? = nil, checkpoint: String? = nil) throws -> Selection {
        var weights: [String: String] = [:]
        for record in try store.checkpoints() { weights[record.name] = record.fingerprint.hex }
        let all = try store.results(task: task, checkpoint: checkpoint)
        let current = all.filter { weights[$0.checkpoint] == $0.provenance["checkpoint_fingerprint"] }
        // The newest where data or codec changed; the fingerprint decides between two of one second.
        let sorted = current.sorted {
            (key($0), -$0.created, $0.fingerprint.hex) < (key($1), -$1.created, $1.fingerprint.hex)
        }
        var kept: [ResultRecord] = []
        for record in sorted where kept.last.map({ key($0) != key(record) }) ?? true { kept.append(record) }
        return Selection(current: kept, outdated: all.count - current.count)
    }

    private static func key(_ record: ResultRecord) -> Key {
        Key(
            task: ResultSchema.all.firstIndex { $0.task == record.task } ?? ResultSchema.all.count,
            dataset: record.dataset, pair: record.pair, checkpoint: record.checkpoint, layer: record.layer)
    }

    private struct Key: Comparable {
        let task: Int
        let dataset: String
        let pair: String
        let checkpoint: String
        let layer: Int

        static func < (a: Key, b: Key) -> Bool {
            (a.task, a.dataset, a.pair, a.checkpoint, a.layer) < (b.task, b.dataset, b.pair, b.checkpoint, b.layer)
        }
    }
}
