import ArgumentParser
import Console
import Lookup
import Store

/// `query explain`
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "Why a gold translation stands where it stands: at every layer, under every checkpoint.",
        discussion: """
            Shows rank and score of the gold as `query bli` ranks it, the words before it, the words nearest in the \
            query's own language, the pieces of both words, how frequent they are, and whether they were in the \
            constraints the checkpoint was trained with, as its training.json has it. Of the gold and the words before \
            it also how many words of the query's language have them among their nearest, as `query hubs` counts it: \
            a word before the gold that very many have is a hub.

            Example: query explain dog --to fi --gold koira
            """)

    @Argument(help: ArgumentHelp("The query.", valueName: "word"))
    var word: String

    @Option(
        help: ArgumentHelp("Language of the gold, as its vocabulary is stored.", valueName: "language"),
        completion: .storedLanguages)
    var to: String

    @Option(help: ArgumentHelp("The translation whose rank is explained.", valueName: "word"))
    var gold: String

    @Option(
        help: ArgumentHelp(
            "Language of the word; when left out, the stored vocabulary where it is most frequent.",
            valueName: "language"), completion: .storedLanguages)
    var from: String?

    @OptionGroup var stored: CheckpointOptions

    @Option(
        help: ArgumentHelp(
            "Layers: all that are stored, numbers and ranges, or the mean of layers (0-8:mean).", valueName: "layers"))
    var layers: LayerChoice = .all

    @Option(help: ArgumentHelp("How many words are shown before the gold, and near the query.", valueName: "n"))
    var top = 5

    @Option(
        help: ArgumentHelp(
            "Where the table of constraints is now, when it is not where training found it.", valueName: "file"),
        completion: .file())
    var constraints: String?

    @Option(
        help: ArgumentHelp(
            "Hub counts that `query hubs` has not kept: 'count' them now, seconds for all layers, or show 'stored' "
                + "ones alone.", valueName: "count|stored"))
    var hubs: HubCounting = .count

    @OptionGroup var parallelism: ThreadOptions

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...1000).contains(top) else { throw ValidationError("--top must be 1 to 1000, not \(top)") }
        if word.isEmpty { throw ValidationError("an empty word cannot be explained") }
        if gold.isEmpty { throw ValidationError("--gold is empty") }
    }

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        let question = RankExplainer.Question(
            word: word, gold: gold, to: to, from: from, layers: layers, top: top, hubs: hubs,
            threads: parallelism.threads)
        let (explanations, skipped) = try Store.onFreshSnapshot { try explain(question, store) }
        var isFirst = true
        for explanation in explanations {
            let report = ExplanationReport(explanation)
            if output.json {
                try ResultStream.standardOutput.write(report.json)
            } else {
                try ResultStream.standardOutput.write(report: (isFirst ? "" : "\n") + report.text)
                isFirst = false
            }
        }
        for reason in skipped { output.remark("skipped: \(reason)") }
    }

    /// Explanations of one state of the store; of checkpoints nobody named, those without the languages are left out.
    private func explain(
        _ question: RankExplainer.Question, _ store: Store
    ) throws -> (explanations: [RankExplanation], skipped: [String]) {
        let explainer = RankExplainer(question, tables: ConstraintTables(path: constraints))
        var explanations: [RankExplanation] = []
        var left: [LookupError] = []
        for checkpoint in try CheckpointChoice.several(stored.checkpoint, in: store) {
            do {
                explanations.append(try explainer.explain(checkpoint))
            } catch let error as LookupError where stored.checkpoint.isEmpty {
                left.append(error)
            }
        }
        if explanations.isEmpty, let error = left.first { throw error }
        return (explanations, left.map(\.description))
    }
}

extension HubCounting: ExpressibleByArgument {}
