import ArgumentParser
import Console
import Lookup

/// What the evaluation commands have in common.
struct EvaluationOptions: ParsableArguments {
    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    @OptionGroup var stored: CheckpointOptions

    @Option(
        help: ArgumentHelp(
            "Layers to score: all that are stored, numbers and ranges, or the mean of layers (0-8:mean).",
            valueName: "layers"))
    var layers: LayerChoice = .all

    @Option(
        help: ArgumentHelp(
            "Beside the layer that is best on the scored pairs, score layers chosen on other-pairs, half (of the "
                + "queries, scored on the other half) or validation.",
            valueName: "basis"))
    var selectOn: SelectionBasis = .scoredPairs

    @Option(
        help: ArgumentHelp("Also write every row as CSV to this file; '-' is standard output.", valueName: "file"),
        completion: .file())
    var csv: String?

    @OptionGroup var spreadsheet: SpreadsheetOptions

    @Flag(help: "Print every pair at every layer, not only at the best one.")
    var details = false

    @Flag(help: "In JSON and CSV, rows are the means over pairs at each layer instead of the pairs.")
    var means = false

    @Flag(help: "Compute again what the store holds results for.")
    var recompute = false

    @OptionGroup var parallelism: ThreadOptions

    @OptionGroup var part: ShardedEvaluationOptions

    var csvRaw: Bool { spreadsheet.csvRaw }
    var settings: EvaluationRun.Settings {
        .init(
            checkpoints: stored.checkpoint, layers: layers, recompute: recompute, selection: selectOn,
            threads: parallelism.threads, shard: part.shard?.shard)
    }

    func validate() throws {
        if output.json, csv == "-" {
            throw ValidationError("--json and --csv - both want standard output; give --csv a file")
        }
        if part.shard != nil, csv != nil || means || details || selectOn != .scoredPairs {
            throw ValidationError(
                "--shard prints no table: give --csv, --details, --means and --select-on to the same command without "
                    + "--shard, after `query merge`")
        }
        if means, !output.json, csv == nil {
            throw ValidationError("--means is about the rows of --json and --csv; the table has the means already")
        }
    }
}

extension EvaluationOptions {
    /// Evaluates and reports: what `bli`, `xlsim` and `tatoeba` have in common.
    /// - Parameter validation: names of the data sets that choose layers and are no results of the command.
    func evaluate(
        _ schema: ResultSchema, validation: Set<String> = [],
        _ body: (EvaluationRun, [StoredCheckpoint]) throws -> Void
    ) throws {
        let observer = TerminalObserver(quiet: output.quiet)
        if let file = part.results {
            return try ShardedEvaluation(schema: schema, file: file).run(self, observer, body)
        }
        let run = try EvaluationRun(folder: store.store, schema: schema, settings: settings, observer: observer)
        StopRequest.install()
        try run.perform { try body(run, $0) }
        // The table has no column for the intervals of other means than the headline's.
        let wanted = output.json || csv != nil ? schema.measures : Array(schema.measures.prefix(1))
        let records = run.records.filter { !validation.contains($0.dataset) }
        try ResultReport(
            schema: schema, records: records, intervals: run.intervals(of: records, wanted),
            selected: run.selectedScores(records, validation: run.records.filter { validation.contains($0.dataset) })
        ).write(run, self, observer)
    }
}

extension LayerChoice: ExpressibleByArgument {
    public static var allValueStrings: [String] { ["all", "0,6,12", "4-8", "0-8:mean"] }
}

extension SelectionBasis: ExpressibleByArgument {}
