import ArgumentParser
import Console
import Lookup
import Store

/// `query compare`
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Whether checkpoints differ by more than chance: paired tests on the ranks `bli` has kept.",
        discussion: """
            Every other checkpoint is compared with the first, per pair of languages and over all of them: difference \
            of MRR over the queries both could rank, its 95 % interval (paired bootstrap over queries), p of the \
            paired randomisation test, Holm's correction over the pairs, wins, ties and losses. Nothing is computed \
            from vectors: run `query bli` first. Only results over the same vocabularies (and --top) and dictionaries \
            are compared, by their fingerprints.

            With --fail-if-worse the exit status is 1 when the overall difference of a data set is below zero and its \
            interval excludes zero.

            Example: query compare mbert mbert-tonight --fail-if-worse
            """)

    @Argument(
        help: ArgumentHelp(
            "Names of stored checkpoints, at least two; the first is what the others are compared with.",
            valueName: "checkpoint"), completion: .storedCheckpoints)
    var checkpoints: [String]

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these data sets, as the leaderboard names them.", valueName: "name"))
    var datasets: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these pairs of languages (en-fi).", valueName: "pair"))
    var pairs: [String] = []

    @Option(
        help: ArgumentHelp(
            "Layer number, mean of layers (0-8:mean), or 'best': each checkpoint's best layer on the pairs compared.",
            valueName: "layer"))
    var layer: ComparedLayer = .best

    @Flag(help: "Exit status 1 when a checkpoint is worse than the first by more than chance.")
    var failIfWorse = false

    @Option(help: ArgumentHelp("Seed of the random draws: the same seed gives the same numbers.", valueName: "n"))
    var seed: UInt64 = 1

    @OptionGroup var parallelism: ThreadOptions

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard checkpoints.count >= 2 else {
            throw ValidationError("a comparison needs two checkpoints at least: query compare A B")
        }
        for (place, name) in checkpoints.enumerated() where checkpoints[..<place].contains(name) {
            throw ValidationError("'\(name)' is named twice; a checkpoint is compared with another one")
        }
    }

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        let settings = CheckpointComparisonTask.Settings(
            checkpoints: checkpoints, datasets: datasets, pairs: pairs, layer: layer, seed: seed,
            threads: parallelism.threads)
        let outcome = try CheckpointComparisonTask.perform(store, settings)
        let report = ComparisonReport(outcome.comparisons, seed: seed)
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.table.jsonLines) : stream.write(report: report.text)
        for remark in outcome.remarks + outcome.selection.omissions { output.remark(remark) }
        if layer == .best {
            output.remark(
                "each checkpoint's layer is its best on the very pairs compared, which flatters both; --layer N "
                    + "compares them at one layer")
        }
        guard failIfWorse else { return }
        // Silence would pass for "not worse".
        for comparison in outcome.comparisons where comparison.overall?.comparison.interval == nil {
            MessageStream.standardError.say(
                "query: warning: \(comparison.dataset): too few queries are ranked by both "
                    + "\(comparison.first.checkpoint) and \(comparison.second.checkpoint) for an interval, so "
                    + "--fail-if-worse says nothing about them")
        }
        let worse = outcome.comparisons.filter(\.isWorse)
        guard worse.isEmpty else { throw QueryError.worse(comparisons: worse.map(ComparisonReport.sentence)) }
    }
}

extension ComparedLayer: ExpressibleByArgument {
    public var defaultValueDescription: String { if case .named(let name) = self { name } else { "best" } }
}
