import Console
import Diagnostics
import Files
import Lookup
import Store

#if canImport(Glibc)
import Glibc
#endif

/// Evaluation results for people (tables), for spreadsheets (CSV) and for programs (JSON Lines).
struct ResultReport {
    let schema: ResultSchema
    /// In the order they are printed.
    let records: [ResultRecord]

    /// Prints the report, and says what is not in it and what became of it.
    /// - Throws: `QueryError.nothingToEvaluate` when there is not a single row.
    func write(_ run: EvaluationRun, _ options: EvaluationOptions, _ observer: TerminalObserver) throws {
        for reason in run.skipped.prefix(20) { observer.remark("skipped: \(reason)") }
        if run.skipped.count > 20 { observer.remark("skipped: \(run.skipped.count - 20) more like these") }
        guard !records.isEmpty else { throw QueryError.nothingToEvaluate(task: schema.task, reasons: run.skipped) }
        try write(options)
        if run.reused > 0 {
            let share = run.reused == records.count ? "all \(run.reused)" : "\(run.reused) of \(records.count)"
            observer.remark("\(share) results are from the store: nothing they were computed from has changed")
        }
        let folder = run.store.folder
        if let reason = run.readOnlyReason {
            observer.warn("\(folder): the store cannot be written (\(reason)), so these results were not kept")
        } else if let failure = run.saveFailure {
            observer.warn("results were not kept: \(failure)")
        } else if run.overtaken > 0 {
            observer.warn(
                "\(folder): the store was changed meanwhile; \(run.overtaken) of these results belong to what it held "
                    + "before and were not kept; run the same command again for what it holds now")
        }
    }

    private func write(_ options: EvaluationOptions) throws {
        let output = ResultStream.standardOutput
        if let path = options.csv, path != "-" {
            try write(schema.fullTable(records).commaSeparated(raw: options.csvRaw), to: path)
        }
        if options.output.json {
            try output.write(schema.fullTable(records).jsonLines)
        } else if options.csv == "-" {
            try output.write(schema.fullTable(records).commaSeparated(raw: options.csvRaw))
        } else {
            try output.write(tables(details: options.details))
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
            return text
        }.joined(separator: "\n\n")
    }

    private func pairTable(_ records: [ResultRecord], withLayer: Bool) -> String {
        var columns: [ResultTable.Column] = [.init("pair")]
        if withLayer { columns.append(.init("layer", .integer)) }
        var table = ResultTable(columns: columns + schema.shownValues.map(schema.column))
        for record in records {
            var row: [JSONValue] = [.text(record.pair)]
            if withLayer { row.append(record.mean.map { .text($0) } ?? .integer(record.layer)) }
            table.append(row + schema.shownValues.map { schema.cell($0, of: record) })
        }
        return table.aligned
    }

    private func meanTable(_ means: LayerMeans) -> String {
        let scores = schema.shownValues.filter {
            if case .score = $0 { return true } else { return false }
        }
        var table = ResultTable(
            columns: [.init("layer", .integer), .init("datasets", title: "over", .integer)] + scores.map(schema.column)
                + [.init("best", title: "")])
        for layer in means.layers {
            table.append(
                [layer.cell, .integer(layer.pairs)]
                    + scores.map { layer.means[$0.key].map(JSONValue.number) ?? .null }
                    + [.text(layer.name == means.best?.name ? "◀" : "")])
        }
        return table.aligned
    }

    private func write(_ text: String, to path: String) throws {
        guard let file = fopen(path, "w") else { throw SystemFault(operation: "write", path: path, code: errno) }
        var text = text
        let written = text.withUTF8 { fwrite($0.baseAddress, 1, $0.count, file) }
        let failure = written == text.utf8.count ? 0 : errno
        let closed = fclose(file)
        if failure != 0 || closed != 0 {
            throw SystemFault(operation: "write", path: path, code: failure != 0 ? failure : errno)
        }
    }
}

/// The columns of a task's rows.
extension ResultSchema {
    /// Keys that tell rows apart, in column order.
    static let identity = ["task", "dataset", "pair", "checkpoint", "layer"]

    /// Every row with every value: CSV and JSON.
    func fullTable(_ records: [ResultRecord]) -> ResultTable {
        var table = ResultTable(
            columns: Self.identity.map { .init($0, $0 == "layer" ? .integer : .text) }
                + values.map(column))
        for record in records { table.append(identity(record) + values.map { cell($0, of: record) }) }
        return table
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
