import ArgumentParser
import Console
import Lexicon

/// `query bli`
struct BliCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bli",
        abstract: "Bilingual lexicon induction: exact ranks of gold translations, MRR, precision, coverage.",
        discussion: """
            Every dictionary in the folders whose two languages are stored is scored at every stored layer. A row whose two \
            words are in the vocabularies (as written, else lower-cased) is a query; its gold's rank is found among the \
            whole target vocabulary. Results are kept in the store and not computed again when nothing has changed.

            Example: query bli --dictionaries dictionaries --checkpoint mbert
            """)

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Folders of <source>-<target>.test.tsv files, two tab-separated columns.", valueName: "folder"))
    var dictionaries: [String]

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
        if dictionaries.isEmpty { throw ValidationError("--dictionaries needs a folder") }
        if dataset != nil, dictionaries.count > 1 {
            throw ValidationError("--dataset names one folder; give the folders one by one")
        }
    }

    func run() throws {
        let run = try EvaluationRun(options, schema: .bli)
        let entries = try DictionarySelection.read(dictionaries, dataset: dataset, pairs: pairs)
        try run.perform { checkpoints in
            try LexiconInductionTask(
                run: run, checkpoints: checkpoints, dictionaries: entries,
                scoring: InductionScoring(scaled: scoring == .csls, centred: center)
            ).perform()
        }
        try run.report()
    }
}

extension InductionScoringChoice: ExpressibleByArgument {}

/// The dictionaries a command line means.
enum DictionarySelection {
    struct Entry {
        let dataset: String
        let dictionary: BilingualDictionary
    }

    static func read(_ folders: [String], dataset: String?, pairs: [String]) throws -> [Entry] {
        var entries: [Entry] = []
        var unseen = Set(pairs)
        var names: [String] = []
        for folder in folders {
            for file in try DictionaryFolder.list(folder) {
                names.append(file.name)
                if !pairs.isEmpty, !pairs.contains(file.name) { continue }
                unseen.remove(file.name)
                entries.append(
                    Entry(dataset: dataset ?? DatasetName.of(folder), dictionary: try DictionaryReader.read(file)))
            }
        }
        // The first of the command line, so that the message does not vary.
        if let missing = pairs.first(where: unseen.contains) {
            throw QueryError.unknownPair(folder: folders.joined(separator: ", "), name: missing, known: names.sorted())
        }
        return entries
    }
}

/// What a data set is called when the user does not say: its folder.
enum DatasetName {
    static func of(_ folder: String) -> String {
        let parts = folder.split(separator: "/").filter { $0 != "." }
        guard let last = parts.last, last != ".." else { return "dataset" }
        return String(last)
    }
}
