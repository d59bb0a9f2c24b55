import ArgumentParser

/// `--dataset` and `--pairs` of the commands that take dictionaries.
struct DictionaryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Name of the data set in results; the folder's name when left out.", valueName: "name"))
    var dataset: String?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Only these pairs, as the files are named (en-fi).", valueName: "pair"))
    var pairs: [String] = []

    /// What can be wrong with `--dictionaries`, and with `--dataset` beside it.
    /// - Throws: `ValidationError`.
    func check(_ dictionaries: [String]) throws {
        if dictionaries.isEmpty { throw ValidationError("--dictionaries needs a folder or a file") }
        if dataset != nil, dictionaries.count > 1 {
            throw ValidationError("--dataset names one folder; give the folders one by one")
        }
    }
}
