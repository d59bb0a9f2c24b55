import ArgumentParser
import Console
import Evaluation
import Files
import Lookup
import Store

/// `query results`
struct ResultsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "results",
        abstract: "Every stored result, for other programs: CSV, JSON Lines, MTEB's result files, TREC's runs.",
        discussion: """
            Nothing is computed but intervals. --mteb and --trec hold one layer of each checkpoint and data set: its \
            best one, or --layer.

            Example: query results --csv results.csv
            Example: query results --checkpoint mbert --trec runs --mteb mteb-results
            """)

    @Option(
        help: ArgumentHelp("Write every row as CSV to this file; '-' is standard output.", valueName: "file"),
        completion: .file())
    var csv: String?

    @Option(
        help: ArgumentHelp(
            "Write scores as MTEB's result files: <folder>/<checkpoint>/<weights>/<task>.json.",
            valueName: "folder"), completion: .directory)
    var mteb: String?

    @Option(
        help: ArgumentHelp(
            "Write ranks as TREC's runs and qrels: <folder>/<task>/<data set>/<pair>.qrels, <pair>.<checkpoint>.run.",
            valueName: "folder"), completion: .directory)
    var trec: String?

    @Option(help: ArgumentHelp("With --trec: ranks below this one are not written.", valueName: "n"))
    var depth = 1000

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these tasks: bli, xlsim, tatoeba, hubs.", valueName: "task"))
    var tasks: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Only these data sets.", valueName: "name"))
    var datasets: [String] = []

    @Option(parsing: .upToNextOption, help: ArgumentHelp("Only these pairs (en-fi).", valueName: "pair"))
    var pairs: [String] = []

    @OptionGroup var stored: CheckpointOptions

    @Option(help: ArgumentHelp("Only this layer (8, 0-8:mean).", valueName: "layer"))
    var layer: String?

    @OptionGroup var spreadsheet: SpreadsheetOptions
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        if output.json, csv == "-" {
            throw ValidationError("--json and --csv - both want standard output; give --csv a file")
        }
        if spreadsheet.csvRaw, csv == nil { throw ValidationError("--csv-raw is about the cells of --csv") }
        guard (1...1_000_000).contains(depth) else {
            throw ValidationError("--depth must be 1 to 1000000, not \(depth)")
        }
        let known = ResultSchema.all.map(\.task)
        if let unknown = tasks.first(where: { !known.contains($0) }) {
            throw ValidationError("--tasks: no task '\(unknown)'; there are \(known.joined(separator: ", "))")
        }
    }

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        let selection = try StoredResults.select(store)
        let records = try chosen(selection.current, in: store)
        guard !records.isEmpty else {
            throw QueryError.noResults(folder: store.folder, omissions: selection.omissions)
        }
        if let trec { try writeRuns(records, store, to: trec) }
        if let mteb { try writeMTEB(records, to: mteb) }
        if output.json || csv != nil || (trec == nil && mteb == nil) { try writeTable(records, store) }
        for omission in selection.omissions { output.remark(omission) }
    }
}

extension ResultsCommand {
    /// - Throws: `LookupError.notEvaluated` for a name nothing stored has.
    private func chosen(_ all: [ResultRecord], in store: Store) throws -> [ResultRecord] {
        func check(_ kind: String, _ names: [String], _ known: (ResultRecord) -> String) throws {
            let there = Set(all.map(known))
            for name in names where !there.contains(name) {
                throw LookupError.notEvaluated(
                    folder: store.folder, kind: kind, name: name, known: there.sorted())
            }
        }
        if all.isEmpty { return [] }
        try check("task", tasks) { $0.task }
        try check("data set", datasets) { $0.dataset }
        try check("pair", pairs) { $0.pair }
        try check("checkpoint", stored.checkpoint) { $0.checkpoint }
        try check("layer", layer.map { [$0] } ?? []) { $0.layerName }
        return all.filter { record in
            (tasks.isEmpty || tasks.contains(record.task)) && (datasets.isEmpty || datasets.contains(record.dataset))
                && (pairs.isEmpty || pairs.contains(record.pair))
                && (stored.checkpoint.isEmpty || stored.checkpoint.contains(record.checkpoint))
                && (layer == nil || record.layerName == layer)
        }
    }

    private func writeTable(_ records: [ResultRecord], _ store: Store) throws {
        let table = try StoredResultTable(records) { try store.outcomes(of: $0) }
        if let csv, csv != "-" {
            let file = try OutputFile(path: csv)
            try file.append(table.joined.commaSeparated(raw: spreadsheet.csvRaw))
            try file.finish()
        }
        let standardOutput = ResultStream.standardOutput
        if output.json {
            for part in table.parts { try standardOutput.write(part.jsonLines) }
        } else if csv == "-" {
            try standardOutput.write(table.joined.commaSeparated(raw: spreadsheet.csvRaw))
        } else if csv == nil {
            try standardOutput.write(report: table.headlines.shown)
        }
    }

    /// Results at one layer of each checkpoint and data set: the one asked for, or the best.
    private func atOneLayer(_ records: [ResultRecord], _ schema: ResultSchema) -> [ResultRecord] {
        let own = records.filter { $0.task == schema.task }
        return LayerMeans.of(own, schema: schema).flatMap { means in
            own.filter {
                $0.checkpoint == means.checkpoint && $0.dataset == means.dataset && means.best?.holds($0) == true
            }
        }
    }

    private func writeRuns(_ records: [ResultRecord], _ store: Store, to folder: String) throws {
        let ranked = [ResultSchema.bli, .tatoeba].flatMap { atOneLayer(records, $0) }
        let runs = try RetrievalRuns(ranked, depth: depth) { try store.outcomes(of: $0) }
        guard !runs.isEmpty else {
            throw QueryError.nothingToExport(
                option: "--trec", wanted: "ranks of `query bli` or `query tatoeba`", folder: store.folder)
        }
        let written = try runs.write(to: folder)
        output.remark(
            "\(folder): \(Quantity.counted(written, "file")); a run holds a query's gold at its rank, the candidates "
                + "before it without their names, and nothing behind it")
        if runs.withoutRanks > 0 {
            output.remark(
                "\(Quantity.counted(runs.withoutRanks, "result has", "results have")) no ranks (of an earlier version) "
                    + "and no run")
        }
        if runs.deeper > 0 {
            output.remark(
                "\(Quantity.counted(runs.deeper, "gold stands", "golds stand")) deeper than --depth "
                    + "\(Quantity.grouped(depth)) and count as not found")
        }
    }

    private func writeMTEB(_ records: [ResultRecord], to folder: String) throws {
        let results = MTEBResults(ResultSchema.scored.flatMap { atOneLayer(records, $0) })
        guard !results.isEmpty else {
            throw QueryError.nothingToExport(option: "--mteb", wanted: "results with a score", folder: store.store)
        }
        let written = try results.write(to: folder)
        output.remark("\(folder): \(Quantity.counted(written, "file"))")
        if results.withoutScore > 0 {
            output.remark(
                "\(Quantity.counted(results.withoutScore, "result has", "results have")) no score and no place in them")
        }
    }
}
