import Console
import Encoder
import Kernels

/// The optimiser steps of a run: batches forward and back, the gradient clipped, the weights changed.
///
/// What a step does depends on the task, the step's number and the model alone; how far the training has come is the
/// run's to know.
final class TrainingSteps {
    /// Something that must be finite no longer is.
    struct Divergence: Error {
        let what: String
        let step: Int
        let learningRate: Double
    }

    /// What a step came to.
    struct Outcome {
        let row: MetricsLog.Step
        /// Specials included.
        let tokens: Int
        let examples: Int
    }

    private let task: any TrainingTask
    private let plan: StepPlan
    private let schedule: LearningRateSchedule
    private let vectors = FloatBuffer()
    private let gradients = FloatBuffer()
    /// Of the last batch, for a look at what the weights have become.
    private var probe: TokenSequence?

    init(_ task: any TrainingTask, plan: StepPlan, schedule: LearningRateSchedule) {
        self.task = task
        self.plan = plan
        self.schedule = schedule
    }

    /// Takes a step.
    /// - Parameter step: from 1.
    /// - Throws: `Divergence`, what the task throws.
    func take(_ step: Int, _ model: TrainableTransformer) throws -> Outcome {
        let started = monotonicSeconds()
        let (epoch, ranges) = plan.batches(step: step)
        let rate = schedule.rate(step: step)
        model.zeroGradients()
        var sum = BatchOutcome(), cosine = 0.0, count = 0, tokens = 0
        for (micro, range) in ranges.enumerated() {
            let sequences = task.batch(epoch: epoch, range)
            let size = sequences.count * model.dimension
            vectors.reserve(size)
            gradients.reserve(size)
            model.forward(sequences, dropout: dropout(step, micro), into: vectors.pointer)
            guard Vectors.areFinite(vectors.pointer, count: size) else {
                throw Divergence(what: "a vector", step: step, learningRate: rate)
            }
            let outcome = try task.evaluate(
                vectors: vectors.pointer, dimension: model.dimension, into: gradients.pointer)
            guard outcome.loss.isFinite else { throw Divergence(what: "the loss", step: step, learningRate: rate) }
            model.backward(gradients.pointer)
            sum.loss += outcome.loss
            sum.comparisons += outcome.comparisons
            if outcome.comparisons > 0 { cosine += outcome.cosine * Double(outcome.comparisons) }
            count += range.count
            tokens += sequences.reduce(0) { $0 + $1.ids.count }
            probe = sequences.first
        }
        var scale = 1 / Double(ranges.count)
        let norm = model.gradientNorm() * scale
        guard norm.isFinite else { throw Divergence(what: "the gradient", step: step, learningRate: rate) }
        // torch.nn.utils.clip_grad_norm_
        if let limit = task.settings.clipNorm { scale *= min(1, limit / (norm + 1e-6)) }
        model.applyAdamW(
            AdamWUpdate(
                step: step, learningRate: rate, weightDecay: task.settings.weightDecay, gradientScale: scale))
        let row = MetricsLog.Step(
            step: step, epoch: plan.epochs(after: step), loss: sum.loss / Double(ranges.count), learningRate: rate,
            examplesPerSecond: Double(count) / max(monotonicSeconds() - started, 1e-9),
            cosine: sum.comparisons > 0 ? cosine / Double(sum.comparisons) : .nan, gradientNorm: norm)
        return Outcome(row: row, tokens: tokens, examples: count)
    }

    private func dropout(_ step: Int, _ micro: Int) -> DropoutKey? {
        let settings = task.settings, configuration = task.checkpoint.configuration
        let highest = settings.dropout ?? Double(configuration.dropout.highest)
        guard highest > 0 else { return nil }
        return DropoutKey(
            seed: settings.seed, step: UInt64(step) << 16 | UInt64(micro),
            probability: settings.dropout.map { Float($0) })
    }

    /// A state whose weights give no vectors any more must not take a good one's place.
    /// - Parameter step: the last that was taken.
    /// - Throws: `Divergence`.
    func requireSoundWeights(_ model: TrainableTransformer, after step: Int) throws {
        guard let probe else { return }
        vectors.reserve(model.dimension)
        model.encoder.encode([probe], into: vectors.pointer)
        guard Vectors.areFinite(vectors.pointer, count: model.dimension) else {
            throw Divergence(what: "a vector", step: step + 1, learningRate: schedule.rate(step: step))
        }
    }
}
