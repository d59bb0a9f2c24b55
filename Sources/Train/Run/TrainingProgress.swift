import Console

/// The progress bar of a run, with what a person wants to see beside it: loss, gains, time left.
///
/// The bar's weight is tokens; a token trained counts three times one that is only encoded (forward, and twice that
/// backward).
final class TrainingProgress {
    private let bar: any ProgressReporter
    private var loss = ""
    private var gain = ""
    private var ended = false
    private static let trainingWeight = 3.0

    init(_ task: any TrainingTask, plan: StepPlan, state: TrainingState, quiet: Bool) {
        let settings = task.settings
        let perStep =
            Self.trainingWeight * task.meanTokens
            * Double(min(settings.batchSize * settings.gradientAccumulation, task.exampleCount))
        let perValidation = Double(task.validation?.tokenCount ?? 0)
        let done =
            Double(max(0, state.step)) * perStep
            + perValidation
            * Double(
                task.validation == nil
                    ? 0
                    : (state.validatedStep < 0 ? 0 : 1) + plan.validations(every: settings.validateEvery)
                        - plan.validations(every: settings.validateEvery, after: state.step))
        let validations = task.validation == nil ? 0 : 1 + plan.validations(every: settings.validateEvery)
        let total = Double(plan.totalSteps) * perStep + perValidation * Double(validations)
        bar =
            quiet
            ? SilentProgress() : ProgressBar(title: task.terms.title, totalWeight: total, itemUnit: task.terms.examples)
        if done > 0 { bar.skip(weight: done) }
        if let best = state.best { gain = "  best \(TrainingRun.percent(best.scores.meanGain))" }
    }

    func trained(_ row: MetricsLog.Step, tokens: Int, examples: Int) {
        loss = "epoch \(Quantity.fixed(row.epoch, places: 2))  loss \(Quantity.fixed(row.loss, places: 3))"
        bar.phase(loss + gain)
        bar.advance(weight: Self.trainingWeight * Double(tokens), items: examples)
    }

    func validating(tokens: Int) {
        bar.phase(loss.isEmpty ? "validating" : loss + gain + "  validating")
        bar.advance(weight: Double(tokens), items: 0)
    }

    func validated(_ scores: ValidationScores, isBest: Bool) {
        if isBest { gain = "  best \(TrainingRun.percent(scores.meanGain))" }
    }

    func end() {
        if !ended { bar.finish() }
        ended = true
    }
}
