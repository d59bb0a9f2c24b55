import Console
import Diagnostics
import Files
import Store

#if canImport(Glibc)
import Glibc
#endif

/// Evaluation results for people (tables), for spreadsheets (CSV) and for programs (JSON Lines).
struct ResultReport {
    let schema: ResultSchema
    /// In the order they are printed.
    let records: [ResultRecord]

    func write(_ options: EvaluationOptions) throws {
        let output = ResultStream.standardOutput
        if let path = options.csv, path != "-" {
            try write(schema.fullTable(records).commaSeparated, to: path)
        }
        if options.output.json {
            try output.write(schema.fullTable(records).jsonLines)
        } else if options.csv == "-" {
            try output.write(schema.fullTable(records).commaSeparated)
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
        if failure != 0 || closed != 0 { throw SystemFault(operation: "write", path: path, code: failure != 0 ? failure : errno) }
    }
}
