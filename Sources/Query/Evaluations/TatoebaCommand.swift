import ArgumentParser
import Console
import Evaluation
import Lookup

/// `query tatoeba`
struct TatoebaCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tatoeba",
        abstract: "Sentence retrieval: accuracy and F1 of the nearest neighbour, both directions.",
        discussion: """
            Every stored set of parallel sentences is scored at every layer stored for both sides. `accuracy` asks \
            with English sentences among those of the other language (the paper's direction), `accuracy_reverse` the \
            other way. In a set without English the second language asks. F1, precision and recall are MTEB's, whose \
            main score is `f1_reverse`.

            Example: query tatoeba --checkpoint mbert --layers 8
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these pairs, as the sets are named (fra-eng).", valueName: "pair"))
    var pairs: [String] = []

    @Option(help: "cosine, or margin: over the mean cosine with the four nearest neighbours of either side.")
    var scoring: RetrievalScoring = .cosine

    @OptionGroup var options: EvaluationOptions

    func validate() throws {
        if options.selectOn == .validation {
            throw ValidationError("--select-on validation is for `query bli`; here it is other-pairs or half")
        }
    }

    func run() throws {
        try options.evaluate(.tatoeba) { run, checkpoints in
            try SentenceRetrievalTask(run: run, checkpoints: checkpoints, only: pairs, scoring: scoring).perform()
        }
    }
}

/// `--scoring` of `query tatoeba`
extension RetrievalScoring: ExpressibleByArgument {}
