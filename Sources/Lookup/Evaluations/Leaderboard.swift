import Store

/// Checkpoints against each other: per task and data set, each one's best layer and its mean score there.
package struct Leaderboard {
    package struct Entry {
        package let schema: ResultSchema
        package let means: LayerMeans
        package let best: LayerMeans.Layer

        package var dataset: String { means.dataset }
        package var checkpoint: String { means.checkpoint }
        package var score: Double { best.means[schema.headline] ?? 0 }
    }

    /// By task and data set; within these the highest score first, then by name.
    package let entries: [Entry]

    /// - Parameter records: sorted, as `StoredResults` gives them.
    package init(_ records: [ResultRecord]) {
        entries = ResultSchema.all.flatMap { schema in
            LayerMeans.of(records.filter { $0.task == schema.task }, schema: schema)
                .compactMap { means in means.best.map { Entry(schema: schema, means: means, best: $0) } }
                .sorted { ($0.dataset, -$0.score, $0.checkpoint) < ($1.dataset, -$1.score, $1.checkpoint) }
        }
    }

    /// Entries of one task and data set, in order.
    package var groups: [[Entry]] {
        var groups: [[Entry]] = []
        for entry in entries {
            if let last = groups.last?.last, last.schema.task == entry.schema.task, last.dataset == entry.dataset {
                groups[groups.count - 1].append(entry)
            } else {
                groups.append([entry])
            }
        }
        return groups
    }
}
