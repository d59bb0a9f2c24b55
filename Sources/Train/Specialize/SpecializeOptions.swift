import ArgumentParser
import Console
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

    @Option(help: ArgumentHelp("AdamW's decoupled weight decay; biases and layer norms are spared.", valueName: "x"))
    var weightDecay = 0.0

    @Option(help: ArgumentHelp("Passes over the constraints.", valueName: "n"))
    var epochs = 15

    @Option(help: ArgumentHelp("Optimiser steps at most.", valueName: "n"))
    var maxSteps: Int?

    @Option(help: ArgumentHelp("Batches whose gradients are averaged for one step.", valueName: "n"))
    var gradientAccumulation = 1

    @Option(help: ArgumentHelp("Largest gradient norm; longer gradients are scaled down.", valueName: "x"))
    var clipNorm: Double?

    @Option(help: ArgumentHelp("Probability of every dropout; the checkpoint's own when left out.", valueName: "p"))
    var dropout: Double?

    @Option(
        help: ArgumentHelp(
            "Subword regularisation: probability of a piece (WordPiece) or a merge (BPE) to be dropped, or of a "
                + "word's cut to be sampled (Unigram), whenever a word is cut for a batch.",
            valueName: "p"))
    var pieceDropout = 0.0

    @Option(help: ArgumentHelp("Warm-up: steps, or below 1 a fraction of all steps.", valueName: "n"))
    var warmup = 0.0

    @Option(help: "Learning rate after the warm-up: constant, linear or cosine (down to 0).")
    var schedule: LearningRateSchedule.Shape = .constant

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

    @Option(help: ArgumentHelp("Tokens of a sequence at most; the checkpoint's limit when left out.", valueName: "n"))
    var maximumLength: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Test sets whose words are left out: dictionaries, similarity pairs, folders, en-it=FILE.",
            valueName: "path"), completion: .file())
    var exclude: [String] = []

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp("Validation dictionaries; their words are left out too.", valueName: "en-it=file"))
    var validation: [String] = []

    @Flag(help: "Stop at the first row of --exclude and --validation dictionaries that is not two words.")
    var strict = false

    @Option(
        help: ArgumentHelp("Vocabularies of the validation languages.", valueName: "folder"), completion: .directory)
    var vocabularies: String?

    @Option(help: ArgumentHelp("Words of each vocabulary, from the most frequent.", valueName: "n"))
    var validationTop = 100_000

    @Option(help: ArgumentHelp("Epochs between validations, or <n>steps.", valueName: "x"))
    var validateEvery: StepInterval = .units(0.25)

    @Option(help: ArgumentHelp("End after this many validations in a row without a new best.", valueName: "n"))
    var patience: Int?

    @Option(help: ArgumentHelp("Minutes between saves of the state, or <n>steps.", valueName: "x"))
    var saveEvery: StepInterval = .units(10)

    @OptionGroup var parallelism: ThreadOptions

    func validate() throws {
        try Self.require(temperature > 0 && temperature.isFinite, "--temperature", "positive", temperature)
        try Self.require(weightDecay >= 0 && weightDecay.isFinite, "--weight-decay", "zero or positive", weightDecay)
        try Self.require(adapterReduction > 0, "--adapter-reduction", "positive", adapterReduction)
        try Self.require(epochs > 0, "--epochs", "positive", epochs)
        try Self.require(maxSteps ?? 1 > 0, "--max-steps", "positive", maxSteps ?? 0)
        try Self.require(
            (1...65_536).contains(gradientAccumulation), "--gradient-accumulation", "1 to 65536", gradientAccumulation)
        try Self.require(clipNorm ?? 1 > 0, "--clip-norm", "positive", clipNorm ?? 0)
        try Self.require((0..<1).contains(dropout ?? 0), "--dropout", "at least 0 and below 1", dropout ?? 0)
        try Self.require((0..<1).contains(pieceDropout), "--piece-dropout", "at least 0 and below 1", pieceDropout)
        try Self.require(
            warmup >= 0 && warmup < 1e12 && (warmup < 1 || warmup == warmup.rounded()), "--warmup",
            "a fraction below 1 or a whole number of steps", warmup)
        try Self.require(alpha.isFinite && alpha >= 0, "--alpha", "zero or positive", alpha)
        try Self.require((1...1024).contains(pairsPerSynset), "--pairs-per-synset", "1 to 1024", pairsPerSynset)
        if pairsPerSynset > 1 && sampling != .smoothed {
            throw ValidationError("--pairs-per-synset is for --sampling smoothed, not \(sampling.rawValue)")
        }
        try Self.require(validationTop > 0, "--validation-top", "positive", validationTop)
        try Self.require(patience ?? 1 > 0, "--patience", "positive", patience ?? 0)
        if vocabularies != nil && validation.isEmpty {
            throw ValidationError("--vocabularies is for --validation, which is not given")
        }
        if !validation.isEmpty && vocabularies == nil {
            throw ValidationError("--validation needs --vocabularies, the folder with the candidates' languages")
        }
        if patience != nil && validation.isEmpty { throw ValidationError("--patience needs --validation") }
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

    static func require<T>(_ holds: Bool, _ option: String, _ expected: String, _ found: T) throws {
        guard holds else { throw ValidationError("\(option) must be \(expected), not \(found)") }
    }
}

