import ArgumentParser

/// `--preset`: a recipe by name. It stands for options, put before all others of the command line, so that one given
/// beside it wins.
enum TrainingPreset: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// §4 of the paper; the best of its grid for mBERT in full (Table 4).
    case paper
    /// The best recipe found here for a multilingual transformer that knows its languages already: docs/results.md,
    /// condition e5-ad.
    case lexical

    var options: [String] {
        switch self {
        case .paper:
            [
                "--method", "full", "--input", "word", "--loss", "ntxent", "--temperature", "0.07", "--sampling",
                "smoothed",
                "--alpha", "0.5", "--learning-rate", "1e-6", "--batch-size", "64", "--epochs", "15",
            ]
        case .lexical:
            ["--method", "adapter", "--learning-rate", "1e-4", "--batch-size", "32", "--max-steps", "350"]
        }
    }

    /// A command line of 'train' with the options its preset stands for, right after the subcommand. A name that is no
    /// preset's is left for the parser to refuse.
    /// - Parameter arguments: without the program's name.
    static func expanded(_ arguments: [String]) -> [String] {
        guard arguments.first == "specialize" else { return arguments }
        // The last one, as with every option that is given twice.
        let names = arguments.indices.compactMap { index -> String? in
            let argument = arguments[index]
            if argument.hasPrefix("--preset=") { return String(argument.dropFirst("--preset=".count)) }
            return argument == "--preset" && index + 1 < arguments.count ? arguments[index + 1] : nil
        }
        guard let preset = names.last.flatMap(TrainingPreset.init) else { return arguments }
        return ["specialize"] + preset.options + arguments.dropFirst()
    }
}
