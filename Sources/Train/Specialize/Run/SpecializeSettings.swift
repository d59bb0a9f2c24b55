import Console
import Encoder
import Files

/// Everything a run was asked for. What can change its result has a name and a value in `members`; a resumed run must
/// have the same.
struct SpecializeSettings: Sendable {
    var model: String
    var constraints: String
    var method = "full"
    var adapterReduction = 16
    var input = TrainingInput.word
    var objective = ContrastiveObjective.ntxent
    var temperature = 0.07
    var learningRate = 1e-6
    var weightDecay = 0.0
    var batchSize = 64
    var epochs = 15
    var maxSteps: Int?
    var gradientAccumulation = 1
    var clipNorm: Double?
    /// Probability of every dropout; nil for those of the checkpoint's configuration.
    var dropout: Double?
    /// Probability of every piece but the shortest to be overlooked when a word is cut.
    var pieceDropout = 0.0
    /// Steps (1 and more) or a fraction of all steps (below 1) until the rate reaches its peak.
    var warmup = 0.0
    var schedule = LearningRateSchedule.Shape.constant
    var sampling = SamplingMethod.smoothed
    var alpha = 0.5
    /// Constraints of one synset that stand together in a batch.
    var pairsPerSynset = 1
    var seed: UInt64 = 0
    var maximumLength: Int
    var exclude: [String] = []
    var validation: [String] = []
    var vocabularies: String?
    var validationTop = 100_000
    /// Epochs, or steps, between validations.
    var validateEvery = StepInterval.units(0.25)
    /// Validations in a row without a new best after which training ends; nil for never.
    var patience: Int?
    /// Minutes, or steps, between saves of the state. Does not change the result.
    var saveEvery = StepInterval.units(10)
    /// Does not change the result.
    var threads = 1

    var trainingMethod: TrainingMethod {
        method == "adapter" ? .adapter(reduction: adapterReduction, seed: seed) : .full
    }

    /// Names as on the command line, in a fixed order. Paths are not among them: contents are compared by fingerprint.
    var members: [(name: String, value: JSONValue)] {
        [
            ("method", .text(method)), ("adapter_reduction", method == "adapter" ? .integer(adapterReduction) : .null),
            ("input", .text(input.rawValue)), ("loss", .text(objective.rawValue)), ("temperature", .number(temperature)),
            ("learning_rate", .number(learningRate)), ("weight_decay", .number(weightDecay)),
            ("batch_size", .integer(batchSize)), ("epochs", .integer(epochs)),
            ("max_steps", maxSteps.map { .integer($0) } ?? .null),
            ("gradient_accumulation", .integer(gradientAccumulation)),
            ("clip_norm", clipNorm.map { .number($0) } ?? .null), ("dropout", dropout.map { .number($0) } ?? .null),
            ("piece_dropout", .number(pieceDropout)),
            ("warmup", .number(warmup)), ("schedule", .text(schedule.rawValue)), ("sampling", .text(sampling.rawValue)),
            ("alpha", .number(alpha)), ("pairs_per_synset", .integer(pairsPerSynset)),
            ("seed", .text(String(seed))), ("maximum_length", .integer(maximumLength)),
            ("validation_top", validation.isEmpty ? .null : .integer(validationTop)),
            ("validate_every", validation.isEmpty ? .null : .text(validateEvery.text)),
            ("patience", patience.map { .integer($0) } ?? .null),
        ]
    }
}
