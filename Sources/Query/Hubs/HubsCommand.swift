import ArgumentParser
import Console
import Evaluation
import Lookup
import Store

/// `query hubs`
struct HubsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "hubs",
        abstract: "Hubs: words that are near to everything, by name, and how uneven neighbourhoods are.",
        discussion: """
            Each of the --top-words most frequent words of one vocabulary asks for its --k nearest of as many of the \
            other. A hub is a word that many of them find, an anti-hub one that none finds; skewness is that of the \
            counts (Radovanović et al. 2010). Counts are kept in the store, where `query explain` and `query report` \
            find them.

            Example: query hubs --from en --to fi --checkpoint mbert
            """)

    @Option(
        help: ArgumentHelp("Languages of the words that ask: en, or en,de; also repeated.", valueName: "language"),
        completion: .storedLanguages)
    var from: [String]

    @Option(
        help: ArgumentHelp(
            "Languages of the words that are found: fi, or fi,de; also repeated.", valueName: "language"),
        completion: .storedLanguages)
    var to: [String]

    @Option(help: ArgumentHelp("Neighbours counted of each word that asks.", valueName: "n"))
    var k = Hubness.neighbours

    @Option(help: ArgumentHelp("How many hubs are named.", valueName: "n"))
    var top = 20

    @Option(
        help: ArgumentHelp(
            "Only the n most frequent words of each side; rare words are often hubs, and twice as many take four times "
                + "as long.",
            valueName: "n"))
    var topWords = HubnessScope.words

    @Option(
        help: ArgumentHelp(
            "Layers: 'best' (of the pair, known from stored evaluations, else the last), all that are stored, numbers "
                + "and ranges, or the mean of layers (0-8:mean).",
            valueName: "layers"))
    var layers: HubnessLayers = .best

    @Option(help: "cosine, or csls: what CSLS makes of them, beside the cosine.")
    var scoring: InductionScoringChoice = .cosine

    @OptionGroup var stored: CheckpointOptions

    @Flag(help: "Compute again what the store holds results for.")
    var recompute = false

    @OptionGroup var parallelism: ThreadOptions

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(k) else { throw ValidationError("--k must be 1 to 1000, not \(k)") }
        guard (1...10_000).contains(top) else { throw ValidationError("--top must be 1 to 10000, not \(top)") }
        guard (1...100_000_000).contains(topWords) else {
            throw ValidationError("--top-words must be 1 to 100000000, not \(topWords)")
        }
        for (option, languages) in [("--from", from), ("--to", to)] where Self.split(languages).contains("") {
            throw ValidationError("\(option): a language's code is empty")
        }
    }

    /// Each once, in the order given.
    private static func split(_ languages: [String]) -> [String] {
        languages.flatMap { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) }
            .reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
    }

    func run() throws {
        let observer = TerminalObserver(quiet: output.quiet)
        let run = try EvaluationRun(
            folder: store.store, schema: .hubs,
            settings: .init(checkpoints: stored.checkpoint, recompute: recompute, threads: parallelism.threads),
            observer: observer)
        StopRequest.install()
        var listings: [HubnessTask.Listing] = []
        try run.perform(results: layers == .best) { checkpoints in
            let task = HubnessTask(
                run: run, checkpoints: checkpoints, from: Self.split(from), to: Self.split(to), layers: layers,
                scope: .init(k: k, words: topWords, isScaled: scoring == .csls))
            try task.perform()
            listings = try task.listings(top)
        }
        run.tellSkipped(observer)
        guard !listings.isEmpty else { throw QueryError.nothingToEvaluate(task: "hubs", reasons: run.skipped) }
        let report = HubsReport(listings)
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.jsonLines) : stream.write(report: report.text)
        run.tellWhatWasKept(observer)
    }
}

extension HubnessLayers: ExpressibleByArgument {
    public static var allValueStrings: [String] { ["best"] + LayerChoice.allValueStrings }
}
