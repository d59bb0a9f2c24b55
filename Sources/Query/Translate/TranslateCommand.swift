import ArgumentParser
import Console
import Lookup
import Store

/// `query translate`
struct TranslateCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "translate",
        abstract: "Nearest words of another language.",
        discussion: """
            A word that is stored is answered from the store alone; another one, or an expression of several words in \
            quotes, is encoded with the checkpoint's folder. Candidates spelled like the query are set apart: \
            vocabularies of other languages are full of English words.

            Example: query translate dog --to fi
            """)

    @Argument(help: ArgumentHelp("What to translate; several words are several questions.", valueName: "word"))
    var words: [String]

    @Option(
        help: ArgumentHelp("Language of the answers, as its vocabulary is stored.", valueName: "language"),
        completion: .storedLanguages)
    var to: String

    @Option(
        help: ArgumentHelp(
            "Language of the word; when left out, the stored vocabulary where it is most frequent.",
            valueName: "language"), completion: .storedLanguages)
    var from: String?

    @Option(
        help: ArgumentHelp("Name of a stored checkpoint; needed when there are several.", valueName: "name"),
        completion: .storedCheckpoints)
    var checkpoint: String?

    @Option(
        help: ArgumentHelp(
            "Layer number, or 'best': the best one known from stored evaluations, else the last.", valueName: "layer"))
    var layer: TranslationLayer.Request = .best

    @Option(help: ArgumentHelp("How many answers.", valueName: "n"))
    var top = 10

    @Option(help: "cosine, or csls: less for words that are near to everything.")
    var scoring: TranslationScoring = .cosine

    @Flag(help: "Rank candidates spelled like the query too.")
    var keepIdentical = false

    @Option(help: ArgumentHelp("Threads; all processors when left out.", valueName: "n"))
    var threads: Int?

    @OptionGroup var store: StoreOptions
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard (1...10_000).contains(top) else { throw ValidationError("--top must be 1 to 10000, not \(top)") }
        try ThreadCount.check(threads)
        if words.contains(where: \.isEmpty) { throw ValidationError("an empty word cannot be translated") }
    }

    func run() throws {
        let store = try Store.open(store.store, mode: .read)
        let (translations, failure) = try Translator.answers(to: words) { try makeTranslator(store) }
        for (index, translation) in translations.enumerated() {
            let report = TranslationReport(translation)
            if output.json {
                try ResultStream.standardOutput.write(report.json)
            } else {
                try ResultStream.standardOutput.write((index == 0 ? "" : "\n") + report.table)
            }
        }
        // Answers before the word that failed are answers.
        if let failure { throw failure }
    }
}

extension TranslateCommand {
    private func makeTranslator(_ store: Store) throws -> Translator {
        try Translator(
            checkpoint: CheckpointChoice.one(checkpoint, in: store, results: layer == .best), to: to, from: from,
            layer: layer, scoring: scoring, top: top, keepIdentical: keepIdentical, threads: ThreadCount.of(threads))
    }
}

/// `--layer`
extension TranslationLayer.Request: ExpressibleByArgument {
    public init?(argument: String) {
        if argument == "best" {
            self = .best
        } else if argument.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = Int(argument), number < 1000 {
            self = .number(number)
        } else {
            return nil
        }
    }
}

extension TranslationScoring: ExpressibleByArgument {}
