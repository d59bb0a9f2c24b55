import ArgumentParser
import Console
import Diagnostics
import Encoder
import Lookup
import Store

/// `train distill`
struct DistillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "distill",
        abstract: "Trains a small checkpoint to give texts the vectors that a large one gave them.",
        discussion: """
            The teacher's vectors are read from a store: build it first, with the words and sentences that the \
            student shall learn. A student narrower than its teacher learns the vectors' principal directions. What \
            is written, stopping and going on are as with 'train specialize'; docs/specialize.md describes the method.

            Example: train distill --teacher e5 --store indexes --model small --out taught --learning-rate 1e-3 \
            --schedule linear --warmup 0.05
            """)

    @Option(
        help: ArgumentHelp("Checkpoint that is trained, the student: a Hugging Face folder.", valueName: "folder"),
        completion: .directory)
    var model: String

    @Option(help: ArgumentHelp("Folder to write.", valueName: "folder"), completion: .directory)
    var out: String

    @OptionGroup var stored: StoreOptions

    @Option(
        help: ArgumentHelp("Checkpoint of the store to learn from; needed with several in it.", valueName: "name"))
    var teacher: String?

    @Option(help: ArgumentHelp("Layer of the teacher; its highest stored one when left out.", valueName: "n"))
    var layer: Int?

    @Option(
        parsing: .upToNextOption,
        help: ArgumentHelp(
            "Collections to learn: words/fi, sentences/fra-eng/fra, words or sentences for all of these; all when "
                + "left out.", valueName: "name"))
    var collections: [String] = []

    @Flag(help: "Subtract each collection's mean vector from the teacher's vectors.")
    var center = false

    @Option(help: "What is made small: cosine (1 − cos), or mse (the mean squared difference).")
    var loss: DistillationObjective = .cosine

    @Option(help: "shuffle, smoothed (collections with q ∝ p^alpha, with replacement), or file (the store's order).")
    var sampling: SamplingMethod = .shuffle

    @Option(help: ArgumentHelp("Exponent of --sampling smoothed.", valueName: "x"))
    var alpha = 0.5

    @Option(help: ArgumentHelp("Learning rate, at its peak.", valueName: "x"))
    var learningRate = 1e-4

    @Option(help: ArgumentHelp("Texts of a batch.", valueName: "n"))
    var batchSize = 256

    @Option(help: ArgumentHelp("Seed of sampling and dropout.", valueName: "n"))
    var seed: UInt64 = 0

    @OptionGroup(title: "Training") var training: TrainingOptions

    @Flag(help: "Go on with the run in --out.")
    var resume = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        try TrainingOptions.require(
            learningRate > 0 && learningRate.isFinite, "--learning-rate", "positive", learningRate)
        try TrainingOptions.require(batchSize > 0, "--batch-size", "positive", batchSize)
        try TrainingOptions.require(layer ?? 0 >= 0, "--layer", "0 or more", layer ?? 0)
        try TrainingOptions.require(alpha.isFinite && alpha >= 0, "--alpha", "zero or positive", alpha)
    }

    func run() throws {
        StopRequest.install()
        let started = monotonicSeconds()
        try RunFolder(out).requireUsable(resume: resume)
        let checkpoint = try Checkpoint(folder: model)
        let settings = DistillSettings(
            training: try TrainingSettings(
                training, checkpoint, model: model, method: .full, learningRate: learningRate, batchSize: batchSize,
                seed: seed, shortest: 3),
            objective: loss, centers: center, sampling: sampling, alpha: alpha)
        let store = try Store.open(stored.store, mode: .read)
        let vectors = try TeacherVectors(
            CheckpointChoice.one(teacher, in: store, results: false), layer: layer, names: collections,
            centers: center, student: model, dimension: checkpoint.configuration.hiddenSize)
        let inputs = try DistillInputs(settings, checkpoint: checkpoint, vectors: vectors)
        output.remark(Self.opening(settings, inputs))
        try TrainingRun.complete(
            DistillTask(settings, inputs: inputs), resume: resume, out: out, output: output, since: started)
    }

    /// The line before training starts.
    private static func opening(_ settings: DistillSettings, _ inputs: DistillInputs) -> String {
        let texts = inputs.texts, vectors = texts.vectors, counts = texts.counts
        var text =
            "\(Quantity.counted(texts.count, "text")) of \(Quantity.counted(vectors.collections.count, "collection")), "
            + "\(vectors.teacher.name) at layer \(vectors.layer)"
        if counts.kept < counts.read { text += "; left out: \(counts.leftOut)" }
        if !vectors.leftOut.isEmpty {
            text +=
                "; not learnt: "
                + vectors.leftOut.map { "\($0.collection) (\($0.reason))" }.joined(separator: ", ")
        }
        if let share = vectors.keptShare {
            text +=
                "; \(vectors.originalDimension) values a vector reduced to \(vectors.dimension), which keep "
                + "\(Quantity.fixed(share * 100, places: 1)) % of the squared length"
        }
        if counts.truncatedSequences > 0 {
            text +=
                "; \(Quantity.counted(counts.truncatedSequences, "text")) cut to "
                + "\(settings.training.maximumLength) tokens"
        }
        if counts.unknown > 0 {
            text +=
                "; \(Quantity.grouped(counts.unknown)) are nothing but the unknown token: leave out the languages this "
                + "student cannot write"
        }
        return text
    }
}
