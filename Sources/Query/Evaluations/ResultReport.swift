import Console
import Evaluation
import Files
import Lookup
import Store

/// Evaluation results for people (tables), for spreadsheets (CSV) and for programs (JSON Lines).
struct ResultReport {
    let schema: ResultSchema
    /// In the order they are printed.
    let records: [ResultRecord]
    let intervals: ScoreIntervals
    /// At layers chosen on something else than the scored pairs; empty unless asked for.
    let selected: [SelectedScores]

    /// Prints the report, and says what is not in it and what became of it.
    /// - Throws: `QueryError.nothingToEvaluate` when there is not a single row.
    func write(_ run: EvaluationRun, _ options: EvaluationOptions, _ observer: TerminalObserver) throws {
        run.tellSkipped(observer)
        guard !records.isEmpty else { throw QueryError.nothingToEvaluate(task: schema.task, reasons: run.skipped) }
        try write(options)
        if run.reused > 0 {
            let all = run.records.count
            let share =
                run.reused < all
                ? "\(run.reused) of \(all) results \(run.reused == 1 ? "is" : "are")"
                : all == 1 ? "the result is" : "all \(all) results are"
            observer.remark("\(share) from the store: nothing it was computed from has changed")
        }
        run.tellWhatWasKept(observer)
    }

    private func write(_ options: EvaluationOptions) throws {
        let output = ResultStream.standardOutput
        var table = options.means ? schema.meansTable(records, intervals) : schema.fullTable(records, intervals)
        if options.selectOn != .scoredPairs {
            table = SelectionColumns(schema: schema, basis: options.selectOn, selected: selected).added(to: table)
        }
        if let path = options.csv, path != "-" {
            let file = try OutputFile(path: path)
            try file.append(table.commaSeparated(raw: options.csvRaw))
            try file.finish()
        }
        if options.output.json {
            try output.write(table.jsonLines)
        } else if options.csv == "-" {
            try output.write(table.commaSeparated(raw: options.csvRaw))
        } else {
            try output.write(report: tables(details: options.details))
        }
    }

    /// Per checkpoint and dataset: its pairs at the best layer (or at every layer), then the means of every layer.
    func tables(details: Bool) -> String {
        LayerMeans.of(records, schema: schema).map { means in
            let own = records.filter { $0.checkpoint == means.checkpoint && $0.dataset == means.dataset }
            let shown = details ? own : own.filter { means.best?.holds($0) ?? false }
            var text = "\(schema.task) · \(means.checkpoint) · \(means.dataset)"
            if !details, let best = means.best { text += " · layer \(best.name), the best of \(means.layers.count)" }
            text += "\n\n" + pairTable(shown, withLayer: details) + "\n"
            text += "mean over pairs, best layer marked\n\n" + meanTable(means)
            for scores in selected where scores.checkpoint == means.checkpoint && scores.dataset == means.dataset {
                text += "\n" + SelectionTable(schema: schema, scores: scores, means: means).text
            }
            return text
        }.joined(separator: "\n\n") + "\n" + schema.aboutIntervals + "\n"
    }

    private func pairTable(_ records: [ResultRecord], withLayer: Bool) -> String {
        var columns: [ResultTable.Column] = [.init("pair")]
        if withLayer { columns.append(.init("layer", .integer)) }
        for value in schema.shownValues {
            columns.append(schema.column(value))
            if value.key == schema.headline { columns.append(.init("interval", title: "95 %")) }
        }
        var table = ResultTable(columns: columns)
        for record in records {
            var row: [JSONValue] = [.text(record.pair)]
            if withLayer { row.append(record.mean.map { .text($0) } ?? .integer(record.layer)) }
            for value in schema.shownValues {
                row.append(schema.cell(value, of: record))
                if value.key == schema.headline {
                    row.append(ConfidenceInterval.cell(intervals.interval(of: record, value.key)))
                }
            }
            table.append(row)
        }
        return table.shown
    }

    private func meanTable(_ means: LayerMeans) -> String {
        let scores = schema.shownValues.filter {
            if case .score = $0 { return true } else { return false }
        }
        var columns: [ResultTable.Column] = [.init("layer", .integer), .init("datasets", title: "over", .integer)]
        for score in scores {
            columns.append(schema.column(score))
            if score.key == schema.headline {
                columns += [.init("queries", title: "95 % queries"), .init("pairs", title: "95 % pairs")]
            }
        }
        var table = ResultTable(columns: columns + [.init("best", title: "")])
        for layer in means.layers {
            var row: [JSONValue] = [layer.cell, .integer(layer.pairs)]
            for score in scores {
                row.append(layer.means[score.key].map(JSONValue.number) ?? .null)
                if score.key == schema.headline {
                    let both = intervals.intervals(of: layer, in: means, score.key)
                    row += [both?.overQueries, both?.overPairs].map(ConfidenceInterval.cell)
                }
            }
            let isBest = layer.name == means.best?.name
            table.append(row + [.text(isBest ? "◀" : "")], emphasized: isBest)
        }
        return table.shown
    }
}

