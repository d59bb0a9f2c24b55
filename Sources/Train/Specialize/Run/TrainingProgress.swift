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

    init(_ settings: SpecializeSettings, inputs: SpecializeInputs, plan: StepPlan, state: TrainingState, quiet: Bool) {
        let perStep =
            Self.trainingWeight * inputs.constraints.meanTokens * 2
            * Double(min(settings.batchSize * settings.gradientAccumulation, inputs.constraints.count))
        let perValidation = Double(inputs.validation?.tokenCount ?? 0)
        let done =
            Double(max(0, state.step)) * perStep
            + perValidation
            * Double(
                inputs.validation == nil
                    ? 0
                    : (state.validatedStep < 0 ? 0 : 1) + plan.validations(every: settings.validateEvery)
                        - plan.validations(every: settings.validateEvery, after: state.step))
        let validations = inputs.validation == nil ? 0 : 1 + plan.validations(every: settings.validateEvery)
        let total = Double(plan.totalSteps) * perStep + perValidation * Double(validations)
        bar = quiet ? SilentProgress() : ProgressBar(title: "specialize", totalWeight: total, itemUnit: "pairs")
        if done > 0 { bar.skip(weight: done) }
        if let best = state.best { gain = "  best \(SpecializeRun.percent(best.scores.meanGain))" }
    }

    func trained(_ row: MetricsLog.Step, tokens: Int, pairs: Int) {
        loss = "epoch \(Quantity.fixed(row.epoch, places: 2))  loss \(Quantity.fixed(row.loss, places: 3))"
        bar.phase(loss + gain)
        bar.advance(weight: Self.trainingWeight * Double(tokens), items: pairs)
    }

    func validating(tokens: Int) {
        bar.phase(loss.isEmpty ? "validating" : loss + gain + "  validating")
        bar.advance(weight: Double(tokens), items: 0)
    }

    func validated(_ scores: ValidationScores, isBest: Bool) {
        if isBest { gain = "  best \(SpecializeRun.percent(scores.meanGain))" }
    }

    func end() {
        if !ended { bar.finish() }
        ended = true
    }
}
