import ArgumentParser
import Console
import Evaluation
import Files
import Lookup
import Store

/// `query errors`
struct ErrorsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "errors",
        abstract: "Wrong answers of bilingual lexicon induction, grouped by what goes wrong.",
        discussion: """
            A query whose gold does not stand first is counted by what stands there: another gold of the same word, a \
            word spelled like the query, an inflected form of the gold, a word of another language, a word much more \
            frequent than the gold, or something else. Ranks are those `query bli` has kept; what it has not is \
            computed and kept as there.

            Example: query errors --dictionaries dictionaries --checkpoint mbert
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Dictionaries, as `query bli` takes them: folders, or files; en-fi=FILE names the pair.",
            valueName: "path"), completion: .file())
    var dictionaries: [String]

    @OptionGroup var named: DictionaryOptions

    @OptionGroup var stored: CheckpointOptions

    @Option(
        help: ArgumentHelp(
            "Layer number, mean of layers (0-8:mean), or 'best': each data set's best.", valueName: "layer"))
    var layer: ComparedLayer = .best

    @Option(help: ArgumentHelp("How many examples of each kind are shown.", valueName: "n"))
    var examples = 3

    @Option(
        help: ArgumentHelp("Write every wrong answer to this file, tab-separated.", valueName: "file"),
        completion: .file())
    var out: String?

    @OptionGroup var spreadsheet: SpreadsheetOptions

    @OptionGroup var parallelism: ThreadOptions

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        try named.check(dictionaries)
        guard (0...1000).contains(examples) else {
            throw ValidationError("--examples must be 0 to 1000, not \(examples)")
        }
        if out == "-" { throw ValidationError("--out wants a file: standard output has the table") }
        if spreadsheet.csvRaw, out == nil { throw ValidationError("--csv-raw is about the cells of --out") }
    }

    func run() throws {
        let entries = try EvaluationDictionary.read(dictionaries, dataset: named.dataset, pairs: named.pairs)
        let file = try out.map { try OutputFile(path: $0) }
        let observer = TerminalObserver(quiet: output.quiet)
        let run = try EvaluationRun(
            folder: store.store, schema: .bli,
            settings: .init(checkpoints: stored.checkpoint, layers: layers, threads: parallelism.threads),
            observer: observer)
        StopRequest.install()
        var found: [WrongAnswers] = []
        try run.perform { checkpoints in
            let task = LexiconInductionTask(run: run, checkpoints: checkpoints, dictionaries: entries)
            try task.perform()
            let means = LayerMeans.of(run.records, schema: .bli)
            found = try task.wrongAnswers { record in
                means.contains {
                    $0.checkpoint == record.checkpoint && $0.dataset == record.dataset && $0.best?.holds(record) == true
                }
            }
        }
        run.tellSkipped(observer)
        guard !found.isEmpty else { throw QueryError.nothingToEvaluate(task: "errors", reasons: run.skipped) }
        let report = ErrorReport(found, examples: examples)
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.jsonLines) : stream.write(report: report.text)
        if let file, let out {
            try file.append(report.table(raw: spreadsheet.csvRaw))
            try file.finish()
            output.remark("\(out): \(Quantity.grouped(found.reduce(0) { $0 + $1.answers.count })) wrong answers")
        }
        run.tellWhatWasKept(observer)
    }

    private var layers: LayerChoice {
        if case .named(let name) = layer, let choice = LayerChoice(argument: name) { choice } else { .all }
    }
}
