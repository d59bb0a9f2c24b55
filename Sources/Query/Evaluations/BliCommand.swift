import ArgumentParser
import Console
import Lookup

/// `query bli`
struct BliCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bli",
        abstract: "Bilingual lexicon induction: exact ranks of gold translations, MRR, precision, coverage.",
        discussion: """
            Every dictionary in the folders whose two languages are stored is scored at every stored layer. A row \
            whose two words are in the vocabularies (as written, else lower-cased) is a query; its gold's rank is \
            found among the whole target vocabulary. Results are kept in the store and not computed again when nothing \
            has changed.

            Example: query bli --dictionaries dictionaries --checkpoint mbert
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Dictionaries: folders of <source>-<target>.test.tsv files or of MUSE's, or files; en-fi=FILE names the "
                + "pair.",
            valueName: "path"), completion: .file())
    var dictionaries: [String]

    @Flag(help: "Stop at the first row that is not two words instead of leaving it out.")
    var strict = false

    @Option(help: ArgumentHelp("Name of the data set in results; the folder's name when left out.", valueName: "name"))
    var dataset: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these pairs, as the files are named (en-fi).", valueName: "pair"))
    var pairs: [String] = []

    @Option(help: "cosine, or csls: less for words that are near to everything.")
    var scoring: InductionScoringChoice = .cosine

    @Flag(help: "Subtract each language's mean vector, over its stored vocabulary, before vectors are compared.")
    var center = false

    @OptionGroup var options: EvaluationOptions

    func validate() throws {
        if dictionaries.isEmpty { throw ValidationError("--dictionaries needs a folder or a file") }
        if dataset != nil, dictionaries.count > 1 {
            throw ValidationError("--dataset names one folder; give the folders one by one")
        }
    }

    func run() throws {
        let entries = try EvaluationDictionary.read(
            dictionaries, dataset: dataset, pairs: pairs, isStrict: strict)
        let scoring = InductionScoring(scaled: scoring == .csls, centred: center)
        try options.evaluate(.bli) { run, checkpoints in
            try LexiconInductionTask(run: run, checkpoints: checkpoints, dictionaries: entries, scoring: scoring)
                .perform()
        }
    }
}

/// `--scoring` of `query bli`
enum InductionScoringChoice: String, ExpressibleByArgument, CaseIterable, Sendable { case cosine, csls }
