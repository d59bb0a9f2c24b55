import ArgumentParser
import Console
import Encoder
import Files

/// The options of every training, whatever it learns from: steps, rates but the peak, validation, saving.
struct TrainingOptions: ParsableArguments, Sendable {
    @Option(help: ArgumentHelp("AdamW's decoupled weight decay; biases and layer norms are spared.", valueName: "x"))
    var weightDecay = 0.0

    @Option(help: ArgumentHelp("Passes over the training data.", valueName: "n"))
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

    @Option(help: ArgumentHelp("Tokens of a sequence at most; the checkpoint's limit when left out.", valueName: "n"))
    var maximumLength: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Validation dictionaries; of constraints their words are left out.", valueName: "en-it=file"))
    var validation: [String] = []

    @Flag(help: "Stop at the first row of a dictionary that is not two words.")
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
        try Self.require(weightDecay >= 0 && weightDecay.isFinite, "--weight-decay", "zero or positive", weightDecay)
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

    static func require<T>(_ holds: Bool, _ option: String, _ expected: String, _ found: T) throws {
        guard holds else { throw ValidationError("\(option) must be \(expected), not \(found)") }
    }
}

/// What a run was asked for, whatever it learns from.
@dynamicMemberLookup
struct TrainingSettings: Sendable {
    let options: TrainingOptions
    /// Folder of the checkpoint that is trained.
    let model: String
    let method: TrainingMethod
    /// At its peak.
    let learningRate: Double
    /// Examples of a batch.
    let batchSize: Int
    let seed: UInt64
    /// Tokens of a sequence at most: what was asked for, or the checkpoint's limit.
    let maximumLength: Int

    /// - Parameter shortest: tokens that a sequence cannot do without.
    /// - Throws: `SpecializeError.badOption` for a length the checkpoint has no positions for.
    init(
        _ options: TrainingOptions, _ checkpoint: Checkpoint, model: String, method: TrainingMethod,
        learningRate: Double, batchSize: Int, seed: UInt64, shortest: Int
    ) throws {
        let limit = checkpoint.configuration.maximumLength
        if let length = options.maximumLength, !(shortest...max(limit, shortest)).contains(length) {
            throw SpecializeError.badOption(
                option: "--maximum-length", expected: "\(shortest) to \(limit), what the checkpoint has positions for",
                found: "\(length)")
        }
        self.options = options
        self.model = model
        self.method = method
        self.learningRate = learningRate
        self.batchSize = batchSize
        self.seed = seed
        maximumLength = min(options.maximumLength ?? limit, limit)
    }

    subscript<Value>(dynamicMember option: KeyPath<TrainingOptions, Value>) -> Value { options[keyPath: option] }

    /// Does not change the result.
    var threads: Int { options.parallelism.threads }

    /// What decides the steps; names as on the command line, in a fixed order.
    var stepMembers: [(name: String, value: JSONValue)] {
        [
            ("learning_rate", .number(learningRate)), ("weight_decay", .number(options.weightDecay)),
            ("batch_size", .integer(batchSize)), ("epochs", .integer(options.epochs)),
            ("max_steps", options.maxSteps.map { .integer($0) } ?? .null),
            ("gradient_accumulation", .integer(options.gradientAccumulation)),
            ("clip_norm", options.clipNorm.map { .number($0) } ?? .null),
            ("dropout", options.dropout.map { .number($0) } ?? .null),
            ("piece_dropout", .number(options.pieceDropout)), ("warmup", .number(options.warmup)),
            ("schedule", .text(options.schedule.rawValue)),
        ]
    }

    /// The seed, the longest sequence and what validation is about.
    var furtherMembers: [(name: String, value: JSONValue)] {
        let validates = !options.validation.isEmpty
        return [
            ("seed", .text(String(seed))), ("maximum_length", .integer(maximumLength)),
            ("validation_top", validates ? .integer(options.validationTop) : .null),
            ("validate_every", validates ? .text(options.validateEvery.text) : .null),
            ("patience", options.patience.map { .integer($0) } ?? .null),
        ]
    }
}