/// The columns of a task's rows.
extension ResultSchema {
    /// Keys that tell rows apart, in column order.
    static let identity = ["task", "dataset", "pair", "checkpoint", "layer"]

    /// Every row with every value: CSV and JSON.
    func fullTable(_ records: [ResultRecord], _ intervals: ScoreIntervals) -> ResultTable {
        var table = ResultTable(
            columns: Self.identity.map { .init($0, $0 == "layer" ? .integer : .text) }
                + values.map(column) + measures.flatMap { ConfidenceInterval.columns($0.key) })
        for record in records {
            table.append(
                identity(record) + values.map { cell($0, of: record) }
                    + measures.flatMap { ConfidenceInterval.bounds(intervals.interval(of: record, $0.key)) })
        }
        return table
    }

    /// The mean over pairs of every score at every layer, with its intervals over queries and over pairs: `--means`.
    func meansTable(_ records: [ResultRecord], _ intervals: ScoreIntervals) -> ResultTable {
        let scores = values.filter {
            switch $0 {
            case .score, .detail: true
            case .count, .countDetail: false
            }
        }
        var table = ResultTable(
            columns: [
                .init("task"), .init("dataset"), .init("checkpoint"), .init("layer", .integer),
                .init("pairs", .integer),
            ] + scores.map(column)
                + measures.flatMap {
                    ConfidenceInterval.columns($0.key) + ConfidenceInterval.columns($0.key, level: "_pairs")
                })
        for means in LayerMeans.of(records, schema: self) {
            for layer in means.layers {
                let bounds = measures.flatMap { measure -> [JSONValue] in
                    let both = intervals.intervals(of: layer, in: means, measure.key)
                    return ConfidenceInterval.bounds(both?.overQueries) + ConfidenceInterval.bounds(both?.overPairs)
                }
                table.append(
                    [.text(task), .text(means.dataset), .text(means.checkpoint), layer.cell, .integer(layer.pairs)]
                        + scores.map { layer.means[$0.key].map(JSONValue.number) ?? .null } + bounds)
            }
        }
        return table
    }

    /// Below the tables: what their intervals are.
    var aboutIntervals: String {
        let draws = Quantity.grouped(Bootstrap.draws)
        return switch measures[0] {
        case .reciprocalRank:
            "95 %: bootstrap over a pair's queries; of means, queries within pairs or pairs resampled "
                + "(\(draws) samples)"
        case .share:
            "95 %: Wilson's interval; of means, from the pairs' or by bootstrap over pairs (\(draws) samples)"
        case .correlation:
            "95 %: by Fisher's z; of means, the pairs' on average, or bootstrap over pairs (\(draws) samples)"
        }
    }

    /// What a person reads.
    var shownValues: [Value] {
        values.filter {
            switch $0 {
            case .count, .score: true
            case .detail, .countDetail: false
            }
        }
    }

    func column(_ value: Value) -> ResultTable.Column {
        switch value {
        case .count(let key), .countDetail(let key): .init(key, .integer)
        case .score(let key), .detail(let key): .init(key, .decimal(places: 4))
        }
    }

    /// A value that is not there (ρ of a constant list) is null.
    func cell(_ value: Value, of record: ResultRecord) -> JSONValue {
        guard let number = record.values[value.key] else { return .null }
        switch value {
        case .count, .countDetail: return Int(exactly: number).map(JSONValue.integer) ?? .number(number)
        case .score, .detail: return .number(number)
        }
    }

    /// What tells a result apart, as members of an object.
    func identified(_ record: ResultRecord) -> [JSONValue.Member] {
        zip(Self.identity, identity(record)).map { .init(key: $0, value: $1) }
    }

    private func identity(_ record: ResultRecord) -> [JSONValue] {
        [
            .text(record.task), .text(record.dataset), .text(record.pair), .text(record.checkpoint),
            record.mean.map { .text($0) } ?? .integer(record.layer),
        ]
    }
}

extension LayerMeans.Layer {
    /// The layer's number, or the name of a mean.
    var cell: JSONValue { mean.map { .text($0) } ?? .integer(layer) }
}
