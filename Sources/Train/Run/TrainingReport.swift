import Console
import Files

extension TrainingRun {
    /// What a command does with its task: trains to the end, or on to it from where a run was left, and says what came
    /// of it.
    /// - Parameter started: when the command began, by `monotonicSeconds`.
    /// - Throws: as `init` and `perform`.
    static func complete(
        _ task: any TrainingTask, resume: Bool, out: String, output: OutputOptions, since started: Double
    ) throws {
        let run = try TrainingRun(
            task, resume: resume, out: out, quiet: output.quiet, remark: { output.remark($0) })
        if resume && run.isNew { output.remark("\(run.folder.path): no run to resume, beginning one") }
        if run.state.finished { output.remark("\(run.folder.path): this run is finished") }
        try run.perform()
        let report = TrainingReport(run: run, elapsedSeconds: monotonicSeconds() - started)
        let stream = ResultStream.standardOutput
        try output.json ? stream.write(report.json.line + "\n") : stream.write(report: report.text)
    }
}

/// What a finished run says of itself.
struct TrainingReport {
    let run: TrainingRun
    let elapsedSeconds: Double

    var json: JSONValue {
        let state = run.state
        return [
            "out": .text(run.folder.path), "steps": .integer(state.step),
            "epochs": .number(run.plan.epochs(after: state.step)),
            run.task.counts.key: run.task.counts.value,
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
