import Console
import Files

/// What a finished run says of itself.
struct SpecializeReport {
    let run: SpecializeRun
    let elapsedSeconds: Double

    init(_ run: SpecializeRun, elapsedSeconds: Double) {
        self.run = run
        self.elapsedSeconds = elapsedSeconds
    }

    /// The line before training starts.
    static func opening(_ settings: SpecializeSettings, _ inputs: SpecializeInputs) -> String {
        let constraints = inputs.constraints
        var text =
            "\(Quantity.counted(constraints.count, "constraint")) of \(Quantity.grouped(constraints.synsetCount)) "
            + "synsets and \(Quantity.grouped(constraints.pairNames.count)) language pairs"
        let left = constraints.counts.members.dropFirst().dropLast().filter { $0.count > 0 }
        if !left.isEmpty {
            text += "; left out: " + left.map { "\(Quantity.grouped($0.count)) \($0.name)" }.joined(separator: ", ")
        }
        if constraints.counts.truncatedSequences > 0 {
            text +=
                "; \(Quantity.counted(constraints.counts.truncatedSequences, "sequence")) cut to "
                + "\(settings.maximumLength) tokens"
        }
        if constraints.counts.unknown > 0 {
            text +=
                "; \(Quantity.grouped(constraints.counts.unknown)) hold a word that is only the unknown token: "
                + "leave out the languages this checkpoint cannot write (docs/specialize.md)"
        }
        return text
    }

    var json: JSONValue {
        let state = run.state
        return [
            "out": .text(run.folder.path), "steps": .integer(state.step),
            "epochs": .number(run.plan.epochs(after: state.step)),
            "constraints": run.inputs.constraints.counts.json,
            "vanilla": state.vanilla.map(TrainingRecord.pairs) ?? .null,
            "best": state.best.map { best in
                [
                    "step": .integer(best.step), "gain": .number(best.scores.meanGain),
                    "validation": TrainingRecord.pairs(best.scores),
                ]
            } ?? .null,
            "last": state.lastScores.map(TrainingRecord.pairs) ?? .null,
            "seconds": .number(elapsedSeconds),
        ]
    }

    var text: String {
        let state = run.state
        var output = ""
        if let vanilla = state.vanilla, let best = state.best {
            var table = ResultTable(columns: [
                .init("pair"), .init("queries", .integer), .init("vanilla", title: "vanilla MRR", .decimal(places: 4)),
                .init("best", title: "best MRR", .decimal(places: 4)),
                .init("gain", title: "gain %", .decimal(places: 1)),
            ])
            for (base, score) in zip(vanilla.pairs, best.scores.pairs) {
                table.append([
                    .text(base.pair), .integer(base.queries), .number(base.mrr), .number(score.mrr),
                    .number(score.gain * 100),
                ])
            }
            output += table.shown
            output +=
                "best: step \(Quantity.grouped(best.step)) of \(Quantity.grouped(state.step)), mean gain "
                + "\(SpecializeRun.percent(best.scores.meanGain))"
                + (best.scores.meanGain > 0 ? "\n" : " (no validation was above vanilla)\n")
        }
        output +=
            "\(run.folder.path): \(Quantity.counted(state.step, "step")), "
            + "\(Quantity.fixed(run.plan.epochs(after: state.step), places: 2)) epochs in "
            + "\(Quantity.duration(seconds: elapsedSeconds))\n"
        return output
    }
}
