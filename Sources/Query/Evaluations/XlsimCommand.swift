import ArgumentParser
import Console
import Files
import Lexicon
import Lookup

/// `query xlsim`
struct XlsimCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "xlsim",
        abstract: "Cross-lingual word similarity: Spearman's ρ between cosines and people's judgements.",
        discussion: """
            Every MultiSimLex file in the folder (<L1>-<L2>.csv), or the one given, is scored at every stored layer. \
            Words are read from the store where it has them; the others, expressions of several words above all, are \
            encoded with the checkpoint's folder, each once. Results are kept in the store and not computed again when \
            nothing has changed.

            Example: query xlsim --pairs multisimlex --checkpoint mbert
            """)

    @Option(
        name: .customLong("pairs"),
        help: ArgumentHelp(
            "MultiSimLex pairs: a CSV file with the header ID,<L1>,<L2>,PoS,score, or a folder of these.",
            valueName: "path"), completion: .file())
    var path: String

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these pairs, as the files are named (ENG-FIN).", valueName: "pair"))
    var only: [String] = []

    @Option(help: ArgumentHelp("Name of the data set in results; the folder's name when left out.", valueName: "name"))
    var dataset: String?

    @OptionGroup var options: EvaluationOptions

    func validate() throws {
        if options.selectOn == .validation || options.selectOn == .half {
            throw ValidationError(
                "--select-on \(options.selectOn.rawValue) is for other commands: ρ is no mean over queries, and no "
                    + "judgements are kept for validation; here it is other-pairs")
        }
    }

    func run() throws {
        var pairs: [SimilarityPairs] = []
        var names: [String] = []
        for file in try SimilarityReader.list(path) {
            let read = try SimilarityReader.read(path: file)
            names.append(read.name)
            if only.isEmpty || only.contains(read.name) { pairs.append(read) }
        }
        if let missing = only.first(where: { name in !names.contains(name) }) {
            throw LookupError.unknownPair(folder: path, name: missing, known: names)
        }
        try options.evaluate(.xlsim) { run, checkpoints in
            let folder = FolderListing.isFolder(path) ? path : DurableFolder.parent(of: path)
            let dataset = dataset ?? DatasetName.of(folder)
            try WordSimilarityTask(run: run, checkpoints: checkpoints, dataset: dataset, files: pairs).perform()
        }
    }
}
