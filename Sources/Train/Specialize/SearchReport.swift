import Console
import Files

/// The table of a search: a row for each cell, in the order of the grid.
struct SearchReport {
    let results: [(cell: SearchCell, result: SearchCell.Result)]
    let out: String

    init(_ results: [(cell: SearchCell, result: SearchCell.Result)], out: String) {
        self.results = results
        self.out = out
    }

    /// The cell with the highest mean gain, the first of equals.
    var best: (cell: SearchCell, best: TrainingState.Best)? {
        var found: (cell: SearchCell, best: TrainingState.Best)?
        for (cell, result) in results {
            guard case .scored(let best, _) = result else { continue }
            if best.scores.meanGain > found?.best.scores.meanGain ?? -.infinity { found = (cell, best) }
        }
        return found
    }

    private var pairs: [String] {
        for (_, result) in results {
            if case .scored(let best, _) = result { return best.scores.pairs.map(\.pair) }
        }
        return []
    }

    var table: ResultTable {
        var table = ResultTable(
            columns: [
                .init("learning_rate", title: "rate"), .init("batch_size", title: "batch", .integer), .init("seed"),
                .init("step", title: "best step", .integer), .init("gain", title: "gain %", .decimal(places: 1)),
            ] + pairs.map { .init($0, title: "\($0) MRR", .decimal(places: 4)) } + [.init("folder")])
        for (cell, result) in results {
            let head: [JSONValue] = [.text("\(cell.learningRate)"), .integer(cell.batchSize), .text("\(cell.seed)")]
            switch result {
            case .scored(let best, _):
                table.append(
                    head + [.integer(best.step), .number(best.scores.meanGain * 100)]
                        + best.scores.pairs.map { .number($0.mrr) } + [.text(cell.name)])
            case .diverged:
                table.append(head + [.null, .null] + pairs.map { _ in .null } + [.text(cell.name)])
            }
        }
        return table
    }

    var text: String {
        table.shown
            + (best.map {
                "best: rate \($0.cell.learningRate), batch \($0.cell.batchSize), seed \($0.cell.seed), mean gain "
                    + "\(TrainingRun.percent($0.best.scores.meanGain)): \(out)/\($0.cell.name)\n"
            } ?? "no cell reached a score\n")
    }

    var json: JSONValue {
        [
            "cells": .array(
                results.map { cell, result in
                    let head: [JSONValue.Member] = [
                        .init(key: "learning_rate", value: .number(cell.learningRate)),
                        .init(key: "batch_size", value: .integer(cell.batchSize)),
                        .init(key: "seed", value: .text("\(cell.seed)")),
                        .init(key: "folder", value: .text("\(out)/\(cell.name)")),
                    ]
                    switch result {
                    case .scored(let best, let vanilla):
                        return .object(
                            head + [
                                .init(key: "step", value: .integer(best.step)),
                                .init(key: "gain", value: .number(best.scores.meanGain)),
                                .init(key: "vanilla", value: TrainingRecord.pairs(vanilla)),
                                .init(key: "validation", value: TrainingRecord.pairs(best.scores)),
                            ])
                    case .diverged(let why):
                        return .object(head + [.init(key: "diverged", value: .text(why))])
                    }
                }),
            "best": best.map { .text("\(out)/\($0.cell.name)") } ?? .null,
        ]
    }
}
