import Console
import Files

/// What a finished run says of itself.
struct TrainingReport {
    let run: TrainingRun
    /// What became of the texts it was to learn from.
    let read: JSONValue.Member
    let elapsedSeconds: Double

    init(_ run: TrainingRun, read: JSONValue.Member, elapsedSeconds: Double) {
        self.run = run
        self.read = read
        self.elapsedSeconds = elapsedSeconds
    }

    var json: JSONValue {
        let state = run.state
        return [
            "out": .text(run.folder.path), "steps": .integer(state.step),
            "epochs": .number(run.plan.epochs(after: state.step)),
            read.key: read.value,
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
                + "\(TrainingRun.percent(best.scores.meanGain))"
                + (best.scores.meanGain > 0 ? "\n" : " (no validation was above vanilla)\n")
        }
        output +=
            "\(run.folder.path): \(Quantity.counted(state.step, "step")), "
            + "\(Quantity.fixed(run.plan.epochs(after: state.step), places: 2)) epochs in "
            + "\(Quantity.duration(seconds: elapsedSeconds))\n"
        return output
    }
}
