import Console
import Diagnostics
import Encoder
import Evaluation

#if canImport(Glibc)
import Glibc
#endif

/// One training from its beginning, or from a saved state, to its end.
///
/// What step s does depends on the settings, the inputs and s alone (`TrainingSteps`); so a run that was killed and
/// resumed ends with the bytes of one that was not.
final class TrainingRun {
    let task: any TrainingTask
    let plan: StepPlan
    let folder: RunFolder
    private(set) var state: TrainingState
    /// Whether nothing was found to go on with.
    let isNew: Bool
    private var loaded: TrainableTransformer?
    private let log: MetricsLog
    private let schedule: LearningRateSchedule
    private let progress: TrainingProgress
    private let remark: (String) -> Void
    private let steps: TrainingSteps
    private var lastSave = monotonicSeconds()

    /// - Parameters:
    ///   - vanilla: scores of the unspecialised model when somebody has them already (cells of a search).
    ///   - remark: takes a line for people.
    /// - Throws: `SpecializeError`, `CheckpointError`, `SystemFault`.
    init(
        _ task: any TrainingTask, resume: Bool, vanilla: ValidationScores? = nil, out: String, quiet: Bool,
        remark: @escaping (String) -> Void
    ) throws {
        self.task = task
        self.remark = remark
        let settings = task.settings
        plan = StepPlan(
            examples: task.exampleCount, batchSize: settings.batchSize,
            accumulation: settings.gradientAccumulation, epochs: settings.epochs, maxSteps: settings.maxSteps)
        folder = RunFolder(out)
        let current = task.settingsRows
        if let found = try folder.open(resume: resume) {
            let differences = found.differences(from: current)
            guard differences.isEmpty else {
                throw SpecializeError.otherSettings(folder: folder.path, differences: differences)
            }
            state = found
            isNew = false
        } else {
            state = TrainingState(settings: current)
            state.vanilla = vanilla
            isNew = true
        }
        // From here on the folder is a run's, whatever happens next.
        if isNew { try state.write(folder.statePath) }
        try folder.removeLeftovers(keeping: state)
        log = try MetricsLog(folder: folder.path, terms: task.terms, position: state.position, remark: remark)
        if log.position.metrics < state.position.metrics || log.position.events < state.position.events {
            // Rows added from here on must not be taken for those that were lost.
            state.position = log.position
            try state.write(folder.statePath)
        }
        schedule = LearningRateSchedule(
            peak: settings.learningRate, shape: settings.schedule,
            warmupSteps: settings.warmup < 1
                ? Int((settings.warmup * Double(plan.totalSteps)).rounded()) : Int(settings.warmup),
            totalSteps: plan.totalSteps)
        steps = TrainingSteps(task, plan: plan, schedule: schedule)
        progress = TrainingProgress(task, plan: plan, state: state, quiet: quiet)
    }

    /// Loaded by `perform`: a finished run needs no model.
    private var model: TrainableTransformer {
        guard let loaded else { preconditionFailure("the model is used before perform() has loaded it") }
        return loaded
    }

    private var settings: TrainingSettings { task.settings }

    /// Keeps beside the last state that was good why there is none after it.
    func keepDivergence(_ why: String) throws {
        var last = try TrainingState.read(folder.statePath)
        last.diverged = why
        try last.write(folder.statePath)
    }

    /// Trains to the end.
    /// - Throws: `ConsoleError.stopped` after saving, when asked to stop; `SpecializeError.diverged`; `SystemFault`.
    func perform() throws {
        guard !state.finished else { return }
        do {
            try performUnlessDiverged()
        } catch let found as TrainingSteps.Divergence {
            progress.end()
            throw SpecializeError.diverged(
                what: found.what, step: found.step, learningRate: found.learningRate, kept: keptText)
        }
    }

    /// - Throws: `TrainingSteps.Divergence`, with nothing said of what is kept.
    private func performUnlessDiverged() throws {
        state.diverged = nil
        let model = try TrainableTransformer(
            task.checkpoint, method: settings.method, threads: settings.threads)
        loaded = model
        defer { loaded = nil }
        if let said = task.checkpoint.remark { remark(said) }
        if let engine = state.engine {
            try model.restoreState(from: folder.enginePath(engine))
            remark("going on from step \(Quantity.grouped(state.step)) of \(Quantity.grouped(plan.totalSteps))")
        }
        try validateVanilla()
        while state.step < plan.totalSteps {
            try validateIfDue()
            if isOutOfPatience { break }
            try checkForStop()
            let step = state.step + 1
            let done = try steps.take(step, model)
            try log.add(done.row)
            progress.trained(done.row, tokens: done.tokens, examples: done.examples)
            state.step = step
            state.lastScores = nil
            if saveIsDue { try save() }
        }
        try validateIfDue()
        try finish()
    }

    private var keptText: String {
        var parts: [String] = []
        if let best = state.best { parts.append("the best checkpoint (step \(best.step)) is in \(folder.path)") }
        if savedStep > 0 { parts.append("the state of step \(savedStep) is in \(folder.path)/state") }
        return parts.isEmpty ? "nothing was saved yet" : parts.joined(separator: ", ")
    }

    // MARK: validation

