import ArgumentParser
import Encoder
import Files

/// The options 'train specialize' and 'train search' share.
struct SpecializeOptions: ParsableArguments, Sendable {
    /// `--method`
    enum Method: String, ExpressibleByArgument, CaseIterable, Sendable { case full, adapter }

    @Option(
        help: ArgumentHelp("Checkpoint to specialise: a Hugging Face folder.", valueName: "folder"),
        completion: .directory)
    var model: String

    @Option(help: ArgumentHelp("Table of constraints, .tsv or .csv, also .gz.", valueName: "file"), completion: .file())
    var constraints: String

    @Option(help: ArgumentHelp("Folder to write.", valueName: "folder"), completion: .directory)
    var out: String

    @Option(help: "What is trained: full (everything, embeddings too), or adapter (Pfeiffer; the base is frozen).")
    var method: Method = .full

    @Option(help: ArgumentHelp("Adapter width: hidden size divided by this.", valueName: "n"))
    var adapterReduction = 16

    @Option(help: "What stands for a word: word, or word-gloss (the word followed by its gloss).")
    var input: TrainingInput = .word

    @Option(help: "Contrastive loss: ntxent (the paper's), or supcon.")
    var loss: ContrastiveObjective = .ntxent

    @Option(help: ArgumentHelp("Similarities are cosine divided by this.", valueName: "tau"))
    var temperature = 0.07

    @Option(help: "smoothed (language pairs with q ∝ p^alpha, with replacement), shuffle, or file (its order).")
    var sampling: SamplingMethod = .smoothed

    @Option(help: ArgumentHelp("Exponent of --sampling smoothed.", valueName: "x"))
    var alpha = 0.5

    @Option(
        help: ArgumentHelp(
            "With --sampling smoothed: constraints of one synset that stand together in a batch; a divisor of the "
                + "batch size.",
            valueName: "n"))
    var pairsPerSynset = 1

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Test sets whose words are left out: dictionaries, similarity pairs, folders, en-it=FILE.",
            valueName: "path"), completion: .file())
    var exclude: [String] = []

    @OptionGroup var training: TrainingOptions

    func validate() throws {
        try TrainingOptions.require(temperature > 0 && temperature.isFinite, "--temperature", "positive", temperature)
        try TrainingOptions.require(adapterReduction > 0, "--adapter-reduction", "positive", adapterReduction)
        try TrainingOptions.require(alpha.isFinite && alpha >= 0, "--alpha", "zero or positive", alpha)
        try TrainingOptions.require(
            (1...1024).contains(pairsPerSynset), "--pairs-per-synset", "1 to 1024", pairsPerSynset)
        if pairsPerSynset > 1 && sampling != .smoothed {
            throw ValidationError("--pairs-per-synset is for --sampling smoothed, not \(sampling.rawValue)")
        }
    }

    /// Constraints of one synset, and a single constraint, are no negatives of each other: nothing would be learnt from
    /// such batches.
    func requireNegatives(batchSize: Int, option: String) throws {
        guard batchSize > 1 else {
            throw ValidationError(
                "\(option) must be at least 2, not \(batchSize): the loss needs words of another synset in the same "
                    + "batch"
            )
        }
        guard batchSize > pairsPerSynset else {
            throw ValidationError(
                "\(option) must be larger than --pairs-per-synset, not \(batchSize): the loss needs words of another "
                    + "synset in the same batch"
            )
        }
    }

    func requireWholeGroups(batchSize: Int) throws {
        guard batchSize % pairsPerSynset == 0 else {
            throw ValidationError(
                "--batch-size must be a multiple of --pairs-per-synset, so that a synset's constraints share a batch; "
                    + "\(batchSize) is none of \(pairsPerSynset)")
        }
    }
}

/// Everything a specialisation was asked for: the options, and what each cell of a search has of its own.
///
/// What can change a run's result has a name and a value in `members`; a resumed run must have the same.
@dynamicMemberLookup
struct SpecializeSettings: Sendable {
    let options: SpecializeOptions
    let training: TrainingSettings

    /// - Throws: `SpecializeError.badOption` for a length the checkpoint has no positions for.
    init(
        _ options: SpecializeOptions, _ checkpoint: Checkpoint, learningRate: Double, batchSize: Int, seed: UInt64
    ) throws {
        self.options = options
        training = try TrainingSettings(
            options.training, checkpoint, model: options.model,
            method: options.method == .adapter
                ? .adapter(reduction: options.adapterReduction, seed: seed) : .full,
            learningRate: learningRate, batchSize: batchSize, seed: seed,
            shortest: options.input == .word ? 3 : 6)
    }

    subscript<Value>(dynamicMember option: KeyPath<SpecializeOptions, Value>) -> Value { options[keyPath: option] }

    /// Names as on the command line, in a fixed order. Paths are not among them: contents are compared by fingerprint.
    var members: [(name: String, value: JSONValue)] {
        let isAdapter = options.method == .adapter
        return [
            ("method", .text(options.method.rawValue)),
            ("adapter_reduction", isAdapter ? .integer(options.adapterReduction) : .null),
            ("input", .text(options.input.rawValue)), ("loss", .text(options.loss.rawValue)),
            ("temperature", .number(options.temperature)),
        ] + training.stepMembers + [
            ("sampling", .text(options.sampling.rawValue)), ("alpha", .number(options.alpha)),
            ("pairs_per_synset", .integer(options.pairsPerSynset)),
        ] + training.furtherMembers
    }
}
