import Store

/// The results of a store that speak of what is stored now.
package enum StoredResults {
    package struct Selection: Sendable {
        /// One per (task, dataset, pair, checkpoint, layer or mean), sorted by these.
        package var current: [ResultRecord] = []
        /// Results of weights that have been replaced under the same name, or of checkpoints that are gone.
        package var outdated = 0
        /// Results of an earlier policy, or without a checksum: nothing vouches for them.
        package var superseded = 0

        /// Values that results kept by an earlier version lack, and how many of the current ones those are.
        package var incomplete: (results: Int, values: [String]) {
            var values: [String] = []
            var results = 0
            for record in current {
                let missing = ResultSchema.all.first { $0.task == record.task }?.missing(in: record) ?? []
                if !missing.isEmpty { results += 1 }
                for value in missing where !values.contains(value) { values.append(value) }
            }
            return (results, values)
        }

        package init() {}

        init(current: [ResultRecord], outdated: Int, superseded: Int) {
            (self.current, self.outdated, self.superseded) = (current, outdated, superseded)
        }
    }

    package static func select(_ store: Store) throws -> Selection {
        select(try store.snapshot(results: true) { _ in [] })
    }

    package static func select(_ snapshot: StoreSnapshot) -> Selection {
        var weights: [String: String] = [:]
        for record in snapshot.checkpoints { weights[record.name] = record.fingerprint.hex }
        let proved = snapshot.results.filter { record in
            record.checksum != nil
                && ResultSchema.all.contains { schema in
                    schema.task == record.task && schema.policies.contains { $0.text == record.provenance["policy"] }
                }
        }
        let current = proved.filter { weights[$0.checkpoint] == $0.provenance["checkpoint_fingerprint"] }
        // The newest where data or codec changed; the fingerprint decides between two of one second.
        let sorted = current.sorted {
            (key($0), -$0.created, $0.fingerprint.hex) < (key($1), -$1.created, $1.fingerprint.hex)
        }
        var kept: [ResultRecord] = []
        for record in sorted where kept.last.map({ key($0) != key(record) }) ?? true { kept.append(record) }
        return Selection(
            current: kept, outdated: proved.count - current.count, superseded: snapshot.results.count - proved.count)
    }

    private static func key(_ record: ResultRecord) -> Key {
        Key(
            task: ResultSchema.all.firstIndex { $0.task == record.task } ?? ResultSchema.all.count,
            dataset: record.dataset, pair: record.pair, checkpoint: record.checkpoint, layer: record.layer,
            mean: record.mean ?? "")
    }

    private struct Key: Comparable {
        let task: Int
        let dataset: String
        let pair: String
        let checkpoint: String
        let layer: Int
        let mean: String

        static func < (a: Key, b: Key) -> Bool {
            (a.task, a.dataset, a.pair, a.checkpoint, a.layer, a.mean)
                < (b.task, b.dataset, b.pair, b.checkpoint, b.layer, b.mean)
        }
    }
}
