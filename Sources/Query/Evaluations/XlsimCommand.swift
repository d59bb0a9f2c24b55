import ArgumentParser
import Console
import Lexicon
import Lookup

/// `query xlsim`
struct XlsimCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xlsim",
        abstract: "Cross-lingual word similarity: Spearman's ρ between cosines and people's judgements.",
        discussion: """
            Every MultiSimLex file in the folder (<L1>-<L2>.csv) is scored at every stored layer. Words are read from \
            the store where it has them; the others, expressions of several words above all, are encoded with the \
            checkpoint's folder, each once. Results are kept in the store and not computed again when nothing has \
            changed.

            Example: query xlsim --pairs multisimlex --checkpoint mbert
            """)

    @Option(
        name: .customLong("pairs"),
        help: ArgumentHelp(
            "Folder of MultiSimLex pairs: CSV files with the header ID,<L1>,<L2>,PoS,score.", valueName: "folder"),
        completion: .directory)
    var folder: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these pairs, as the files are named (ENG-FIN).", valueName: "pair"))
    var only: [String] = []

    @Option(help: ArgumentHelp("Name of the data set in results; the folder's name when left out.", valueName: "name"))
    var dataset: String?

    @OptionGroup var options: EvaluationOptions

    func run() throws {
        var pairs: [SimilarityPairs] = []
        var names: [String] = []
        for path in try SimilarityReader.list(folder) {
            let read = try SimilarityReader.read(path: path)
            names.append(read.name)
            if only.isEmpty || only.contains(read.name) { pairs.append(read) }
        }
        if let missing = only.first(where: { name in !names.contains(name) }) {
            throw LookupError.unknownPair(folder: folder, name: missing, known: names)
        }
        try options.evaluate(.xlsim) { run, checkpoints in
            let dataset = dataset ?? DatasetName.of(folder)
            try WordSimilarityTask(run: run, checkpoints: checkpoints, dataset: dataset, files: pairs).perform()
        }
    }
}
