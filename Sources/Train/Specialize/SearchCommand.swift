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

            On several machines: --cells says how many cells there are, --cell i trains one of them, and --choose \
            shows which is best when all are done; all with the same other options.

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

    @Option(help: ArgumentHelp("Train this cell alone, counted from 0 in the order of the grid.", valueName: "i"))
    var cell: Int?

    @Flag(help: "Say how many cells the grid has; train nothing.")
    var cells = false

    @Flag(help: "Show the best of the cells that were trained one by one; status 75 when some are not done.")
    var choose = false

    @OptionGroup var output: OutputOptions

    /// Rates outermost, seeds innermost.
    private var grid: [SearchCell] {
        learningRates.values.flatMap { rate in
            batchSizes.values.flatMap { size in
                seeds.values.map { SearchCell(learningRate: rate, batchSize: size, seed: $0) }
            }
        }
    }

    func validate() throws {
        guard [cell != nil, cells, choose].count(where: { $0 }) <= 1 else {
            throw ValidationError("--cell, --cells and --choose exclude one another.")
        }
        if let cell, !grid.indices.contains(cell) {
            throw ValidationError("--cell: expected a cell of 0 to \(grid.count - 1), found \(cell)")
        }
        if options.training.validation.isEmpty {
            throw ValidationError("search needs --validation: it is what tells the best cell")
        }
        for rate in learningRates.values {
            try TrainingOptions.require(rate > 0 && rate.isFinite, "--learning-rates", "positive", rate)
        }
        for size in batchSizes.values {
            try options.requireNegatives(batchSize: size, option: "--batch-sizes")
            try options.requireWholeGroups(batchSize: size)
        }
    }

    func run() throws {
        let cells = grid
        if self.cells { return try sayCells(cells) }
        StopRequest.install()
        let checkpoint = try Checkpoint(folder: options.model)
        let settings = try cells.map {
            try SpecializeSettings(
                options, checkpoint, learningRate: $0.learningRate, batchSize: $0.batchSize, seed: $0.seed)
        }
        let inputs = try SpecializeInputs(settings[cell ?? 0], checkpoint: checkpoint)
        output.remark(SpecializeReport.opening(settings[cell ?? 0], inputs))
        let results =
            choose
            ? try finished(cells, settings, inputs)
            : try train(cell.map { [$0] } ?? Array(cells.indices), of: cells, settings, inputs)
        let report = SearchReport(results, out: options.out)
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.json.line + "\n") : stream.write(report: report.text)
        // One cell that diverged is done; a search without a score has failed.
        if report.best == nil, cell == nil { throw ExitStatus.failedCheck.code }
    }

    private func sayCells(_ cells: [SearchCell]) throws {
        if output.json {
            try ResultStream.standardOutput.write([
                "cells": .integer(cells.count), "array": .text("0-\(cells.count - 1)"),
                "folders": .array(cells.map { .text("\(options.out)/\($0.name)") }),
            ])
        } else {
            try ResultStream.standardOutput.write("\(cells.count)\n")
        }
    }

    private func train(
        _ numbers: [Int], of cells: [SearchCell], _ settings: [SpecializeSettings], _ inputs: SpecializeInputs
    ) throws -> [(cell: SearchCell, result: SearchCell.Result)] {
        try FolderCreation.create(options.out)
        var vanilla: ValidationScores?
        return try numbers.map { number in
            let cell = cells[number]
            output.remark("cell \(number + 1) of \(cells.count): \(cell.name)")
            let result = try perform(cell, settings[number], inputs, vanilla: vanilla)
            if case .scored(_, let base) = result { vanilla = base }
            return (cell, result)
        }
    }

    /// What the cells' states say, when all have come to an end.
    /// - Throws: `SpecializeError.missingCells`, `.otherSettings`, `.unreadableState`.
    private func finished(
        _ cells: [SearchCell], _ settings: [SpecializeSettings], _ inputs: SpecializeInputs
    ) throws -> [(cell: SearchCell, result: SearchCell.Result)] {
        var missing: [Int] = []
        var results: [(cell: SearchCell, result: SearchCell.Result)] = []
        for (number, cell) in cells.enumerated() {
            let folder = RunFolder("\(options.out)/\(cell.name)")
            guard try FolderCreation.exists(folder.statePath) else {
                missing.append(number)
                continue
            }
            let state = try TrainingState.read(folder.statePath)
            let differences = state.differences(from: SpecializeTask(settings[number], inputs: inputs).settingsRows)
            guard differences.isEmpty else {
                throw SpecializeError.otherSettings(folder: folder.path, differences: differences)
            }
            if let why = state.diverged {
                results.append((cell, .diverged(why)))
            } else if state.finished {
                results.append((cell, SearchCell.Result(state)))
            } else {
                missing.append(number)
            }
        }
        guard missing.isEmpty else {
            throw SpecializeError.missingCells(
                folder: options.out, missing: LayerNumbers.text(missing), count: missing.count, total: cells.count)
        }
        return results
    }

    /// A cell that diverges is a result of the search, not its end.
    private func perform(
        _ cell: SearchCell, _ settings: SpecializeSettings, _ inputs: SpecializeInputs, vanilla: ValidationScores?
    ) throws -> SearchCell.Result {
        let run = try TrainingRun(
            SpecializeTask(settings, inputs: inputs), resume: true, vanilla: vanilla,
            out: "\(options.out)/\(cell.name)",
            quiet: output.quiet, remark: { output.remark($0) })
        do {
            if !run.state.finished { try run.perform() }
            return SearchCell.Result(run.state)
        } catch let error as SpecializeError {
            guard case .diverged = error else { throw error }
            output.remark(error.description)
            try run.keepDivergence(error.description)
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

        /// Of a run that is finished.
        init(_ state: TrainingState) {
            if let best = state.best, let vanilla = state.vanilla {
                self = .scored(best, vanilla: vanilla)
            } else {
                self = .diverged("nothing was scored")
            }
        }
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
