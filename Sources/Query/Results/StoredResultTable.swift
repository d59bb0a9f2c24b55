import Console
import Evaluation
import Files
import Lookup
import Store

/// Stored results as rows: task by task with their own columns, or all tasks in one table.
struct StoredResultTable {
    /// One for each task that has results: the columns of its evaluation's own rows, then `created` and `weights`.
    let parts: [ResultTable]
    /// What a person reads: each result's headline score.
    let headlines: ResultTable

    /// - Parameter outcomes: what the store keeps of a result's queries.
    init(_ records: [ResultRecord], outcomes: (ResultRecord) throws -> ResultOutcomes?) throws {
        var parts: [ResultTable] = []
        var headlines = ResultTable(columns: [
            .init("task"), .init("dataset"), .init("pair"), .init("checkpoint"), .init("layer", .integer),
            .init("measure"), .init("score", .decimal(places: 4)), .init("interval", title: "95 %"),
        ])
        for schema in ResultSchema.all {
            let own = records.filter { $0.task == schema.task }
            if own.isEmpty { continue }
            let intervals = try ScoreIntervals(
                own, measures: schema.measures, threads: ThreadCount.processors, outcomes: outcomes)
            let full = schema.fullTable(own, intervals)
            var part = ResultTable(columns: full.columns + [.init("created", .integer), .init("weights")])
            for (record, row) in zip(own, full.rows) {
                part.append(
                    row + [
                        .integer(Int(exactly: record.created.rounded(.down)) ?? 0),
                        record.provenance["checkpoint_fingerprint"].map { .text($0) } ?? .null,
                    ])
                headlines.append([
                    .text(record.task), .text(record.dataset), .text(record.pair), .text(record.checkpoint),
                    record.mean.map { .text($0) } ?? .integer(record.layer), .text(schema.headline),
                    record.values[schema.headline].map { .number($0) } ?? .null,
                    ConfidenceInterval.cell(intervals.interval(of: record, schema.headline)),
                ])
            }
            parts.append(part)
        }
        self.parts = parts
        self.headlines = headlines
    }

    /// All rows under all columns, in the order the columns first appear; a value a task does not have is empty.
    var joined: ResultTable {
        var columns: [ResultTable.Column] = []
        for part in parts {
            for column in part.columns where !columns.contains(where: { $0.key == column.key }) {
                columns.append(column)
            }
        }
        var table = ResultTable(columns: columns)
        for part in parts {
            let places = columns.map { column in part.columns.firstIndex { $0.key == column.key } }
            for row in part.rows { table.append(places.map { $0.map { row[$0] } ?? .null }) }
        }
        return table
    }
}
