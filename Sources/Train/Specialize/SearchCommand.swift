import ArgumentParser
import Console
import Diagnostics
import Encoder

/// `train search`
struct SearchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "search",
        abstract: "Specialises with every learning rate and batch size of a grid, and shows which is best.",
        discussion: """
            Every cell is a run of 'train specialize' in a folder of its own inside --out. Run again, a search leaves \
            finished cells alone and goes on with an interrupted one. The defaults are the paper's grid.

            Example: train search --model mbert --constraints constraints.tsv --out grid \
            --validation en-it=en-it.train.tsv --vocabularies fasttext --learning-rates 2e-5,5e-6,1e-6 --batch-sizes \
            32,64
            """)

    @OptionGroup(title: "Training") var options: SpecializeOptions

    @Option(help: ArgumentHelp("Learning rates, comma-separated.", valueName: "list"))
    var learningRates: NumberList<Double> = NumberList([2e-5, 5e-6, 1e-6])

    @Option(help: ArgumentHelp("Batch sizes, comma-separated.", valueName: "list"))
    var batchSizes: NumberList<Int> = NumberList([32, 64])

    @Option(help: ArgumentHelp("Seeds, comma-separated.", valueName: "list"))
    var seeds: NumberList<UInt64> = NumberList([0])

    @OptionGroup var output: OutputOptions

    func validate() throws {
        if options.validation.isEmpty {
            throw ValidationError("search needs --validation: it is what tells the best cell")
        }
        for rate in learningRates.values {
            try SpecializeOptions.require(rate > 0 && rate.isFinite, "--learning-rates", "positive", rate)
        }
        for size in batchSizes.values {
            try options.requireNegatives(batchSize: size, option: "--batch-sizes")
            try options.requireWholeGroups(batchSize: size)
        }
    }

    func run() throws {
        StopRequest.install()
        let checkpoint = try Checkpoint(folder: options.model)
        let cells = learningRates.values.flatMap { rate in
            batchSizes.values.flatMap { size in
                seeds.values.map { SearchCell(learningRate: rate, batchSize: size, seed: $0) }
            }
        }
        let first = try SpecializeSettings(
            options, checkpoint, learningRate: cells[0].learningRate, batchSize: cells[0].batchSize, seed: cells[0].seed
        )
        let inputs = try SpecializeInputs(first, checkpoint: checkpoint)
        output.remark(SpecializeReport.opening(first, inputs))
        try FolderCreation.create(options.out)
        var results: [(cell: SearchCell, result: SearchCell.Result)] = []
        var vanilla: ValidationScores?
        for (number, cell) in cells.enumerated() {
            output.remark("cell \(number + 1) of \(cells.count): \(cell.name)")
            let settings = try SpecializeSettings(
                options, checkpoint, learningRate: cell.learningRate, batchSize: cell.batchSize, seed: cell.seed)
            let result = try perform(cell, settings, inputs, vanilla: vanilla)
            if case .scored(_, let base) = result { vanilla = base }
            results.append((cell, result))
        }
        let report = SearchReport(results, out: options.out)
        try ResultStream.standardOutput.write(output.json ? report.json.line + "\n" : report.text)
        if report.best == nil { throw ExitStatus.failedCheck.code }
    }

    /// A cell that diverges is a result of the search, not its end.
    private func perform(
        _ cell: SearchCell, _ settings: SpecializeSettings, _ inputs: SpecializeInputs, vanilla: ValidationScores?
    ) throws -> SearchCell.Result {
        do {
            let run = try SpecializeRun(
                settings, inputs: inputs, resume: true, vanilla: vanilla, out: "\(options.out)/\(cell.name)",
                quiet: output.quiet, remark: { output.remark($0) })
            if !run.state.finished { try run.perform() }
            guard let best = run.state.best, let base = run.state.vanilla else {
                return .diverged("nothing was scored")
            }
            return .scored(best, vanilla: base)
        } catch let error as SpecializeError {
            guard case .diverged = error else { throw error }
            output.remark(error.description)
            return .diverged(error.description)
        }
    }
}

/// One combination of a search's grid.
struct SearchCell: Equatable {
    enum Result {
        case scored(TrainingState.Best, vanilla: ValidationScores)
        /// The loss or a gradient ceased to be a number.
        case diverged(String)
    }

    let learningRate: Double
    let batchSize: Int
    let seed: UInt64

    /// Name of its folder: "lr-5e-06-batch-32-seed-0".
    var name: String { "lr-\(learningRate)-batch-\(batchSize)-seed-\(seed)" }
}

/// Comma-separated numbers on a command line, none of them twice.
struct NumberList<Number: LosslessStringConvertible & Hashable & Sendable>: ExpressibleByArgument, Sendable {
    let values: [Number]

    init(_ values: [Number]) { self.values = values }

    init?(argument: String) {
        let parts = argument.split(separator: ",", omittingEmptySubsequences: false).map { part in
            Number(String(part.filter { $0 != " " }))
        }
        let numbers = parts.compactMap { $0 }
        guard !numbers.isEmpty, numbers.count == parts.count, Set(numbers).count == numbers.count else { return nil }
        values = numbers
    }

    var defaultValueDescription: String { values.map { "\($0)" }.joined(separator: ",") }
}
