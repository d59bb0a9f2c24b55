import ArgumentParser
import Console
import Files
import Lexicon

/// `train stats`
struct StatsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stats",
        abstract: "Counts what is in a constraints table.",
        discussion: """
            The table is what 'train mine' writes (TSV) or the babelbert-dataset's CSV, plain or gzip. Shown are \
            constraints per language and language pair, distinct words, synsets and their words, gloss languages, the \
            share of monolingual pairs, and some rows drawn at random. docs/dataset.md says what each number counts.

            Example: train stats constraints.tsv --matrix counts.csv --heat-map counts.svg
            """)

    @Argument(
        help: ArgumentHelp("Table of constraints: TSV or CSV, also gzip.", valueName: "table"), completion: .file())
    var table: String

    @Option(
        help: ArgumentHelp("Write the counts of every two languages as a square of CSV.", valueName: "file"),
        completion: .file())
    var matrix: String?

    @Option(
        help: ArgumentHelp("Draw the counts of every two languages as SVG.", valueName: "file"), completion: .file())
    var heatMap: String?

    @Option(help: ArgumentHelp("Language pairs to show, most frequent first; --json has all.", valueName: "n"))
    var top = 20

    @Option(help: ArgumentHelp("Rows to show, drawn at random.", valueName: "n"))
    var examples = 5

    @Option(help: ArgumentHelp("Seed of the rows to show.", valueName: "n"))
    var seed: UInt64 = 0

    @OptionGroup var output: OutputOptions

    /// Examples are held in memory.
    private static let maximalExamples = 10_000

    func validate() throws {
        guard top >= 0 else { throw ValidationError("--top must not be negative, not \(top)") }
        guard (0...Self.maximalExamples).contains(examples) else {
            throw ValidationError("--examples must be 0 to \(Self.maximalExamples), not \(examples)")
        }
    }

    func run() throws {
        StopRequest.install()
        let started = monotonicSeconds()
        var tally = ConstraintTally()
        var rows = ExampleRows(size: examples, seed: seed)
        let reader = try ConstraintReader(path: table)
        let progress = RowProgress(output: output)
        while let cells = try reader.nextCells() {
            tally.count(cells)
            rows.offer(cells)
            try progress.pass(row: tally.rows)
        }
        let statistics = tally.statistics(languages: reader.languages)
        if let matrix { try write(PairMatrix(statistics).commaSeparated, to: matrix) }
        if let heatMap { try write(picture(statistics), to: heatMap) }
        let report = StatsReport(
            path: table, format: reader.format, statistics: statistics, examples: rows.rows, shownPairs: top,
            elapsedSeconds: monotonicSeconds() - started)
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.json.line + "\n") : stream.write(report: report.text)
    }

    private func picture(_ statistics: ConstraintStatistics) throws -> String {
        try HeatMap(
            matrix: PairMatrix(statistics), title: "Constraints per language pair",
            subtitle: "\(Quantity.counted(statistics.rows, "constraint")), \(statistics.languages.count) languages, "
                + "\(Quantity.grouped(statistics.pairs.count)) language pairs; logarithmic colours"
        ).svg
    }

    private func write(_ text: String, to path: String) throws {
        let file = try OutputFile(path: path)
        try file.append(text)
        try file.finish()
    }
}
