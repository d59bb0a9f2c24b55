import ArgumentParser
import Console
import Diagnostics
import Encoder

/// `train specialize`
struct SpecializeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "specialize",
        abstract: "Trains a checkpoint with constraints, by a contrastive loss.",
        discussion: """
            The best checkpoint by validation (the last one without) becomes a Hugging Face folder in --out, beside it \
            training.json, metrics.jsonl and TensorBoard's events. A run that was stopped or killed goes on with \
            --resume and ends with the same bytes. docs/specialize.md describes the method and every option.

            Example: train specialize --model mbert --constraints constraints.tsv --out babelbert \
            --validation en-it=en-it.train.tsv --vocabularies fasttext
            """)

    @OptionGroup(title: "Training") var options: SpecializeOptions

    @Option(help: "A recipe by name: paper, or lexical (adapters, 1e-4, 350 steps of 32). Options beside it win.")
    var preset: TrainingPreset?

    @Option(help: ArgumentHelp("Learning rate, at its peak.", valueName: "x"))
    var learningRate = 1e-6

    @Option(help: ArgumentHelp("Constraints of a batch.", valueName: "n"))
    var batchSize = 64

    @Option(help: ArgumentHelp("Seed of sampling, dropout and adapters.", valueName: "n"))
    var seed: UInt64 = 0

    @Flag(help: "Go on with the run in --out.")
    var resume = false

    @OptionGroup var output: OutputOptions

    func validate() throws {
        try TrainingOptions.require(
            learningRate > 0 && learningRate.isFinite, "--learning-rate", "positive", learningRate)
        try options.requireNegatives(batchSize: batchSize, option: "--batch-size")
        try options.requireWholeGroups(batchSize: batchSize)
    }

    func run() throws {
        StopRequest.install()
        let started = monotonicSeconds()
        try RunFolder(options.out).requireUsable(resume: resume)
        let checkpoint = try Checkpoint(folder: options.model)
        let settings = try SpecializeSettings(
            options, checkpoint, learningRate: learningRate, batchSize: batchSize, seed: seed)
        let inputs = try SpecializeInputs(settings, checkpoint: checkpoint)
        output.remark(SpecializeReport.opening(settings, inputs))
        try TrainingRun.complete(
            SpecializeTask(settings, inputs: inputs), resume: resume, out: options.out, output: output, since: started)
    }
}