    private func validateVanilla() throws {
        guard task.validation != nil, state.validatedStep < 0 else { return }
        if state.vanilla == nil {
            // Before the first step a model trained in full is the vanilla one; fresh adapters change vectors a little.
            state.vanilla =
                settings.method != .full
                ? try score(ParallelEncoder(task.checkpoint.engine(), threads: settings.threads))
                : try score(model.encoder)
        }
        state.validatedStep = 0
        if let vanilla = state.vanilla {
            try log.add(vanilla, step: 0, epoch: 0)
            remark(
                "vanilla: "
                    + vanilla.pairs.map { "\($0.pair) MRR \(Quantity.fixed($0.mrr, places: 4))" }.joined(
                        separator: ", "))
        }
        try save()
    }

    private func validateIfDue() throws {
        guard task.validation != nil, state.step > 0, state.validatedStep < state.step,
            plan.validates(after: state.step, every: settings.validateEvery), let vanilla = state.vanilla
        else { return }
        let scores = try score(model.encoder).relative(to: vanilla)
        state.validatedStep = state.step
        state.lastScores = scores
        try log.add(scores, step: state.step, epoch: plan.epochs(after: state.step))
        let isBest = state.best.map { scores.meanGain > $0.scores.meanGain } ?? true
        state.withoutGain = isBest ? 0 : state.withoutGain + 1
        progress.validated(scores, isBest: isBest)
        let values = scores.pairs.map {
            "\($0.pair) \(Quantity.fixed($0.mrr, places: 4)) (\(Self.percent($0.gain)))"
        }
        remark(
            "step \(Quantity.grouped(state.step)), epoch \(Quantity.fixed(plan.epochs(after: state.step), places: 2)): "
                + values.joined(separator: ", ") + ", mean gain \(Self.percent(scores.meanGain))"
                + (isBest ? ", best" : ""))
        guard isBest else { return }
        state.best = TrainingState.Best(step: state.step, scores: scores)
        try publish(kind: "best", step: state.step, scores: scores)
    }

    static func percent(_ gain: Double) -> String {
        (gain >= 0 ? "+" : "") + Quantity.fixed(gain * 100, places: 1) + " %"
    }

    private func score(_ encoder: ParallelEncoder) throws -> ValidationScores {
        guard let validation = task.validation else { return ValidationScores(pairs: []) }
        do {
            return try validation.score(encoder) { tokens in
                progress.validating(tokens: tokens)
                try checkForStop()
            }
        } catch EvaluationError.unusableVector {
            throw TrainingSteps.Divergence(
                what: "a validation vector", step: state.step, learningRate: schedule.rate(step: max(1, state.step)))
        }
    }

    private var isOutOfPatience: Bool { settings.patience.map { state.withoutGain >= $0 } ?? false }

    // MARK: saving

    private var savedStep: Int {
        state.engine.flatMap { Int($0.dropFirst("engine-".count).prefix { $0.isNumber }) } ?? 0
    }

    private var saveIsDue: Bool {
        switch settings.saveEvery {
        case .steps(let count): state.step % count == 0
        case .units(let minutes): monotonicSeconds() - lastSave >= minutes * 60
        }
    }

    private func checkForStop() throws {
        guard StopRequest.isMade else { return }
        try save()
        progress.end()
        throw ConsoleError.stopped(
            advice:
                "step \(state.step) of \(plan.totalSteps) is saved; the same command with --resume goes on from there")
    }

    /// Writes the engine's state under a name of its own, then the small file that names it: a kill leaves the old
    /// state or the new one.
    private func save() throws {
        try steps.requireSoundWeights(model, after: state.step)
        try log.flush()
        let old = state.engine
        if state.step > 0 && savedStep != state.step {
            let name = "engine-\(state.step)"
            try model.saveState(to: folder.enginePath(name))
            state.engine = name
        }
        state.position = log.position
        do {
            try state.write(folder.statePath)
        } catch {
            state.engine = old
            throw error
        }
        if let old, old != state.engine { unlink(folder.enginePath(old)) }
        lastSave = monotonicSeconds()
    }

    private func publish(kind: String, step: Int, scores: ValidationScores?) throws {
        try steps.requireSoundWeights(model, after: state.step)
        try folder.publish { try writeCheckpoint(to: $0, kind: kind, step: step, scores: scores) }
    }

    private func writeCheckpoint(to path: String, kind: String, step: Int, scores: ValidationScores?) throws {
        let moment = TrainingMoment(plan: plan, vanilla: state.vanilla, step: step, kind: kind, scores: scores)
        let record = task.record(moment), card = task.card(moment)
        try model.writeCheckpoint(
            to: path, extraFiles: [TrainingRecord.fileName: record.line + "\n", ModelCard.fileName: card.text])
        guard settings.method == .full else { return }
        let files = SentenceTransformersFiles(
            task.checkpoint.configuration, task.specialTokens, lacksPooler: task.checkpoint.lacksPooler)
        for (name, text) in files.all {
            if name.contains("/") { try FolderCreation.create("\(path)/\(name.split(separator: "/")[0])") }
            try folder.write(name, text, in: path)
        }
    }

    private func finish() throws {
        if task.validation == nil {
            try publish(kind: "last", step: state.step, scores: nil)
        } else {
            try writeCheckpoint(to: folder.lastPath, kind: "last", step: state.step, scores: state.lastScores)
        }
        try log.flush()
        let engine = state.engine
        state.engine = nil
        state.finished = true
        state.position = log.position
        try state.write(folder.statePath)
        if let engine { unlink(folder.enginePath(engine)) }
        progress.end()
    }
}