/// Everything a run was asked for: the options, and what each cell of a search has of its own.
///
/// What can change a run's result has a name and a value in `members`; a resumed run must have the same.
@dynamicMemberLookup
struct SpecializeSettings: Sendable {
    let options: SpecializeOptions
    let learningRate: Double
    let batchSize: Int
    let seed: UInt64
    /// Tokens of a sequence at most: what was asked for, or the checkpoint's limit.
    let maximumLength: Int
    /// Does not change the result.
    let threads: Int

    /// - Throws: `SpecializeError.badOption` for a length the checkpoint has no positions for.
    init(
        _ options: SpecializeOptions, _ checkpoint: Checkpoint, learningRate: Double, batchSize: Int, seed: UInt64
    ) throws {
        let limit = checkpoint.configuration.maximumLength
        let shortest = options.input == .word ? 3 : 6
        if let length = options.maximumLength, !(shortest...max(limit, shortest)).contains(length) {
            throw SpecializeError.badOption(
                option: "--maximum-length", expected: "\(shortest) to \(limit), what the checkpoint has positions for",
                found: "\(length)")
        }
        self.options = options
        self.learningRate = learningRate
        self.batchSize = batchSize
        self.seed = seed
        maximumLength = min(options.maximumLength ?? limit, limit)
        threads = options.parallelism.threads
    }

    subscript<Value>(dynamicMember option: KeyPath<SpecializeOptions, Value>) -> Value { options[keyPath: option] }

    var trainingMethod: TrainingMethod {
        options.method == .adapter ? .adapter(reduction: options.adapterReduction, seed: seed) : .full
    }

    /// Names as on the command line, in a fixed order. Paths are not among them: contents are compared by fingerprint.
    var members: [(name: String, value: JSONValue)] {
        let isAdapter = options.method == .adapter, validates = !options.validation.isEmpty
        return [
            ("method", .text(options.method.rawValue)),
            ("adapter_reduction", isAdapter ? .integer(options.adapterReduction) : .null),
            ("input", .text(options.input.rawValue)), ("loss", .text(options.loss.rawValue)),
            ("temperature", .number(options.temperature)), ("learning_rate", .number(learningRate)),
            ("weight_decay", .number(options.weightDecay)), ("batch_size", .integer(batchSize)),
            ("epochs", .integer(options.epochs)), ("max_steps", options.maxSteps.map { .integer($0) } ?? .null),
            ("gradient_accumulation", .integer(options.gradientAccumulation)),
            ("clip_norm", options.clipNorm.map { .number($0) } ?? .null),
            ("dropout", options.dropout.map { .number($0) } ?? .null),
            ("piece_dropout", .number(options.pieceDropout)), ("warmup", .number(options.warmup)),
            ("schedule", .text(options.schedule.rawValue)), ("sampling", .text(options.sampling.rawValue)),
            ("alpha", .number(options.alpha)), ("pairs_per_synset", .integer(options.pairsPerSynset)),
            ("seed", .text(String(seed))), ("maximum_length", .integer(maximumLength)),
            ("validation_top", validates ? .integer(options.validationTop) : .null),
            ("validate_every", validates ? .text(options.validateEvery.text) : .null),
            ("patience", options.patience.map { .integer($0) } ?? .null),
        ]
    }
}
